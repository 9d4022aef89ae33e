"""Evidence packs: entries with whatever proves them, in files that can be checked without the portal."""
