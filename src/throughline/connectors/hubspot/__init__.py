"""HubSpot: a thin client, its webhooks' signatures, and how its values are spelled."""
