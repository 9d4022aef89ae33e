"""A package of its own name: canaille installs one that is called `tests`, too, and would take its place."""
