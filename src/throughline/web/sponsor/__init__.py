"""The Sponsor's desk, and its work orders by link."""
