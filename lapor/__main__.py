"""`python -m lapor`."""

from lapor import logs
from lapor.cli import app

logs.configure()
app(prog_name="lapor")
