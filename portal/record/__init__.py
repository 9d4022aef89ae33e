"""The record as an installation runs it: signed, watched, shown to others, and pruned when its time has come."""
