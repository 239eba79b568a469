"""Statements of work: read, written, compared, signed off."""
