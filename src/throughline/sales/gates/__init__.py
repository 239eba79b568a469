"""What must hold before a deal enters a stage. Gates read; they never write or call out."""
