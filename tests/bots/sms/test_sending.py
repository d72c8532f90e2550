"""What a gateway's answers mean, by the page that documents them, and what is said where no answer comes."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

import pytest

from bots import sms
from core.channels import Channel, Delivery, Fault, FetchState, FileRef, MediaKind, Outbound, Outcome, Surroundings
from tests.bots.sms.doors import PHONE, KannelDoor, TwilioDoor
from tests.bots.sms.gatewayserver import Reply, Server
from tests.bots.sms.twilioapi import ACCOUNT, error


def send(channel: Channel, text: str = "Sudah dicatat.", address: str = PHONE) -> Delivery:
    return channel.send(Outbound("3f.0", address, text))


def meaning(delivery: Delivery) -> tuple[Outcome, Fault | None]:
    return delivery.outcome, delivery.fault


# --- Kannel: user guide, "SMS push"; the sentences are smsbox 1.4.5's own ---------------------------------------------

TAKEN = (Outcome.ACCEPTED, None)
LATER = (Outcome.AGAIN, Fault.UNAVAILABLE)
REFUSED = (Outcome.FAILED, Fault.REFUSED)
OURS = (Outcome.AGAIN, Fault.UNAUTHORISED)
WHO_KNOWS = (Outcome.UNKNOWN, Fault.UNCERTAIN)


@pytest.mark.parametrize(
    "status, body, expected",
    [
        (202, "0: Accepted for delivery", TAKEN),
        (202, "3: Queued for later delivery", TAKEN),
        (200, "0: Accepted for delivery", TAKEN),
        (200, "Sent.", TAKEN),
        (403, "Authorization failed for sendsms", OURS),
        (403, "Not routable. Do not try again.", REFUSED),
        (503, "Temporal failure, try again later.", LATER),
        (400, "Missing receiver number, rejected", REFUSED),
        (400, "Charset or body misformed, rejected", REFUSED),
        (400, "Something new, rejected", REFUSED),
        (404, "Unknown request.", LATER),
        (302, "", LATER),
        (403, "<html><h1>Proxy: rejected</h1></html>", LATER),
        (407, "<html>proxy</html>", LATER),
        (500, "oops", WHO_KNOWS),
        (502, "<html>Bad gateway</html>", WHO_KNOWS),
        (504, "", WHO_KNOWS),
        (200, "<html>Welcome to nginx</html>", WHO_KNOWS),
        (200, "", WHO_KNOWS),
    ],
)
def test_answers_of_kannel(kannel: KannelDoor, status: int, body: str, expected: tuple[Outcome, Fault | None]) -> None:
    kannel.smsbox.faults.append(Reply(status, body))
    delivery = send(kannel.channel)
    assert meaning(delivery) == expected
    assert (delivery.vendor_id == "3f.0") == (delivery.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN))
    assert len(kannel.smsbox.calls) == 1, "one attempt"


def test_a_report_can_settle_what_was_uncertain(kannel: KannelDoor) -> None:
    kannel.smsbox.faults.append(Reply(0, drop=True))
    assert send(kannel.channel) == Delivery(
        Outcome.UNKNOWN, vendor_id="3f.0", fault=Fault.UNCERTAIN, detail="RemoteProtocolError"
    )


@pytest.mark.parametrize(
    "text, coding",
    [("Balas 1 SMS: [x] €5 ñ", None), ("2 Belum\n", None), ("“kutip”", "2"), ("😀", "2"), ("Δ_ΦΓ", None), ("ç", "2")],
)
def test_only_what_gsm_cannot_write_goes_as_ucs2(kannel: KannelDoor, text: str, coding: str | None) -> None:
    send(kannel.channel, text)
    query = kannel.smsbox.sent[0].query
    assert (query.get("coding"), query["charset"], query["text"]) == (coding, "UTF-8", text)


def test_without_receipts_none_are_asked_for() -> None:
    door = KannelDoor()
    settings = {"enabled": True, "receipts": False, "secret": "s" * 16, "username": "lapor", "password": "sandi-sendsms-fake"}
    channel = sms.build(
        sms.Settings.model_validate(settings | {"send_url": door.smsbox.send_url}), Surroundings(door.ingress.url)
    )
    try:
        assert send(channel).outcome is Outcome.ACCEPTED
        assert not [name for name in door.smsbox.sent[0].query if name.startswith("dlr")]
    finally:
        channel.close()
        door.shut()


# --- Twilio: docs/api/errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status, code, expected",
    [
        (400, 21211, (Outcome.FAILED, Fault.RECIPIENT_GONE)),  # invalid 'To'
        (400, 21614, (Outcome.FAILED, Fault.RECIPIENT_GONE)),  # no mobile number
        (400, 21610, (Outcome.FAILED, Fault.RECIPIENT_GONE)),  # sent STOP
        (400, 21612, REFUSED),  # no route from our number to theirs
        (400, 21617, REFUSED),  # too long
        (400, 29999, REFUSED),  # unknown: theirs to refuse
        (400, 21606, OURS),  # our 'From' cannot send
        (401, 20003, OURS),
        (403, 20005, OURS),
        (404, 20404, OURS),
        (429, 20429, (Outcome.AGAIN, Fault.THROTTLED)),
        (429, 63038, (Outcome.AGAIN, Fault.BUDGET)),
        (500, 20500, WHO_KNOWS),
        (503, 20503, WHO_KNOWS),
    ],
)
def test_errors_of_twilio(twilio: TwilioDoor, status: int, code: int, expected: tuple[Outcome, Fault | None]) -> None:
    twilio.api.faults.append(error(status, code, f"no way to {PHONE}"))
    delivery = send(twilio.channel)
    assert meaning(delivery) == expected
    assert delivery.detail == f"error_{code}"


@pytest.mark.parametrize(
    "reply, expected",
    [
        (Reply(401, "<html>"), OURS),
        (Reply(429, "<html>"), (Outcome.AGAIN, Fault.THROTTLED)),
        (Reply(403, "<html>proxy</html>"), LATER),
        (Reply(502, "<html>"), WHO_KNOWS),
        (Reply(201, "<html>"), WHO_KNOWS),
        (Reply(201, "[]"), WHO_KNOWS),
        (Reply(200, '{"sid": 7}'), WHO_KNOWS),
        (Reply(201, '{"sid": "SM1", "status": "queued"}'), TAKEN),
        (Reply(400, "[" * 60_000), LATER),
        (Reply(400, '{"code": true}'), LATER),
    ],
)
def test_answers_that_are_not_twilios(twilio: TwilioDoor, reply: Reply, expected: tuple[Outcome, Fault | None]) -> None:
    twilio.api.faults.append(reply)
    assert meaning(send(twilio.channel)) == expected


def test_twilio_says_how_long_to_wait(twilio: TwilioDoor) -> None:
    body = json.dumps({"code": 20429, "message": "Too Many Requests"})
    twilio.api.faults.append(Reply(429, body, headers={"Retry-After": "7"}))
    assert send(twilio.channel).retry_after_seconds == 7


def test_a_messaging_service_sends_in_the_numbers_place(twilio: TwilioDoor) -> None:
    settings = twilio.channel._settings.model_copy(update={"number": "MG" + "a" * 32})  # type: ignore[attr-defined]
    channel = sms.build(settings, Surroundings(twilio.ingress.url))
    try:
        assert send(channel).outcome is Outcome.ACCEPTED
        form = twilio.api.sent[0].form
        assert (form["MessagingServiceSid"], "From" in form) == ("MG" + "a" * 32, False)
    finally:
        channel.close()


# --- both: the network ------------------------------------------------------------------------------------------------


@pytest.fixture(params=["kannel", "twilio"])
def door(request: pytest.FixtureRequest) -> KannelDoor | TwilioDoor:
    opened: KannelDoor | TwilioDoor = request.getfixturevalue(request.param)
    return opened


def server(door: KannelDoor | TwilioDoor) -> Server:
    return door.smsbox if isinstance(door, KannelDoor) else door.api


@pytest.mark.parametrize("reply", [Reply(0, drop=True), Reply(202, "0: Accepted", hang=1.5)], ids=["closed", "silent"])
def test_what_may_have_left_is_unknown(door: KannelDoor | TwilioDoor, reply: Reply) -> None:
    server(door).faults.append(reply)
    delivery = send(door.channel)
    assert meaning(delivery) == WHO_KNOWS
    assert delivery.vendor_id == "3f.0"
    assert len(server(door).calls) == 1


def test_what_certainly_did_not_leave_is_tried_later(door: KannelDoor | TwilioDoor) -> None:
    server(door).close()
    assert meaning(send(door.channel)) == LATER
    assert door.channel.health.trouble == "unavailable"
    (line,) = door.channel.check()
    assert not line.ok


def test_a_gateway_that_drips_its_answer_does_not_hold_us(kannel: KannelDoor) -> None:
    kannel.smsbox.faults.append(Reply(202, "0: Accepted for delivery" * 100, drip=True))
    assert send(kannel.channel).outcome is Outcome.ACCEPTED, "its status was said"


def test_an_endless_answer_is_read_in_part(twilio: TwilioDoor) -> None:
    twilio.api.faults.append(Reply(200, "x" * 1_000_000))
    assert meaning(send(twilio.channel)) == WHO_KNOWS


@pytest.mark.parametrize("address", ["1708", "081234567890", "", "+62", "TELKOMSEL", "+6281234567890&x=1"])
def test_only_persons_numbers_are_written_to(door: KannelDoor | TwilioDoor, address: str) -> None:
    assert meaning(send(door.channel, address=address)) == (Outcome.FAILED, Fault.RECIPIENT_GONE)
    assert server(door).calls == []


def test_trouble_is_over_with_the_next_text_that_goes(door: KannelDoor | TwilioDoor) -> None:
    refused = Reply(403, "Authorization failed for sendsms") if isinstance(door, KannelDoor) else error(401, 20003)
    server(door).faults.append(refused)
    send(door.channel)
    assert door.channel.health.trouble == "unauthorised"
    assert send(door.channel).outcome is Outcome.ACCEPTED
    assert door.channel.health.trouble is None


@pytest.mark.parametrize(
    "reply, ok",
    [
        (None, True),
        (Reply(200, "<html>nginx"), False),
        (Reply(403, "Authorization failed for sendsms"), False),
        (error(401, 20003), False),
    ],
)
def test_the_check_sends_nothing_and_says_what_to_do(door: KannelDoor | TwilioDoor, reply: Reply | None, ok: bool) -> None:
    if reply is not None:
        server(door).faults.append(reply)
    (line,) = door.channel.check()
    assert line.ok is ok
    assert ok or "channels.sms" in line.message
    assert door.shown() == []


def test_many_threads_send_over_few_connections(door: KannelDoor | TwilioDoor) -> None:
    outcomes: list[Outcome] = []

    def some() -> None:
        outcomes.extend(send(door.channel).outcome for _ in range(10))

    threads = [threading.Thread(target=some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [Outcome.ACCEPTED] * 80
    assert len(door.shown()) == 80


def test_faults_tell_no_secret_and_no_number(
    door: KannelDoor | TwilioDoor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    for reply in (
        Reply(0, drop=True),
        Reply(500, PHONE),
        error(401, 20003, PHONE),
        Reply(403, "Authorization failed for sendsms"),
    ):
        server(door).faults.append(reply)
        said.append(send(door.channel, "rahasia sekali"))
    server(door).close()
    said += [send(door.channel, "rahasia sekali"), door.channel.check(), door.channel.health]
    spoken = capfd.readouterr()
    for secret in (*door.secrets, PHONE, PHONE[1:], "rahasia sekali"):
        assert secret not in repr(said)
        assert secret not in caplog.text + spoken.out + spoken.err


# --- files of Twilio --------------------------------------------------------------------------------------------------


def picture(door: TwilioDoor, content: bytes = b"\xff\xd8gambar") -> FileRef:
    return door.attach(content)


def test_a_picture_is_fetched_and_the_token_goes_to_no_other_host(twilio: TwilioDoor, tmp_path: Path) -> None:
    fetched = twilio.channel.fetch(picture(twilio), None, tmp_path / "into", 1000)
    assert (fetched.state, (tmp_path / "into").read_bytes()) == (FetchState.STORED, b"\xff\xd8gambar")
    assert "authorization" in twilio.api.calls[0].headers
    assert "authorization" not in twilio.api.store.calls[0].headers


@pytest.mark.parametrize(
    "reply, state",
    [
        (Reply(404), FetchState.GONE),
        (Reply(410), FetchState.GONE),
        (Reply(500), FetchState.PENDING),
        (Reply(0, drop=True), FetchState.PENDING),
        (Reply(307, headers={"Location": "ftp://evil.example/x"}), FetchState.REFUSED),
        (Reply(307, headers={"Location": "file:///etc/passwd"}), FetchState.REFUSED),
        (Reply(200, b"x" * 1001), FetchState.TOO_LARGE),
    ],
)
def test_what_becomes_of_a_picture_otherwise(twilio: TwilioDoor, tmp_path: Path, reply: Reply, state: FetchState) -> None:
    ref = picture(twilio)
    twilio.api.faults.append(reply)
    assert twilio.channel.fetch(ref, None, tmp_path / "into", 1000).state is state


def test_a_picture_that_is_moved_round_and_round_is_refused(twilio: TwilioDoor, tmp_path: Path) -> None:
    ref = picture(twilio)
    twilio.api.faults += [Reply(307, headers={"Location": twilio.api.url + ref.ref})] * 9
    assert twilio.channel.fetch(ref, None, tmp_path / "into", 1000).state is FetchState.REFUSED


@pytest.mark.parametrize("ref", ["https://evil.example/x", f"{ACCOUNT}.json", "//evil.example/2010-04-01", "/../x", ""])
def test_what_is_no_picture_of_twilio_is_asked_of_nobody(twilio: TwilioDoor, tmp_path: Path, ref: str) -> None:
    assert twilio.channel.fetch(FileRef(ref, MediaKind.PHOTO), None, tmp_path / "into", 1000).state is FetchState.GONE
    assert twilio.api.calls == []


def test_a_closed_channel_sends_and_fetches_nothing(twilio: TwilioDoor, tmp_path: Path) -> None:
    twilio.channel.close()
    assert meaning(send(twilio.channel)) == LATER
    assert twilio.channel.fetch(picture(twilio), None, tmp_path / "into", 1000).state is FetchState.PENDING
    (line,) = twilio.channel.check()
    assert not line.ok
