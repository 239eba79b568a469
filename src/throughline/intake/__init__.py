"""What the world says, read into our words."""
