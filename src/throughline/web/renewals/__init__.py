"""What ends when, and agreements against what runs."""
