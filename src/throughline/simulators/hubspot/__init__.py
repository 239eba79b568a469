"""A HubSpot account in small: objects, their properties, pipelines, associations, and webhooks."""
