"""What people decide about a handoff, and the look that shows what there is to decide."""
