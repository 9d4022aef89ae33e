"""Getting in and out: names and passwords, proofs step by step, sessions, and what somebody has enrolled."""
