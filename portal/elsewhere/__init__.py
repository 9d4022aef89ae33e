"""The same wish in the other systems in which a person has an account: one result for each, and each on record."""
