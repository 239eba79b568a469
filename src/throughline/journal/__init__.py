"""What happened: an append-only record."""
