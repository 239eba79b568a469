"""The outcomes, one file for each system that they are true in."""
