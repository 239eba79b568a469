"""Reading things from their rows, many at a time: for the index, and again when they are shown."""
