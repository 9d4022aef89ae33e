"""New passwords: what they must be like, which are known to attackers, and what is watched once they are set."""
