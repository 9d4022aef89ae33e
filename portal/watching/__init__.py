"""Looks through what was written to the record for what an honest day does not bring, and tells supervisors."""
