"""Engagements, projects, services, deliverables, evidence, verification."""
