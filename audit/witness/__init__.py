"""A witness of logs (C2SP tlog-witness), for a machine of the auditor's own, and how the log asks one."""
