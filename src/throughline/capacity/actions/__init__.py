"""What people and the line do with capacity."""
