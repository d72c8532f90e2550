"""`make bench` (ARGS="road size" for some only)."""

from __future__ import annotations

import importlib
import os
import sys

import structlog

PARTS = ("road", "telegram", "mail", "sms", "size", "cost")


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for name in sys.argv[1:] or PARTS:
        sys.stdout.write(f"--- {name} · {os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} before\n")
        for line in importlib.import_module(f"benchmarks.{name}").run():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


main()
