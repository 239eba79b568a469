"""GitHub: issues, sub-issues, labels and Projects."""
