"""What auditors do: find entries of the record, look at one, note what they make of it. They change nothing else."""
