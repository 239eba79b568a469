"""What people do with costs, fees and months."""
