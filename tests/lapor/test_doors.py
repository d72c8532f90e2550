"""The doors as parts of a service: by themselves on one database, and round a database that is away."""

from __future__ import annotations

import re
import socket
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from typer.testing import CliRunner

from core.config import Config, load
from core.office import Office, now_utc
from core.storage.tables import inbox, outbox
from lapor import demo, wiring
from lapor.cli import app
from lapor.serve import Service
from tests.acceptance.post import Correspondent
from tests.acceptance.test_two_processes import running
from tests.acceptance.world import free_port
from tests.bots.email.postoffice import PostOffice, words

ANYWHERE = "127.0.0.1:0"
PUBLIC = "https://lapor.kota.test"
TOKEN = "0123456789abcdef0123456789abcdef"
AWAY = "postgresql://nobody@127.0.0.1:1/nothing"
STORY = "Lampu jalan di depan SD Negeri 2 Sukamaju mati sejak Senin."
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
SMS: dict[str, Any] = {
    "enabled": True,
    "gateway": "twilio",
    "number": "+628111708000",
    "account_sid": "AC" + "0" * 32,
    "auth_token": TOKEN,
    "api_url": "http://127.0.0.1:1",
}


def written(file: Path, **settings: Any) -> Config:
    listen = {"desk": {"listen": ANYWHERE}, "ingress": {"listen": ANYWHERE}}
    file.write_text(yaml.safe_dump(listen | settings), encoding="utf-8")
    return load(file, environ={})


@pytest.fixture
def government(office: Office) -> None:
    """Somebody has to receive reports."""
    demo.fill(office, now=now_utc())


def until(ready: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- SMS --------------------------------------------------------------------------------------------------------------------


def served(config: Config, *parts: str) -> Service:
    channels = wiring.build_channels(config, wiring.enabled(config))
    service = Service(wiring.open_with_keys(config, wiring.capabilities(channels)), channels, parts)
    service.start()
    return service


def gateway_brings(service: Service, number: int, text: str) -> tuple[int, bytes]:
    fields = {"MessageSid": f"SM{number:032x}", "From": "+628123456789", "To": SMS["number"], "Body": text, "NumMedia": "0"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/sms/twilio", fields)
    asked = urllib.request.Request(
        f"{service.addresses['ingress']}/sms/twilio", urlencode(fields).encode(), {"X-Twilio-Signature": signature}
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.status, answer.read()


def test_texts_of_a_gateway_that_does_not_repeat_become_a_report_after_the_outage(config_file: Path, government: None) -> None:
    office = {"public_url": PUBLIC}
    service = served(written(config_file, office=office, channels={"sms": SMS}, database=AWAY), "ingress")
    try:
        answers = [gateway_brings(service, 1, STORY), gateway_brings(service, 2, "Jalan Melati nomor 3")]
        again = gateway_brings(service, 1, STORY)
    finally:
        service.stop()
    assert {status for status, _ in (*answers, again)} == {200}
    assert {CODE.search(body.decode()) for _, body in answers} == {None}

    service = served(written(config_file, office=office, channels={"sms": SMS}), "ingress", "worker")
    try:

        def handled() -> list[str]:
            with service.office.database.read() as conn:
                rows = conn.execute(select(inbox.c.source_id, inbox.c.state).order_by(inbox.c.id)).all()
            return [name for name, state in rows if state == "handled"]

        until(lambda: len(handled()) == 2)
        assert [name[-1] for name in handled()] == ["1", "2"]
        with service.office.database.read() as conn:
            assert conn.execute(select(outbox.c.channel).distinct()).scalars().all() == ["sms"]
    finally:
        service.stop()


# --- mail -------------------------------------------------------------------------------------------------------------------


def test_a_mail_listener_without_its_port_stops_the_start_in_one_sentence(config_file: Path, config: Config) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        written(config_file, channels={"email": {"enabled": True, "listen": where}})
        done = CliRunner().invoke(app, ["serve", "--config", str(config_file)])
    assert done.exit_code == 2
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("lapor:")]
    assert sentence.startswith(f"lapor: channels.email.listen: {where} cannot be used (Address already in use")
    assert sentence.endswith("choose another port")


@pytest.mark.timeout(120)
def test_mail_and_worker_in_processes_of_their_own_answer_a_mail(config_file: Path, government: None) -> None:
    door = ("127.0.0.1", free_port())
    with PostOffice() as office:
        relay = {"host": "127.0.0.1", "port": office.port}
        email = {"enabled": True, "listen": f"{door[0]}:{door[1]}", "address": "lapor@kota.test", "relay": relay}
        written(config_file, channels={"email": email})
        with running("run", "email", config=config_file) as mail, running("run", "worker", config=config_file) as worker:
            mail.until(lambda: "parts=email" in mail.output)
            worker.until(lambda: "parts=worker" in worker.output)
            siti = Correspondent("siti@contoh.test", door, office)
            siti.writes(STORY, subject="Lampu jalan mati")
            (answer,) = siti.waits()
            assert CODE.search(words(answer))
            for part in (mail, worker):
                part.process.terminate()
                assert part.process.wait(20) == 0
