"""How the service is doing."""
