"""Throughline carries an agreement from deal to delivery to renewal."""

__version__ = "0.1.0"
