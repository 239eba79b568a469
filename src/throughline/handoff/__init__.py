"""What the world must become: outcomes, plans, passes."""
