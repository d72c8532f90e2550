"""A web server that ends when it is told: waitress alone runs on for as long as anybody keeps a connection."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

import structlog

log = structlog.get_logger()

_LOOK_SECONDS, _ENDING_SECONDS = 1.0, 5.0


def serve(server: Any, stop: threading.Event) -> None:
    """Serves until `stop` and a word to `wake`; whoever is being answered then hears the end of it. Closes the server.

    A break that is none of ours (a socket that vanished) is served on after.
    """
    while not stop.is_set():
        _turn(server, _LOOK_SECONDS, stop)
    server.del_channel()  # whoever comes now waits in the queue, and is refused when the socket closes
    until = monotonic() + _ENDING_SECONDS
    while _answering(server) and monotonic() < until:
        _turn(server, 0.05, stop)
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.task_dispatcher.shutdown()
    server.close()


def wake(server: Any) -> None:
    """Lets the server look at once whether it shall stop."""
    try:
        server.pull_trigger()
    except (OSError, IndexError):
        return  # it has ended already


def _turn(server: Any, seconds: float, stop: threading.Event) -> None:
    try:
        server.asyncore.loop(timeout=seconds, map=server._map, use_poll=server.adj.asyncore_use_poll, count=1)
    except OSError as error:
        log.warning("web.broke", error=type(error).__name__)
        stop.wait(1.0)


def _answering(server: Any) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values()))
