"""How long accounts are kept: the dates one may ask for, who answers for whom, and the mails before an end."""
