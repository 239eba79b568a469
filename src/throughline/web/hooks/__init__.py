"""Doors for other systems: what they send is proved, kept, and read later."""
