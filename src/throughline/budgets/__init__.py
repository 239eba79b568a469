"""Which accounts must be armed, and which are."""
