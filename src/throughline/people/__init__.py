"""Users, what each role may do, and signed links for those without an account."""
