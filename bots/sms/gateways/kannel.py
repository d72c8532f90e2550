"""Kannel over HTTP: `sendsms` out, `get-url` or `post-url` in, delivery reports by `dlr-url` (kannel.org, user guide).

Tried against Kannel 1.4.5 (tests/bots/sms/test_real_kannel.py). docs/operations.md shows the kannel.conf that an office needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

from bots.sms import Settings
from bots.sms.charsets import UCS2, clean, decode
from bots.sms.gateway import Gateway, Hook, not_the_gateway
from bots.sms.gateways.basic import password_is
from bots.sms.model import Answer, Ask, Message, Report
from bots.sms.udh import is_for_a_machine, piece_of
from bots.sms.wire import Kind, fields, form, without
from core.alphabet import is_gsm
from core.channels import Check, Delivery, Fault, Outbound, Outcome, Request

PATH = "/sms/kannel"
EVERY_REPORT = "31"  # 1 delivered, 2 failed, 4 queued, 8 taken by the SMSC, 16 rejected by it
REPORTS: Mapping[int, Outcome] = {
    1: Outcome.DELIVERED,
    2: Outcome.FAILED,
    4: Outcome.ACCEPTED,
    8: Outcome.ACCEPTED,
    16: Outcome.FAILED,
}
REFUSALS: Mapping[str, tuple[Outcome, Fault]] = {
    "authorization failed": (Outcome.AGAIN, Fault.UNAUTHORISED),
    "not routable": (Outcome.FAILED, Fault.REFUSED),  # no route leads there; the address itself may be good
    "temporal failure": (Outcome.AGAIN, Fault.UNAVAILABLE),
    "sending failed": (Outcome.AGAIN, Fault.UNAVAILABLE),
    "missing receiver": (Outcome.FAILED, Fault.REFUSED),
    "sender missing": (Outcome.AGAIN, Fault.UNAUTHORISED),
    "empty text": (Outcome.FAILED, Fault.REFUSED),
    "charset or body misformed": (Outcome.FAILED, Fault.REFUSED),
    "number(s) has/have been denied": (Outcome.FAILED, Fault.REFUSED),
}
"""How the sentences of smsbox begin, and what they mean: nothing was sent."""

_SECRET = re.compile(r"[A-Za-z0-9._~-]{16,128}")  # Kannel sends what stands in an address as it stands, undecoded
_ID = re.compile(r"[!-~]{1,120}")
_STATE = re.compile(r"\bstat:([A-Z]{3,10})\b|\berr:([0-9A-Za-z]{1,6})\b")
_NACK = re.compile(r"^NACK/(0x[0-9a-fA-F]{1,8}|[0-9]{1,5})")
_HEADERS = {"from": "x-kannel-from", "to": "x-kannel-to", "time": "x-kannel-time", "coding": "x-kannel-coding"}


class Kannel(Gateway):
    """smsbox repeats a request that was answered 503 with the same id (`http-request-retry`)."""

    @staticmethod
    def complaint(settings: Settings) -> str | None:
        if settings.username is None:
            return "username: set it to the username of the sendsms-user group in kannel.conf"
        if settings.password is None:
            return "password: set it to the password of the sendsms-user group in kannel.conf"
        if settings.secret is None or not _SECRET.fullmatch(settings.secret.get_secret_value()):
            return "secret: set 16 to 128 of A-Z a-z 0-9 . _ ~ - and write it into get-url (docs/operations.md)"
        return None

    # --- in

    @staticmethod
    def read_message(payload: bytes) -> Message:
        given = fields(payload)
        if "from" not in given:
            raise ValueError("a text without a sender")
        udh, coding = given.get("udh", b""), _whole(given.get("coding"))
        charset = given.get("charset", b"").decode("latin-1")
        return Message(
            id=_id(given.get("id")),
            sender=clean(given["from"].decode("utf-8", "replace")),
            to=clean(given.get("to", b"").decode("utf-8", "replace")),
            text=decode(given.get("text", b""), charset, coding),
            sent_at=_moment(given.get("time")),
            piece=piece_of(udh),
            machine=is_for_a_machine(udh),
        )

    @staticmethod
    def read_report(payload: bytes) -> Report:
        given = fields(payload)
        name, kind = _id(given.get("id")), _whole(given.get("type"))
        if name is None or kind is None:
            raise ValueError("a report without id or type")
        return Report(name, str(kind), REPORTS.get(kind), _detail(kind, given.get("answer", b"")))

    def hooks(self) -> Sequence[Hook]:
        return [
            Hook(method, path, kind, self._take)
            for path, kind in ((PATH, Kind.MESSAGE), (f"{PATH}/status", Kind.STATUS))
            for method in ("GET", "POST")
        ]

    def _take(self, request: Request) -> bytes | None:
        payload = _payload(request)
        if not self._is_the_gateway(request, payload):
            return None
        return without(payload, "secret")

    def _is_the_gateway(self, request: Request, payload: bytes) -> bool:
        """By HTTP Basic, which no web server writes into its log; by the field `secret` where that cannot be had."""
        secret = self.settings.secret.get_secret_value() if self.settings.secret else ""
        return password_is(secret, request.headers.get("authorization", ""), fields(payload).get("secret", b""))

    # --- out

    def ask_to_send(self, outbound: Outbound) -> Ask:
        query = self._credentials() | {
            "from": self.settings.number,
            "to": outbound.address,
            "text": outbound.text.replace("\0", ""),
            "charset": "UTF-8",
        }
        if not is_gsm(outbound.text):
            query["coding"] = str(UCS2)
        if self.settings.receipts:
            query |= {"dlr-mask": EVERY_REPORT, "dlr-url": self._report_url(outbound.key)}
        return Ask("GET", self.settings.send_url, query=query)

    def _credentials(self) -> dict[str, str]:
        password = self.settings.password.get_secret_value() if self.settings.password else ""
        return {"username": self.settings.username or "", "password": password}

    def _report_url(self, key: str) -> str:
        """Names our message and nobody's number. Kannel fills in %d (what happened) and %A (the network's answer)."""
        secret = self.settings.secret.get_secret_value() if self.settings.secret else ""
        base = urlsplit(self.callback_url)
        address = urlunsplit((base.scheme, f"kannel:{secret}@{base.netloc}", _literal(base.path, "/"), "", ""))
        return f"{address}{PATH}/status?{_literal(urlencode({'id': key}), '=')}&type=%d&answer=%A"

    def verdict(self, answer: Answer, outbound: Outbound) -> Delivery:
        said = answer.text.strip().lower()
        if answer.status == 202 or (answer.status == 200 and said.startswith(("0:", "3:", "sent."))):
            return Delivery(Outcome.ACCEPTED, vendor_id=outbound.key, detail=said[:1] if said[:2] in ("0:", "3:") else None)
        for words, (outcome, fault) in REFUSALS.items():
            if said.startswith(words) and answer.status >= 400:
                return Delivery(outcome, fault=fault, detail=words.replace(" ", "_"))
        if answer.status == 400 and "rejected" in said and "<" not in said:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="http_400")
        return not_the_gateway(answer)

    # --- how it is

    def ask_how_it_is(self) -> Ask:
        """Without a receiver: Kannel looks at the credentials, then says what is missing, and sends nothing."""
        return Ask("GET", self.settings.send_url, query=self._credentials())

    def how_it_is(self, answer: Answer) -> Check:
        said = answer.text.strip().lower()
        if said.startswith("missing receiver"):
            return Check("gateway", True, f"Kannel answers and knows us; texts come in at {self.callback_url}{PATH}.")
        if said.startswith("authorization failed"):
            remedy = "compare channels.sms.username and password with the sendsms-user group in kannel.conf."
            return Check("gateway", False, f"Kannel does not know us: {remedy}")
        remedy = "look at channels.sms.send_url (port sendsms-port, path /cgi-bin/sendsms)."
        return Check("gateway", False, f"What answers is no Kannel (HTTP {answer.status}): {remedy}")


def _payload(request: Request) -> bytes:
    """The fields of a request: of the query, of a form, or of Kannel's own POST, whose body is the text.

    That one leaves out who wrote: post-url must say it with from=%p.
    """
    query = request.query_bytes or urlencode(dict(request.query), errors="replace").encode()
    if request.method != "POST":
        return query
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("application/x-www-form-urlencoded"):
        return b"&".join(part for part in (request.body, query) if part)
    charset = re.search(r'charset="?([\w-]+)', kind)
    own = {
        name: request.headers[header].encode("utf-8", "replace")
        for name, header in _HEADERS.items()
        if header in request.headers
    }
    own["udh"] = unquote_to_bytes(request.headers.get("x-kannel-udh", "").encode("latin-1", "replace"))
    own |= {"text": request.body, "charset": charset[1].encode("latin-1", "replace") if charset else b""}
    return b"&".join(part for part in (query, form(own)) if part)


def _literal(text: str, safe: str = "") -> str:
    """As it must stand in dlr-url: what Kannel would take for an escape of its own (%d, %i, …) is doubled."""
    return quote(text, safe=safe).replace("%", "%%")


def _id(value: bytes | None) -> str | None:
    text = (value or b"").decode("latin-1")
    return text if _ID.fullmatch(text) and "%" not in text else None


def _whole(value: bytes | None) -> int | None:
    text = (value or b"").decode("latin-1").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _moment(value: bytes | None) -> datetime | None:
    """Seconds since 1970 (%T), or "2026-03-13 01:02:03" in UTC (%t); None for anything that is no likely moment."""
    text = (value or b"").decode("latin-1").strip()
    if re.fullmatch(r"[0-9]{9,10}", text):
        moment = datetime.fromtimestamp(int(text), UTC)
    else:
        try:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return None
    return moment if 2000 <= moment.year < 2200 else None


def _detail(kind: int, answer: bytes) -> str:
    """The network's code. The rest of its answer may quote the text, which is nobody's business here."""
    text = answer.decode("latin-1")
    codes = [code for pair in _STATE.findall(text) for code in pair if code]
    if nack := _NACK.match(text):
        codes.append(nack[1])
    return "_".join([f"dlr{kind}", *codes[:3]]).lower()
