"""What is new for an official."""
