"""The ladder of notices, lapse, and agreements against what runs."""
