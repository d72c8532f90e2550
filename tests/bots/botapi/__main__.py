"""`python -m tests.bots.botapi --port N [--token T] [--log FILE]`: runs until SIGINT or SIGTERM, prints its URL first."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.bots.botapi import TOKEN, BotApi


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.bots.botapi")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--token", default=TOKEN)
    arguments.add_argument("--log", type=Path)
    arguments.add_argument("--any-chat", action="store_true", help="every chat id exists")
    given = arguments.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with BotApi(given.token, port=given.port, log=given.log) as server:
        server.any_chat(given.any_chat)
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
