"""Mail as a door."""
