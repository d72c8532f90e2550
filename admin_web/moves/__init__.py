"""What an official may do now: one form for each offer of the procedure, and carrying it out."""
