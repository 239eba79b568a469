"""Searching everything, and the keys of pages."""
