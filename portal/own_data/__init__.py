"""What people keep up themselves: private addresses, telephone numbers and SSH keys."""
