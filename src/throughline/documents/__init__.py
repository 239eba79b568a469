"""Stored files, each under the hash of its content."""
