"""What writes rows of what HubSpot says: records, people, orders, merges, mappings."""
