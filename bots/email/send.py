"""Outbound → one attempt with the relay, or a file where there is none → Delivery. The core decides about another attempt."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage

from bots.email import Settings
from bots.email.compose import compose, mailbox
from bots.email.keep import keep
from bots.email.relay import Busy, Line, NoRelay, Pool
from bots.email.tokens import Tokens, canonical
from bots.email.verdict import Step, broken, judge
from core.channels import KEPT, Check, Delivery, Fault, Outbound, Outcome, Surroundings
from core.channels.settings import utc_now

ADVICE = {
    "closed": "it is shut down",
    "connection_refused": "nothing listens there: look at relay.host and relay.port",
    "no_such_host": "no such host: look at relay.host and the name service",
    "timeout": "it does not answer in time: look at relay.host, relay.port, relay.security and the firewall",
    "disconnected": "it hangs up: look at relay.security, and whether it takes mails from this host",
    "no_starttls": "it offers no STARTTLS: set relay.security to tls or none, or another port",
    "no_tls": "it speaks no TLS there: look at relay.security and relay.port",
    "certificate": "its certificate is not valid for relay.host: set relay.ca to the authority that made it",
    "ca_file": "relay.ca cannot be read: give a PEM file",
    "no_login": "it offers no way to log in that is known here: look at relay.security, or leave username and password empty",
    "credentials": "relay.username or relay.password cannot be sent: use plain letters, digits and signs",
    "login": "it refuses relay.username and relay.password",
}


class Sender:
    """Safe to call from several threads. `close` ends every connection; a send after it says AGAIN."""

    def __init__(
        self, settings: Settings, around: Surroundings, now: Callable[[], datetime] = utc_now, *, name: str = "email"
    ) -> None:
        self._settings, self._around, self._now, self._name = settings, around, now, name
        self._tokens = Tokens(settings.address, around.sign)
        self._pool = Pool(settings.relay, settings.greeting)
        self._closed = False

    def send(self, outbound: Outbound) -> Delivery:
        """One attempt; never raises for what the network, the relay or a file does."""
        if self._closed:
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        try:
            message = compose(outbound, self._settings, self._around, self._now)
        except OSError:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="file_missing")
        except ValueError as error:
            why = str(error)
            return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE if why == "address" else Fault.REFUSED, detail=why)
        if self._settings.relay.host is None:
            return self._keep(message, outbound.key)
        return self._hand_over(message, outbound)

    def check(self) -> Sequence[Check]:
        """Whether the relay takes our greeting and login; no mail is sent."""
        relay = self._settings.relay
        if relay.host is None:
            where = (
                f"Outgoing mails are kept in {self._settings.keep} and sent to nobody; set channels.{self._name}.relay.host."
            )
            return (Check(self._name, True, where),)
        try:
            self._pool.try_out()
        except NoRelay as error:
            why = ADVICE.get(error.code, f"no connection ({error.code}): look at relay.host and the network")
            said = f" ({error.reply[0]})" if error.reply else ""
            return (Check(self._name, False, f"The relay {relay.host}:{relay.port} cannot be used{said}: {why}."),)
        if relay.username is not None and relay.security == "none" and not _is_near(relay.host):
            clear = "its password crosses the network in the clear: set relay.security to starttls or tls"
            return (Check(self._name, False, f"The relay {relay.host}:{relay.port} answers, but {clear}."),)
        login = "" if relay.username is None else ", logged in"
        return (Check(self._name, True, f"The relay {relay.host}:{relay.port} answers (security: {relay.security}{login})."),)

    def close(self) -> None:
        self._closed = True
        self._pool.close()

    def _keep(self, message: EmailMessage, key: str) -> Delivery:
        try:
            keep(message.as_bytes(), self._settings.keep, canonical(key), self._now)
        except OSError as error:
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail=f"keep_{type(error).__name__}")
        return Delivery(Outcome.ACCEPTED, self._tokens.message_id(key), detail=KEPT)

    def _hand_over(self, message: EmailMessage, outbound: Outbound) -> Delivery:
        vendor_id = self._tokens.message_id(outbound.key)
        try:
            with self._pool.line() as line:
                raw, recipient = message.as_bytes(), mailbox(outbound.address)
                if unfit := _unfit(line.client, raw, recipient):
                    return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=unfit)
                return _converse(line, raw, self._tokens.bounce_address(outbound.key), recipient, vendor_id)
        except NoRelay as error:
            if error.reply is not None:
                return judge(error.step, *error.reply, vendor_id)
            fault = Fault.UNAUTHORISED if error.code in ("no_login", "credentials") else Fault.UNAVAILABLE
            return Delivery(Outcome.AGAIN, fault=fault, detail=error.code)
        except Busy:
            return Delivery(Outcome.AGAIN, detail="busy")


def _is_near(host: str) -> bool:
    """This machine itself."""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _converse(line: Line, raw: bytes, sender: str, recipient: str, vendor_id: str) -> Delivery:
    client = line.client
    step = Step.SENDER
    try:
        code, words = client.mail(sender, _options(client, raw, recipient))
        if _yes(code):
            step = Step.RECIPIENT
            code, words = client.rcpt(recipient)
        if _yes(code):
            step = Step.DATA
            code, words = client.data(raw)
            step = Step.END
    except smtplib.SMTPDataError as error:  # no to the command: not a byte of the mail has left
        code, words = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    except OSError as error:  # smtplib's errors are OSErrors
        line.drop()
        return broken(Step.END if client.left else step, type(error).__name__, vendor_id)
    if step is Step.END and _yes(code):
        return Delivery(Outcome.ACCEPTED, vendor_id, detail=str(code))
    if code == 421 or not 200 <= code <= 599:
        line.drop()
    return judge(step, code, words, vendor_id)


def _yes(code: int) -> bool:
    return 200 <= code <= 299


def _unfit(client: smtplib.SMTP, raw: bytes, recipient: str) -> str | None:
    """Why this relay cannot take this mail, asked before it refuses."""
    if not recipient.isascii() and not client.has_extn("smtputf8"):
        return "no_smtputf8"
    limit = client.esmtp_features.get("size", "").strip()
    return "552 too_large" if limit.isdecimal() and 0 < int(limit) < len(raw) else None  # RFC 1870: 0 is no limit


def _options(client: smtplib.SMTP, raw: bytes, recipient: str) -> list[str]:
    options = [f"SIZE={len(raw)}"] if client.has_extn("size") else []
    if not recipient.isascii():
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    return options
