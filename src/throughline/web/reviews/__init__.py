"""What BD asks PS, and what PS answers."""
