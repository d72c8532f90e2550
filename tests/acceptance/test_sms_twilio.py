"""The other gateway, which does not bring anything twice: signed webhooks, the spool, callbacks, a photo (issue: SMS)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from tests.acceptance.city import AnyCity, Clock, free_port, furnish, wib
from tests.acceptance.smsworld import CODE
from tests.acceptance.test_sms_outage import away
from tests.bots.sms.twilioapi import NUMBER, SID, TOKEN, TwilioApi, signed

SITI, BUDI = "+6281234567890", "+6281298765432"
STORY = "LAPOR diminta 20rb buat kartu di puskesmas sukamaju"
GAPS = "1 kemarin pagi 2 x"


@dataclass
class Carrier:
    """What the city asks of its vendor: a text is kept, or refused, before the gateway hears an answer."""

    api: TwilioApi
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def pending(self) -> bool:
        return False

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + 2 * seconds
        while not ready():
            assert time.monotonic() < deadline, f"not within {2 * seconds} s"
            time.sleep(0.02)


class TwilioCity(AnyCity[Carrier]):
    """Its phones are the forms that the gateway posts."""

    def posts(self, path: str, form: dict[str, str], *, token: str = TOKEN) -> httpx.Response:
        url = self.service.addresses["ingress"] + path
        headers, body = signed(url, form, token)
        return httpx.post(url, headers=headers, content=body, timeout=20.0)

    def brings(self, text: str, sender: str = SITI, *, token: str = TOKEN, **media: str) -> httpx.Response:
        sid = f"SM{next(self.vendor.numbers):032x}"
        form = {"MessageSid": sid, "From": sender, "To": NUMBER, "Body": text, "NumMedia": str(len(media) // 2), **media}
        return self.posts("/sms/twilio", form, token=token)

    def reports_back(self, sent: int, status: str, **more: str) -> int:
        """What became of the text that was sent as the n-th, at the address that it named."""
        address = urlsplit(self.vendor.api.sent[sent].form["StatusCallback"])
        form = {"MessageSid": f"SM{sent + 1:032x}", "MessageStatus": status, **more}
        return self.posts(f"{address.path}?{address.query}", form).status_code

    def shown(self, sender: str = SITI) -> list[str]:
        self.quiet()
        return self.vendor.api.shown(sender)


@contextmanager
def open_twilio_city(url: str, folder: Path, passwords: dict[str, str] | None = None) -> Iterator[TwilioCity]:
    clock, api = Clock(wib(3, 13)), TwilioApi()
    door = {"gateway": "twilio", "number": NUMBER, "account_sid": SID, "auth_token": TOKEN, "api_url": api.url}
    door |= {"messages_per_second": 1000, "seconds_between": 0}
    service, passwords = furnish(url, folder, {"sms": door}, clock=clock, port=free_port(), passwords=passwords)
    city = TwilioCity(service, Carrier(api), clock, passwords)
    try:
        service.start()
        yield city
    finally:
        city.close()
        api.close()


@pytest.fixture
def twilio_city(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[TwilioCity]:
    own = tmp_path / "lapor.db"
    shutil.copyfile(furnished[0], own)
    with open_twilio_city(f"sqlite:///{own}", tmp_path, furnished[1]) as opened:
        yield opened


def test_a_text_becomes_a_report_and_its_receipt_reaches_the_phone(twilio_city: TwilioCity) -> None:
    city = twilio_city
    answer = city.brings(STORY)
    assert (answer.status_code, answer.text.endswith("<Response/>")) == (200, True)
    (receipt,) = city.shown()
    (code,) = CODE.findall(receipt)
    city.brings(GAPS)
    assert "lengkap" in city.shown()[-1]
    assert city.report(code)["state"] == "received"
    assert {row["state"] for row in city.rows("outbox")} == {"accepted"}


def test_a_wrong_signature_brings_nothing_in(twilio_city: TwilioCity) -> None:
    city = twilio_city
    assert city.brings(STORY, token="guessed").status_code == 403
    form = {"MessageSid": "SM" + "a" * 32, "From": SITI, "To": NUMBER, "Body": STORY}
    headers, body = signed(city.service.addresses["ingress"] + "/sms/twilio", form)
    url = city.service.addresses["ingress"] + "/sms/twilio"
    assert httpx.post(url, headers=headers, content=body.replace(b"20rb", b"90rb")).status_code == 403
    assert httpx.post(url + "?x=1", headers=headers, content=body).status_code == 403
    assert httpx.post(url, content=body).status_code == 403
    assert httpx.get(url).status_code == 405
    city.quiet()
    assert city.rows("inbox") == []
    assert httpx.post(url, headers=headers, content=body).status_code == 200
    assert httpx.post(url, headers=headers, content=body).status_code == 200, "brought once more by hand: the same text"
    assert len(city.shown()) == 1
    assert len(city.rows("inbox")) == 1


def test_status_callbacks_in_any_order_never_go_back(twilio_city: TwilioCity) -> None:
    city = twilio_city
    for sender in (SITI, BUDI):
        city.brings(STORY, sender)
        assert len(city.shown(sender)) == 1

    def states() -> list[str]:
        city.quiet()
        return [row["state"] for row in city.rows("outbox")]

    assert city.reports_back(0, "delivered") == 200
    assert states() == ["delivered", "accepted"]
    for late in ("sent", "queued", "undelivered", "failed"):
        assert city.reports_back(0, late, ErrorCode="30005") == 200
        assert states() == ["delivered", "accepted"]
    assert city.reports_back(1, "sent") == 200
    assert city.reports_back(1, "undelivered", ErrorCode="30003") == 200
    assert states() == ["delivered", "failed"]
    assert city.reports_back(1, "sent") == 200
    assert states() == ["delivered", "failed"]
    assert city.reports_back(1, "delivered") == 200
    assert states() == ["delivered", "delivered"], "the phone was off and is on again"


def test_a_photo_becomes_supporting_data(twilio_city: TwilioCity) -> None:
    city = twilio_city
    picture = BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(picture, "JPEG")
    address = city.vendor.api.file(picture.getvalue())
    city.brings("lampu jalan di Jl Melati Kota Contoh mati sejak Senin", MediaUrl0=address, MediaContentType0="image/jpeg")
    (receipt,) = city.shown()
    (code,) = CODE.findall(receipt)
    assert "ada bukti" not in receipt, "it is there"
    (kept,) = city.rows("attachments")
    assert kept["state"] == "stored"
    assert kept["report_id"] == city.report(code)["id"]
    assert city.official("nasional").open(f"/lampiran/{kept['id']}/unduh") == 200


def test_texts_that_come_while_the_database_is_away_wait_on_disk_and_go_in_in_their_order(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    with open_twilio_city(postgres_url, tmp_path) as city:
        city.brings(STORY)
        (code,) = CODE.findall(city.shown()[0])
        with away(postgres_server, postgres_url):
            answers = [city.brings(GAPS), city.brings("status"), city.brings(STORY, BUDI), city.brings("1 kemarin 2 x", BUDI)]
            assert {answer.status_code for answer in answers} == {200}
            assert {answer.text.endswith("<Response/>") for answer in answers} == {True}
            said = httpx.get(f"{city.service.addresses['ingress']}/readyz").json()
            assert (said["ready"], said["spool"]["waiting"]) == (False, 4)
            assert said["spool"]["oldest_at"] is not None
            spooled = list((tmp_path / "var/spool").rglob("*.raw"))
            assert len(spooled) == 4
            assert all(b"kemarin" not in path.read_bytes() for path in spooled), "what people write lies nowhere in the open"
        city.vendor.wait(lambda: len(city.rows("inbox")) == 5, 10)
        siti, budi = city.shown(), city.shown(BUDI)
        assert ["dicatat" in siti[0], "lengkap" in siti[1], siti[2].startswith(code)] == [True, True, True]
        assert ["dicatat" in budi[0], "lengkap" in budi[1]] == [True, True]
        assert httpx.get(f"{city.service.addresses['ingress']}/readyz").json()["spool"]["waiting"] == 0
        assert len(city.rows("reports")) == 2
