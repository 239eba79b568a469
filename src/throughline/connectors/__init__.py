"""Thin clients of outside systems: the vendor's language over HTTP, and nothing of ours."""
