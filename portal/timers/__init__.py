"""What the portal does by itself at a set moment: ends what was given until a day, begins what had to wait."""
