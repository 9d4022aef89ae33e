"""The demo: the portal with everything around it that it needs, on one machine and with invented people."""
