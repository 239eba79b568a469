"""Deals, gates, reviews, statements of work, agreements, payers, the Sponsor's part."""
