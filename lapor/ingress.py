"""The web server for webhooks: mounts the routes that channels offer, and says whether we are alive and ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from sqlalchemy import func, select
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response as WebResponse

from core.channels import Accept, Channel, Request, Response, Route
from core.errors import StorageUnavailable
from core.office import Office
from core.storage import channelstates, schema
from core.storage.tables import inbox, lanes, outbox

log = structlog.get_logger()

BODY_LIMIT_BYTES = 1024 * 1024
_LATE_AFTER = timedelta(minutes=5)
"""A message that has waited so long says that nobody handles, or not fast enough."""
_JSON = "application/json"


class Ingress:
    """A WSGI application. Query strings, bodies and headers are never logged."""

    def __init__(self, office: Office, channels: Mapping[str, Channel], accept: Accept, clock: Callable[[], datetime]) -> None:
        self._office = office
        self._clock = clock
        self._routes: dict[str, dict[str, Route]] = {}
        for channel in channels.values():
            for route in channel.routes(accept):
                self._routes.setdefault(route.path, {})[route.method] = route

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = WebRequest(environ)
        request.max_content_length = BODY_LIMIT_BYTES
        answer = self._answer(request)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        body = b"" if request.method == "HEAD" else answer.body
        return WebResponse(body, answer.status, headers, content_type=answer.content_type)(environ, start_response)

    def _answer(self, request: WebRequest) -> Response:
        if request.path == "/healthz":
            return Response(200, b"alive\n")
        if request.path == "/readyz":
            return self._ready()
        routes = self._routes.get(request.path)
        if routes is None:
            return Response(404, b"not found\n")
        route = routes.get(request.method)
        if route is None:
            return Response(405, b"method not allowed\n")
        try:
            return route.handle(_plain(request))
        except (RequestEntityTooLarge, ClientDisconnected):
            return Response(413, b"too large\n")
        except StorageUnavailable:
            log.warning("ingress.storage_away", path=route.path)
            return Response(503, b"try again\n")
        except Exception as error:
            log.error("ingress.failed", path=route.path, error=type(error).__name__)  # noqa: TRY400 - a message may hold words
            return Response(500, b"failed\n")

    def _ready(self) -> Response:
        """Database, backlog, each channel's last success; 503 while the database is away or of another version."""
        try:
            report = readiness(self._office, now=self._clock())
        except StorageUnavailable:
            return Response(503, b'{"ready": false, "database": "away"}\n', _JSON)
        body = json.dumps(report, indent=1, default=str).encode() + b"\n"
        return Response(200 if report["ready"] else 503, body, _JSON)


def readiness(office: Office, *, now: datetime) -> dict[str, Any]:
    """What `/readyz` tells, in counts and codes."""
    current = schema.is_current(office.database)
    if not current:
        return {"ready": False, "database": "run lapor migrate"}
    with office.database.read() as conn:
        waiting = conn.execute(select(func.count(), func.min(lanes.c.ready_at)).where(lanes.c.ready_at <= now)).one()
        quarantined = conn.execute(select(func.count()).select_from(inbox).where(inbox.c.state == "quarantined")).scalar_one()
        leaving = conn.execute(
            select(outbox.c.channel, func.count()).where(outbox.c.state.in_(("waiting", "sending"))).group_by(outbox.c.channel)
        ).all()
        states = channelstates.every(conn)
    return {
        "ready": True,
        "database": "ok",
        "lanes_waiting": waiting[0],
        "oldest_waiting_since": waiting[1],
        "quarantined": quarantined,
        "outbox_waiting": {row[0]: row[1] for row in leaving},
        "channels": {
            each.channel: {"last_success_at": each.last_success_at, "trouble": each.trouble_at(now), "at": each.at}
            for each in states
        },
        "handling": "late" if waiting[1] is not None and now - waiting[1] > _LATE_AFTER else "ok",
    }


def _plain(request: WebRequest) -> Request:
    return Request(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        remote=request.remote_addr or "",
    )


def paths(routes: Sequence[Route]) -> list[str]:
    """For the start-up text."""
    return sorted({route.path for route in routes})
