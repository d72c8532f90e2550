"""Who may call our ingress, what is stored of a call, and what is answered: a 200 with words would be sent to the citizen."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from bots import sms
from bots.sms.gateway import GATEWAYS, Gateway, Hook
from bots.sms.gateways.basic import password_is
from bots.sms.gateways.twilio import signature
from bots.sms.model import Answer, Ask, Message, Report
from bots.sms.wire import Kind
from core.channels import Check, Delivery, InboundKind, Outbound, Outcome, Request, Surroundings
from tests.bots.contract import Inbox, Ingress
from tests.bots.sms.doors import PHONE, KannelDoor, TwilioDoor
from tests.bots.sms.gatewayserver import Reply, Server
from tests.bots.sms.smsbox import SECRET
from tests.bots.sms.twilioapi import NUMBER, TOKEN, signed

TEXT = {"id": "c-1", "from": PHONE, "to": "1708", "text": "lampu mati", "charset": "UTF-8", "coding": "0"}


def basic(password: str, user: str = "kannel") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


# --- Kannel ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, target, headers, body",
    [
        ("GET", f"?{urlencode(TEXT)}", basic(SECRET), b""),
        ("GET", f"?{urlencode(TEXT)}", basic(SECRET, "anybody"), b""),
        ("GET", f"?secret={SECRET}&{urlencode(TEXT)}", {}, b""),
        ("POST", "", basic(SECRET) | {"content-type": "application/x-www-form-urlencoded"}, urlencode(TEXT).encode()),
        ("POST", f"?id=c-1&from=%2B{PHONE[1:]}", basic(SECRET) | {"content-type": "text/plain"}, b"lampu mati"),
    ],
    ids=["get", "any user", "secret in a field", "form", "its own post"],
)
def test_kannel_brings_a_text(kannel: KannelDoor, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    answer = kannel.ingress.respond(method, f"/sms/kannel{target}", headers, body)
    assert (answer.status, answer.body) == (200, b"")
    (raw,) = kannel.inbox.raws()
    (inbound,) = kannel.inbox.inbounds(kannel.channel)
    assert (raw.source_id, inbound.text, inbound.sender.address) == ("c-1", "lampu mati", PHONE)
    assert SECRET.encode() not in raw.body
    assert kannel.channel.health.last_success_at is not None


@pytest.mark.parametrize(
    "headers",
    [{}, basic("wrong"), basic(""), basic(SECRET + "x"), {"authorization": "Basic !!!"}, {"authorization": f"Bearer {SECRET}"},
     {"authorization": "Basic \udcff"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/sms/kannel", "/sms/kannel/status"])
def test_nobody_else_brings_anything(kannel: KannelDoor, path: str, headers: dict[str, str]) -> None:
    for field in ("", "&secret=", "&secret=wrong"):
        answer = kannel.ingress.respond("GET", f"{path}?{urlencode(TEXT)}&type=1{field}", headers, b"")
        assert (answer.status, answer.body) == (403, b"")
    assert kannel.inbox.raws() == []


def test_a_report_comes_to_the_message_it_names(kannel: KannelDoor) -> None:
    kannel.channel.send(Outbound("3f" * 16 + ".0", PHONE, "halo"))
    asked = kannel.smsbox.sent[0].query
    assert asked["dlr-mask"] == "31"
    filled = asked["dlr-url"].replace("%d", "1").replace("%A", "").replace("%%", "%")
    found = re.fullmatch(r"http://kannel:(?P<secret>[^@]+)@(?P<host>[^/]+)(?P<target>/.*)", filled)
    assert found is not None
    assert (found["secret"], f"http://{found['host']}") == (SECRET, kannel.ingress.url)
    assert PHONE[1:] not in filled, "no citizen's number in an address"
    answer = kannel.ingress.respond("GET", found["target"], basic(SECRET), b"")
    assert (answer.status, answer.body) == (200, b"")
    (inbound,) = kannel.inbox.inbounds(kannel.channel)
    assert inbound.receipt is not None
    assert (inbound.receipt.vendor_id, inbound.receipt.outcome) == ("3f" * 16 + ".0", Outcome.DELIVERED)


def test_while_the_store_is_away_kannel_hears_503_and_health_says_so(kannel: KannelDoor) -> None:
    kannel.inbox.away = True
    assert kannel.bring(1, "halo") == 503
    assert kannel.channel.health.trouble == "storage"
    kannel.inbox.away = False
    assert kannel.bring(1, "halo") == 200
    assert kannel.channel.health.trouble is None


@given(st.text(max_size=40), st.binary(max_size=40))
def test_an_empty_secret_lets_nobody_in(authorization: str, field: bytes) -> None:
    assert not password_is("", authorization, field, b"")


# --- Twilio ------------------------------------------------------------------------------------------------------------------

FORM = {"MessageSid": "SM" + "a" * 32, "From": PHONE, "To": NUMBER, "Body": "jalan rusak & gelap", "NumMedia": "0"}


def test_twilio_brings_a_signed_text_and_hears_an_empty_answer(twilio: TwilioDoor) -> None:
    headers, body = signed(f"{twilio.ingress.url}/sms/twilio", FORM)
    answer = twilio.ingress.respond("POST", "/sms/twilio", headers, body)
    assert (answer.status, answer.content_type) == (200, "text/xml")
    assert answer.body.endswith(b"<Response/>")
    (inbound,) = twilio.inbox.inbounds(twilio.channel)
    assert (inbound.text, inbound.source_id) == ("jalan rusak & gelap", "SM" + "a" * 32)


def test_what_is_not_signed_so_is_not_taken(twilio: TwilioDoor) -> None:
    url = f"{twilio.ingress.url}/sms/twilio"
    headers, body = signed(url, FORM)
    forgeries = [
        ({}, body),
        (headers | {"x-twilio-signature": ""}, body),
        (headers | {"x-twilio-signature": "\udcff"}, body),
        (headers, body + b"&Extra=1"),
        (headers, body.replace(b"rusak", b"bagus")),
        (signed(url, FORM, token="another")[0], body),
        (signed(f"{url}/status", FORM)[0], body),
        (headers, b"&".join(b"a%d=" % number for number in range(1000))),
    ]
    for forged_headers, forged_body in forgeries:
        assert twilio.ingress.answer("POST", "/sms/twilio", forged_headers, forged_body) == 403
    assert twilio.inbox.raws() == []


@pytest.mark.parametrize("written", ["", ":80"])
def test_a_signature_with_or_without_the_usual_port_is_the_same(written: str) -> None:
    inbox = Inbox()
    settings = {"enabled": True, "gateway": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": TOKEN}
    channel = sms.build(sms.Settings.model_validate(settings), Surroundings("http://lapor.example.id"))
    headers, body = signed(f"http://lapor.example.id{written}/sms/twilio", FORM)
    (route, _) = channel.routes(inbox)
    assert route.handle(Request("POST", "/sms/twilio", {}, headers, body, "")).status == 200


def test_a_report_of_twilio_comes_to_the_message_it_names(twilio: TwilioDoor) -> None:
    sent = twilio.channel.send(Outbound("3f.0", PHONE, "halo"))
    assert sent.vendor_id == "3f.0"
    callback = twilio.api.sent[0].form["StatusCallback"]
    assert callback == f"{twilio.ingress.url}/sms/twilio/status?key=3f.0"
    form = {"MessageSid": sent.detail, "MessageStatus": "delivered", "To": PHONE}
    headers, body = signed(callback, form)
    target = callback.removeprefix(twilio.ingress.url)
    assert twilio.ingress.answer("POST", target.replace("3f", "4f"), headers, body) == 403
    assert twilio.ingress.answer("POST", target, headers, body) == 200
    (inbound,) = twilio.inbox.inbounds(twilio.channel)
    assert inbound.receipt is not None
    assert (inbound.receipt.vendor_id, inbound.receipt.outcome) == ("3f.0", Outcome.DELIVERED)


FORMS = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=12)), max_size=6).map(MultiDict)


@given(FORMS, st.text(max_size=12))
def test_our_signature_is_the_vendors_own(form: MultiDict[str, str], token: str) -> None:
    url = "https://lapor.example.id/sms/twilio?key=3f.0"
    body = urlencode(list(form.items(multi=True))).encode()
    assert signature(token, url, body).decode() == RequestValidator(token).compute_signature(url, form)


@given(st.binary(max_size=200))
def test_any_body_has_a_signature(body: bytes) -> None:
    assert isinstance(signature("t", "https://x.example/", body), bytes)


# --- anything at all ---------------------------------------------------------------------------------------------------------

HEADERS = st.dictionaries(
    st.sampled_from(
        ["authorization", "content-type", "x-kannel-from", "x-kannel-to", "x-kannel-udh", "x-kannel-time", "x-kannel-coding",
         "x-twilio-signature"]
    ),
    st.text(max_size=20)
    | st.sampled_from([basic(SECRET)["authorization"], "application/x-www-form-urlencoded", 'text/plain; charset="UTF-16BE"']),
)  # fmt: skip
AT_REST = [
    sms.build(sms.Settings.model_validate(given), Surroundings("https://lapor.example.id"))
    for given in (
        {"enabled": True, "username": "u", "password": "p", "secret": SECRET},
        {"enabled": True, "gateway": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": TOKEN},
    )
]


@settings(max_examples=200)
@given(HEADERS, st.binary(max_size=80), st.binary(max_size=80), st.booleans())
def test_any_call_is_refused_or_stored_and_answered_without_words(
    headers: dict[str, str], query: bytes, body: bytes, sign: bool
) -> None:
    for channel in AT_REST:
        inbox = Inbox()
        for route in channel.routes(inbox):
            url = f"https://lapor.example.id{route.path}{'?' + query.decode('latin-1') if query else ''}"
            own = {"authorization": basic(SECRET)["authorization"], "x-twilio-signature": signature(TOKEN, url, body).decode()}
            given = headers | (own if sign else {})
            answer = route.handle(Request(route.method, route.path, {}, given, body, "", query))
            assert answer.status in ((200,) if sign else (200, 403))
            assert b"Message" not in answer.body
        for raw in inbox.raws():
            assert SECRET.encode() not in raw.body
            with contextlib.suppress(ValueError):
                channel.parse(raw.body, raw.source_id)


# --- settings ----------------------------------------------------------------------------------------------------------------

GOOD = {"enabled": True, "username": "u", "password": "p", "secret": "s" * 16}


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"username": ""}, "username: set it"),
        ({"password": ""}, "password: set it"),
        ({"secret": ""}, "secret: set 16"),
        ({"secret": "short"}, "secret: set 16"),
        ({"secret": "with@sign-and-more-letters"}, "secret: set 16"),
        ({"gateway": "pigeon"}, "gateway: must be one of kannel, twilio"),
        ({"gateway": "twilio"}, "account_sid: set it"),
        ({"gateway": "twilio", "account_sid": "AC" + "0" * 32}, "auth_token: set it"),
        ({"number": "seventeen hundred and eight"}, "in quotes"),
        ({"country": "XX"}, "country"),
        ({"send_url": "http://user:pass@host/"}, "without user"),
        ({"typo": 1}, "typo"),
    ],
)
def test_a_wrong_setting_names_its_key_and_remedy_and_no_secret(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as error:
        sms.Settings.model_validate(GOOD | wrong)
    assert words in str(error.value)
    assert "s" * 16 not in str(error.value)


def test_what_another_gateway_needs_is_not_asked_for() -> None:
    sms.Settings.model_validate(GOOD)
    sms.Settings.model_validate({"enabled": True, "gateway": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": "t"})
    sms.Settings.model_validate({"gateway": "twilio"})  # off: nothing is asked


def test_a_number_without_quotes_is_still_text() -> None:
    assert sms.Settings.model_validate({"number": 1708}).number == "1708"


def test_what_a_gateway_can_do_is_what_the_channel_can_do(kannel: KannelDoor, twilio: TwilioDoor) -> None:
    assert (kannel.channel.capabilities.sender_repeats, kannel.channel.capabilities.media_in) == (True, False)
    assert (twilio.channel.capabilities.sender_repeats, twilio.channel.capabilities.media_in) == (False, True)
    without = sms.build(sms.Settings.model_validate(GOOD | {"receipts": False}))
    assert not without.capabilities.receipts


# --- a third gateway is one more file ----------------------------------------------------------------------------------------


class Merpati(Gateway):
    """A gateway made up for this test: JSON both ways, one path for texts and reports."""

    sender_repeats: ClassVar[bool] = False

    @staticmethod
    def read_message(payload: bytes) -> Message:
        given = json.loads(payload)
        return Message(given["id"], given["dari"], given["ke"], given["isi"])

    @staticmethod
    def read_report(payload: bytes) -> Report:
        given = json.loads(payload)
        return Report(given["id"], given["status"], {"sampai": Outcome.DELIVERED}.get(given["status"]))

    def hooks(self) -> Sequence[Hook]:
        return [Hook("POST", f"/sms/merpati/{kind}", kind, self._take) for kind in Kind]

    def _take(self, request: Request) -> bytes | None:
        secret = self.settings.secret.get_secret_value() if self.settings.secret else ""
        return request.body if password_is(secret, request.headers.get("authorization", "")) else None

    def ask_to_send(self, outbound: Outbound) -> Ask:
        return Ask("POST", self.settings.send_url, json={"id": outbound.key, "ke": outbound.address, "isi": outbound.text})

    def verdict(self, answer: Answer, outbound: Outbound) -> Delivery:
        return Delivery(Outcome.ACCEPTED if answer.status == 200 else Outcome.AGAIN, vendor_id=outbound.key)

    def ask_how_it_is(self) -> Ask:
        return Ask("GET", self.settings.send_url)

    def how_it_is(self, answer: Answer) -> Check:
        return Check("gateway", answer.status == 200, "Merpati answers.")


def test_a_third_gateway_is_one_more_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GATEWAYS, "merpati", f"{__name__}:Merpati")
    server = Server(lambda _: Reply(200, "{}", "application/json"))
    ingress, inbox = Ingress(), Inbox()
    settings = {"enabled": True, "gateway": "merpati", "send_url": server.url, "secret": SECRET}
    channel = sms.build(sms.Settings.model_validate(settings), Surroundings(ingress.url))
    ingress.routes.extend(channel.routes(inbox))
    try:
        texts = [json.dumps({"id": "1", "dari": "0812-3456-7890", "ke": "1708", "isi": "halo"}).encode(), b"[]", b"no json"]
        assert [ingress.answer("POST", "/sms/merpati/message", basic(SECRET), text) for text in texts] == [200, 200, 200]
        report = json.dumps({"id": "3f.0", "status": "sampai"}).encode()
        assert ingress.answer("POST", "/sms/merpati/status", basic(SECRET), report) == 200
        first, *broken, last = inbox.raws()
        assert (first.source_id, first.lane) == ("1", PHONE)
        assert channel.parse(first.body, "1").text == "halo"
        assert channel.parse(last.body, "x").kind is InboundKind.RECEIPT
        for raw in broken:
            with pytest.raises(ValueError):
                channel.parse(raw.body, raw.source_id)
        assert channel.send(Outbound("3f.0", PHONE, "Sudah dicatat")).outcome is Outcome.ACCEPTED
        assert json.loads(server.calls[0].body) == {"id": "3f.0", "ke": PHONE, "isi": "Sudah dicatat"}
        assert channel.check()[0].ok
    finally:
        channel.close()
        ingress.close()
        server.close()
