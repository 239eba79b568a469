"""Prometheus: who used a hub."""
