"""The web server for webhooks: what a sender gets in every case, and what a monitor reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client

from bots import console
from core.channels import Request, Response, Route
from core.errors import StorageUnavailable
from core.office import Office, now_utc
from core.storage.engine import open_database
from lapor.ingress import BODY_LIMIT_BYTES, Ingress


class WithWebhook:
    """The terminal's channel with a webhook added: what comes in is kept here, what goes out is set by the test."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.raises: Exception | None = None
        self._door = console.build(console.Settings())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    def routes(self, accept: object) -> tuple[Route, ...]:
        return (Route("POST", "/hook", self._handle),)

    def _handle(self, request: Request) -> Response:
        self.got.append(request)
        if self.raises:
            raise self.raises
        return Response(200)


@pytest.fixture
def door() -> WithWebhook:
    return WithWebhook()


@pytest.fixture
def web(office: Office, door: WithWebhook) -> Client:
    return Client(Ingress(office, {"console": door}, lambda raws: (), now_utc))


def test_a_webhook_gets_its_query_as_it_came(web: Client, door: WithWebhook) -> None:
    assert web.post("/hook?text=%00h%D8%3D%DE%00&coding=2").status_code == 200
    assert door.got[0].query_bytes == b"text=%00h%D8%3D%DE%00&coding=2", "UTF-16 is no UTF-8: no byte may be lost"


def test_a_webhook_gets_the_request_in_plain_words(web: Client, door: WithWebhook) -> None:
    answer = web.post("/hook?id=7", data=b"\x00body", headers={"X-Secret": "s"})
    assert (answer.status_code, answer.data) == (200, b"")
    (request,) = door.got
    assert (request.method, request.path, request.query["id"], request.body) == ("POST", "/hook", "7", b"\x00body")
    assert request.headers["x-secret"] == "s"


def test_a_sender_repeats_while_the_database_is_away(web: Client, door: WithWebhook) -> None:
    door.raises = StorageUnavailable("away")
    assert web.post("/hook").status_code == 503


def test_a_defect_answers_500_and_the_next_request_is_served(web: Client, door: WithWebhook) -> None:
    door.raises = ZeroDivisionError()
    assert web.post("/hook").status_code == 500
    door.raises = None
    assert web.post("/hook").status_code == 200


def test_other_paths_and_methods_are_not_there(web: Client) -> None:
    assert web.get("/nothing").status_code == 404
    assert web.get("/hook").status_code == 405


def test_a_body_over_the_limit_is_refused_unread(office: Office) -> None:
    accepted: list[int] = []

    class Reads(WithWebhook):
        def _handle(self, request: Request) -> Response:
            accepted.append(len(request.body))
            return Response(200)

    web = Client(Ingress(office, {"console": Reads()}, lambda raws: (), now_utc))
    assert web.post("/hook", data=b"x" * (BODY_LIMIT_BYTES + 1)).status_code == 413
    assert accepted == []


def test_alive_and_ready_are_said_in_codes(web: Client) -> None:
    assert web.get("/healthz").status_code == 200
    ready = web.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert ready.json["ready"] is True
    assert ready.json["lanes_waiting"] == 0


def test_it_is_not_ready_while_the_database_is_away(office: Office, door: WithWebhook) -> None:
    away = replace(office, database=open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    web = Client(Ingress(away, {"console": door}, lambda raws: (), now_utc))
    assert web.get("/readyz").status_code == 503
    assert web.get("/healthz").status_code == 200
