"""HubSpot's page: how it is read, what stands for what, and what waits for a person."""
