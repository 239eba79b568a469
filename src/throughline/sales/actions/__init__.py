"""What people do with deals. Every action locks the deal first: what gates read is under it."""
