"""What the recipes of the Makefile need in Python."""
