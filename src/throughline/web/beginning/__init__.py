"""The first steps, as pages."""
