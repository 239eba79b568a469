"""Outside systems, one each: what must be true there, and how it is seen and made so."""
