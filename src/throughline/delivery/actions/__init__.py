"""What people do with engagements and deliverables."""
