"""What the cloud costs, who pays it, and what was sent."""
