"""When people are at work, by when they answer, and what happens if they do not."""
