"""Beginning with an empty installation: the steps, computed from what is there."""
