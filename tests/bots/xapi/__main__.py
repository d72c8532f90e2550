"""`python -m tests.bots.xapi --port N [--log FILE] [--handle NAME]`: runs until SIGINT or SIGTERM, prints its URL first."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.bots.xapi import XApi


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.bots.xapi")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--handle", default="lapor1708")
    arguments.add_argument("--log", type=Path)
    given = arguments.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with XApi(handle=given.handle, port=given.port, log=given.log) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
