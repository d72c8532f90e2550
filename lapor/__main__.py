"""`python -m lapor`."""

import os

from lapor import logs
from lapor.cli import app

os.umask(0o077)  # what people wrote is nobody else's on this machine: database, files, mails, spool
logs.configure()
app(prog_name="lapor")
