"""Who is served: communities, their ids, their people and roles."""
