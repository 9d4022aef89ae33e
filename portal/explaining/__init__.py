"""Reason codes in plain words: what is so, what to do, who must act, and when it will work."""
