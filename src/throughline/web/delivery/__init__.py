"""Engagements, deliverables, verification."""
