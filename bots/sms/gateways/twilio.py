"""Twilio: signed webhooks in, the Messages API out, status callbacks (twilio.com/docs/messaging/api/message-resource).

Its own package is 24 MB for a signature of fifteen lines; the tests hold ours against it (docs/adr/0007-sms.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from bots.sms import Settings
from bots.sms.charsets import clean
from bots.sms.gateway import Gateway, Hook, not_the_gateway
from bots.sms.model import Answer, Ask, Message, Report
from bots.sms.wire import Kind, fields
from core.channels import Check, Delivery, Fault, FileRef, MediaKind, Outbound, Outcome, Request, Response

PATH = "/sms/twilio"
MOST_FILES = 10  # twilio.com/docs/messaging/guides/webhook-request: up to ten media

STATUSES: Mapping[str, Outcome] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), Outcome.ACCEPTED),
    **dict.fromkeys(("delivered", "read"), Outcome.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), Outcome.FAILED),
}
_GONE = (Outcome.FAILED, Fault.RECIPIENT_GONE)
_REFUSED = (Outcome.FAILED, Fault.REFUSED)
_SLOWER = (Outcome.AGAIN, Fault.THROTTLED)
_OURS = (Outcome.AGAIN, Fault.UNAUTHORISED)  # an operator must act; the text waits
ERRORS: Mapping[int, tuple[Outcome, Fault]] = {  # twilio.com/docs/api/errors
    **dict.fromkeys((21211, 21214, 21217, 21610, 21614, 21635, 60200), _GONE),
    **dict.fromkeys((21408, 21602, 21605, 21612, 21617, 21619, 21623), _REFUSED),
    **dict.fromkeys((14107, 20429, 21611, 30001), _SLOWER),
    **dict.fromkeys((20003, 20005, 20008, 20404, 20403, 21212, 21603, 21606, 21608, 21659, 21660, 21701, 21703, 21704), _OURS),
    63038: (Outcome.AGAIN, Fault.BUDGET),
}
GONE_LATER = frozenset({"21610", "21614", "30005", "30006"})  # unknown or switched-off for good, landline, stopped

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_KEY = re.compile(r"[!-~]{1,120}")
_MEDIA = re.compile(r"/2010-04-01/Accounts/AC[0-9a-f]{32}/Messages/[A-Z]{2}[0-9a-f]{32}/Media/ME[0-9a-f]{32}")
_KINDS = {"image": MediaKind.PHOTO, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_OWN_KEY = "lapor-key"


class Twilio(Gateway):
    """A webhook that fails is not brought again, and is signed with the account's token."""

    media_in = True
    sender_repeats = False
    thanks = Response(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")  # says: answer nothing

    @staticmethod
    def complaint(settings: Settings) -> str | None:
        if settings.account_sid is None or not re.fullmatch(r"AC[0-9a-f]{32}", settings.account_sid):
            return "account_sid: set it to the Account SID of the console (AC and 32 digits or letters a to f)"
        if settings.auth_token is None:
            return "auth_token: set it to the Auth Token of the console"
        return None

    # --- in

    @staticmethod
    def read_message(payload: bytes) -> Message:
        given = {name: clean(value.decode("utf-8", "replace")) for name, value in fields(payload).items()}
        if "From" not in given:
            raise ValueError("a text without a sender")
        sid = given.get("MessageSid") or given.get("SmsMessageSid") or ""
        return Message(
            id=sid if _SID.fullmatch(sid) else None,
            sender=given["From"],
            to=given.get("To", ""),
            text=given.get("Body", ""),
            files=tuple(file for number in range(MOST_FILES) if (file := _file(given, number)) is not None),
        )

    @staticmethod
    def read_report(payload: bytes) -> Report:
        given = {name: value.decode("utf-8", "replace") for name, value in fields(payload).items()}
        name = given.get(_OWN_KEY) or given.get("MessageSid") or given.get("SmsSid") or ""
        status = given.get("MessageStatus") or given.get("SmsStatus") or ""
        if not _KEY.fullmatch(name) or not re.fullmatch(r"[a-z-]{1,20}", status):
            raise ValueError("a report without id or status")
        code = given.get("ErrorCode", "")
        code = code if re.fullmatch(r"[1-9][0-9]{2,5}", code) else ""
        fault = Fault.RECIPIENT_GONE if code in GONE_LATER else None
        return Report(name, status, STATUSES.get(status), "_".join(word for word in (status, code) if word), fault)

    def hooks(self) -> Sequence[Hook]:
        return [
            Hook("POST", PATH, Kind.MESSAGE, self._take),
            Hook("POST", f"{PATH}/status", Kind.STATUS, self._take_report),
        ]

    def _take(self, request: Request) -> bytes | None:
        return request.body if self._is_signed(request) else None

    def _take_report(self, request: Request) -> bytes | None:
        """The key of our message stands in the address that we gave with it, which the signature covers."""
        if not self._is_signed(request):
            return None
        key = request.query.get("key", "")
        return urlencode({_OWN_KEY: key}).encode() + b"&" + request.body if _KEY.fullmatch(key) else request.body

    def _is_signed(self, request: Request) -> bool:
        given = request.headers.get("x-twilio-signature", "").encode("utf-8", "surrogateescape")
        query = request.query_bytes.decode("latin-1")
        url = f"{self.callback_url}{request.path}{'?' + query if query else ''}"
        token = self.settings.auth_token.get_secret_value() if self.settings.auth_token else ""
        right = [hmac.compare_digest(given, signature(token, way, request.body)) for way in _ways(url)]
        return bool(token) and any(right)

    # --- out

    def ask_to_send(self, outbound: Outbound) -> Ask:
        number = self.settings.number
        form = {"To": outbound.address, "Body": outbound.text.replace("\0", "")}
        form["MessagingServiceSid" if number.startswith("MG") and len(number) == 34 else "From"] = number
        if self.settings.receipts:
            form["StatusCallback"] = f"{self.callback_url}{PATH}/status?{urlencode({'key': outbound.key})}"
        return Ask("POST", f"{self._account()}/Messages.json", form=form, auth=self._credentials())

    def _account(self) -> str:
        return f"{self.settings.api_url}/2010-04-01/Accounts/{self.settings.account_sid}"

    def _credentials(self) -> tuple[str, str]:
        return self.settings.account_sid or "", self.settings.auth_token.get_secret_value() if self.settings.auth_token else ""

    def verdict(self, answer: Answer, outbound: Outbound) -> Delivery:
        content = _object(answer.text)
        if answer.status in (200, 201):
            sid = content.get("sid")
            if not isinstance(sid, str):
                return not_the_gateway(answer)
            vendor_id = outbound.key if self.settings.receipts else sid
            return Delivery(Outcome.ACCEPTED, vendor_id=vendor_id, detail=sid if _SID.fullmatch(sid) else None)
        code = content.get("code")
        if not isinstance(code, int) or isinstance(code, bool):
            if answer.status in (401, 429):
                return _fault(_OURS if answer.status == 401 else _SLOWER, answer, f"http_{answer.status}")
            return not_the_gateway(answer)
        if answer.status >= 500 and code not in ERRORS:
            return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=f"error_{code}")
        usual = {401: _OURS, 403: _OURS, 404: _OURS, 429: _SLOWER}.get(answer.status, _REFUSED)
        return _fault(ERRORS.get(code, usual), answer, f"error_{code}")

    # --- files and how it is

    def ask_for_file(self, ref: FileRef) -> Ask | None:
        """Always of the configured host: the credentials go nowhere else."""
        if not _MEDIA.fullmatch(ref.ref):
            return None
        return Ask("GET", f"{self.settings.api_url}{ref.ref}", auth=self._credentials())

    def ask_how_it_is(self) -> Ask:
        return Ask("GET", f"{self._account()}.json", auth=self._credentials())

    def how_it_is(self, answer: Answer) -> Check:
        content = _object(answer.text)
        if answer.status == 200 and content.get("status") == "active":
            return Check("gateway", True, f"Twilio answers and knows us; texts come in at {self.callback_url}{PATH}.")
        if answer.status == 200 and "status" in content:
            return Check("gateway", False, "The account at Twilio is not active: look at its console.")
        if answer.status in (401, 403, 404) and "code" in content:
            return Check("gateway", False, "Twilio does not know us: compare channels.sms.account_sid and auth_token.")
        return Check("gateway", False, f"What answers is no Twilio (HTTP {answer.status}): look at channels.sms.api_url.")


