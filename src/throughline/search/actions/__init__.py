"""Keeping the index, and asking it."""
