"""Outside systems in small, over real HTTP, for tests and demonstrations."""