def signature(token: str, url: str, body: bytes) -> bytes:
    """X-Twilio-Signature (twilio.com/docs/usage/security#validating-requests): URL, then each field sorted by its name."""
    text = body.decode("utf-8", "replace")
    try:
        given = parse_qs(text, keep_blank_values=True, max_num_fields=200)
    except ValueError:  # far more fields than the vendor ever sends
        return b""
    signed = url + "".join(name + value for name in sorted(given) for value in sorted(set(given[name])))
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest)


def _ways(url: str) -> tuple[str, ...]:
    """The address as it may have been signed: some of the vendor's servers write the usual port, some do not."""
    parts = urlsplit(url)
    if parts.port is not None:
        bare = parts.netloc.rpartition(":")[0]
        return (url, urlunsplit(parts._replace(netloc=bare)))
    return (url, urlunsplit(parts._replace(netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}")))


def _file(given: Mapping[str, str], number: int) -> FileRef | None:
    """MediaUrl0 … as the path at the vendor; where the host is decided by the configuration."""
    url = given.get(f"MediaUrl{number}", "")
    found = _MEDIA.search(url)
    if found is None or not url.endswith(found[0]):
        return None
    mime = given.get(f"MediaContentType{number}", "").lower()[:100] or None
    kind = _KINDS.get((mime or "").partition("/")[0], MediaKind.DOCUMENT)
    return FileRef(ref=found[0], kind=kind, mime=mime, unique=found[0].rpartition("/")[2])


def _fault(meaning: tuple[Outcome, Fault], answer: Answer, detail: str) -> Delivery:
    outcome, fault = meaning
    wait = (answer.retry_after_seconds or 1.0) if fault is Fault.THROTTLED else None
    return Delivery(outcome, fault=fault, retry_after_seconds=wait, detail=detail)


def _object(text: str) -> dict[str, object]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
