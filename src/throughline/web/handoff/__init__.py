"""Plan, apply, verify."""
