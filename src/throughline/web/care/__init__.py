"""Looking after the installation: what the doctor finds."""
