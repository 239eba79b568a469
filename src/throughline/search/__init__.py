"""Search: which thing has these words. It reads every room, and no room knows it."""
