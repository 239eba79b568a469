"""What writes rows of mail."""
