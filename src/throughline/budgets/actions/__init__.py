"""What people and handoffs do about budgets and alerts."""
