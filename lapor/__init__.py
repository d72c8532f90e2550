"""The front door: the command line, and the only package that knows every room."""
