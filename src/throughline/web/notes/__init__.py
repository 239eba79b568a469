"""What BD holds, for PS to read."""
