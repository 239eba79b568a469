"""HubSpot, read into our words: what it says is taken in by the rooms that own the words."""
