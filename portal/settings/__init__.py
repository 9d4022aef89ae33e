"""Everything that differs between two installations; docs/settings.md is printed from it."""
