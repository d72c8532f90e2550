"""`python -m lapor`."""

from lapor.cli import app

app(prog_name="lapor")
