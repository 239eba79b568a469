"""Signing in and out, signed links, roles."""
