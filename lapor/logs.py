"""Logging: one line an event, ids and codes only, to standard error."""

from __future__ import annotations

import logging
import os
import sys

import structlog

_QUIET = {
    "httpx": logging.WARNING,  # its INFO lines hold whole URLs, and a URL may hold a token
    "httpcore": logging.WARNING,
    "apscheduler": logging.WARNING,
    "waitress": logging.WARNING,
    "waitress.queue": logging.ERROR,
    "alembic": logging.WARNING,
}


def configure() -> None:
    """`LAPOR_LOG=debug|info|warning|error` (default info), `LAPOR_LOG_FORMAT=json` for machines."""
    level = getattr(logging, os.environ.get("LAPOR_LOG", "info").upper(), logging.INFO)
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))
    as_json = os.environ.get("LAPOR_LOG_FORMAT") == "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
