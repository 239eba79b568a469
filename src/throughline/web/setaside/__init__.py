"""What was set aside or passed by, and what other rules would change."""
