"""What happened, and by which rules."""
