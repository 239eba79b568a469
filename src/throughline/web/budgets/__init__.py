"""Budgets and alerts: what clouds may cost, do cost, and what is done about it."""
