"""Settings, read once from the environment, and the table of addresses."""
