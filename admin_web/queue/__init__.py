"""What waits, and finding a report."""
