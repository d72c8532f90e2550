"""The web server for webhooks: mounts the routes that channels offer, and says whether we are alive and ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response as WebResponse

from core.channels import Accept, Channel, Request, Response, Route
from core.errors import StorageUnavailable
from core.office import Office
from core.spool import Spool
from core.spooling import keeping
from lapor.readiness import readiness, spooled

log = structlog.get_logger()

BODY_LIMIT_BYTES = 1024 * 1024
_JSON = "application/json"


class Ingress:
    """A WSGI application. Query strings, bodies and headers are never logged."""

    def __init__(self, office: Office, channels: Mapping[str, Channel], accept: Accept, clock: Callable[[], datetime]) -> None:
        self._office = office
        self._clock = clock
        self._routes: dict[str, dict[str, Route]] = {}
        kept = keeping(accept, Spool(office.config.spool), clock)
        for channel in channels.values():
            for route in channel.routes(accept if channel.capabilities.sender_repeats else kept):
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
        """See `lapor/readiness.py`; 503 while the database is away or of another version."""
        try:
            report = readiness(self._office, now=self._clock())
        except StorageUnavailable:
            report = {"ready": False, "database": "away", "spool": spooled(self._office)}
        body = json.dumps(report, indent=1, default=str).encode() + b"\n"
        return Response(200 if report["ready"] else 503, body, _JSON)


def _plain(request: WebRequest) -> Request:
    return Request(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        remote=request.remote_addr or "",
        query_bytes=request.query_string,
    )


def paths(routes: Sequence[Route]) -> list[str]:
    """For the start-up text."""
    return sorted({route.path for route in routes})
