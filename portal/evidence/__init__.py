"""What leaves the portal as evidence: views of the record as files, and packs that prove themselves."""
