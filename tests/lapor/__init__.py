"""The front door: commands, ingress, demonstration."""
