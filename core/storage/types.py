"""Column types: instants in UTC and encrypted text."""
