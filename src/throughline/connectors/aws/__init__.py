"""Amazon Web Services: budgets of linked accounts, and what its notification service signs."""
