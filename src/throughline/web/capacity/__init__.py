"""Pages of capacity: the map, an answer, the team."""
