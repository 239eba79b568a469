"""The organisation's week: what is due or open from a day on, over all rooms, counted and listed."""
