"""Alerts of cloud providers: kept whole as they come, and read later into our words."""
