"""Connections to the relay: opened with what the settings ask for, kept for the next mail, never older than a minute."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bots.email import Relay, Security
from bots.email.verdict import Step
from core.errors import LaporError

MAX_IDLE_SECONDS, MAX_MAILS = 60.0, 100  # relays close after about as much
LONGEST_SECONDS = 80.0  # from the first byte to the last answer: less than the lease of an outbox entry (core/delivery.py)
_FINAL_DOT = b"\r\n.\r\n"

CODES: tuple[tuple[type[Exception], str], ...] = (  # the narrower kind first
    (smtplib.SMTPServerDisconnected, "disconnected"),
    (smtplib.SMTPException, "no_login"),  # the library's word for: no mechanism that both sides know
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "no_tls"),
    (TimeoutError, "timeout"),
    (socket.gaierror, "no_such_host"),
    (ConnectionRefusedError, "connection_refused"),
    (ValueError, "credentials"),
)


class NoRelay(LaporError):
    """A connection could not be had; `code` says why in one word, `reply` is the relay's, if it said anything."""

    def __init__(self, step: Step, code: str, reply: tuple[int, bytes] | None = None) -> None:
        super().__init__(code)
        self.step, self.code, self.reply = step, code, reply


class Busy(LaporError):
    """Every connection is in use for longer than this mail can wait."""


class _Watched(smtplib.SMTP):
    """Knows whether the final dot has left, and ends each wait at the attempt's deadline."""

    answer_seconds = 60.0
    deadline = 0.0  # monotonic
    left = False

    def send(self, s: Any) -> None:
        """The library writes a whole mail at once: the dot that makes it the relay's goes apart from it."""
        self._hurry()
        if isinstance(s, bytes) and s.endswith(_FINAL_DOT):
            super().send(s[: -len(_FINAL_DOT)])
            self.left = True
            s = _FINAL_DOT
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        sock = getattr(self, "sock", None)
        if sock is not None and self.deadline:
            sock.settimeout(max(0.05, min(self.answer_seconds, self.deadline - time.monotonic())))


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    """TLS from the first byte."""


class Line:
    """One open connection and what it was used for."""

    def __init__(self, client: _Watched) -> None:
        self.client = client
        self.mails = 0
        self.idle_since = 0.0

    def begin(self, deadline: float) -> None:
        """Before a mail. Raises what smtplib raises where the connection is no good any more."""
        self.client.deadline, self.client.left = deadline, False
        if self.mails and self.client.rset()[0] != 250:
            raise smtplib.SMTPServerDisconnected
        self.mails += 1

    def drop(self) -> None:
        """Lets go of it without a word."""
        self.client.close()

    def quit(self) -> None:
        """Takes leave; whether the relay hears it does not matter."""
        with suppress(OSError, smtplib.SMTPException):
            self.client.deadline = time.monotonic() + 1.0
            self.client.docmd("QUIT")
        self.client.close()


class Pool:
    """At most `relay.connections` at a time; callable from any thread."""

    def __init__(self, relay: Relay, hostname: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._relay, self._hostname, self._clock = relay, hostname, clock
        self._patience = min(relay.connect_timeout_seconds, LONGEST_SECONDS / 4)
        self._room = threading.BoundedSemaphore(relay.connections)
        self._lock = threading.Lock()
        self._idle: list[Line] = []
        self._closed = False

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A connection that is ready for MAIL. Whoever leaves with an error leaves it closed. Raises NoRelay, Busy."""
        deadline = self._clock() + LONGEST_SECONDS
        if not self._room.acquire(timeout=self._patience):
            raise Busy("busy")
        try:
            line = self._kept(deadline) or self._new(deadline)
            try:
                yield line
            except BaseException:
                line.drop()
                raise
            self._keep(line)
        finally:
            self._room.release()

    def try_out(self) -> frozenset[str]:
        """Opens a connection as for a mail and closes it; the extensions that the relay offers. Raises NoRelay."""
        line = self._new(self._clock() + LONGEST_SECONDS)
        features = frozenset(line.client.esmtp_features)
        line.quit()
        return features

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.quit()

    def _kept(self, deadline: float) -> Line | None:
        while True:
            with self._lock:
                if self._closed:
                    raise NoRelay(Step.CONNECT, "closed")
                line = self._idle.pop() if self._idle else None
            if line is None:
                return None
            if self._clock() - line.idle_since <= MAX_IDLE_SECONDS:
                with suppress(OSError, smtplib.SMTPException):
                    line.begin(deadline)
                    return line
            line.drop()

    def _keep(self, line: Line) -> None:
        line.idle_since = self._clock()
        with self._lock:
            if not self._closed and line.mails < MAX_MAILS and line.client.sock is not None:
                self._idle.append(line)
                return
        line.quit()

    def _new(self, deadline: float) -> Line:
        step = Step.CONNECT
        client: _Watched | None = None
        try:
            trust = self._trust()
            client = self._connected(trust)
            client.answer_seconds, client.deadline = self._relay.answer_timeout_seconds, deadline
            _greet(client)
            if self._relay.security is Security.STARTTLS:
                client.starttls(context=trust)
                _greet(client)
            step = Step.LOGIN
            if self._relay.username is not None and self._relay.password is not None:
                client.login(self._relay.username, self._relay.password.get_secret_value())
            line = Line(client)
            line.begin(deadline)
        except (OSError, ValueError) as error:  # ValueError: letters that no mechanism carries, or one forbidden on this system
            if client is not None:
                client.close()
            raise _no_relay(step, error) from None
        return line

    def _connected(self, trust: ssl.SSLContext | None) -> _Watched:
        host, port = self._relay.host or "localhost", self._relay.port
        client: _Watched
        if self._relay.security is Security.TLS:
            client = _WatchedTls(host, port, local_hostname=self._hostname, timeout=self._patience, context=trust)
        else:
            client = _Watched(host, port, local_hostname=self._hostname, timeout=self._patience)
        if client.sock is not None:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot would wait for the mail's receipt
        return client

    def _trust(self) -> ssl.SSLContext | None:
        if self._relay.security is Security.NONE:
            return None
        try:
            return ssl.create_default_context(cafile=None if self._relay.ca is None else str(self._relay.ca))
        except OSError as error:
            raise NoRelay(Step.CONNECT, "ca_file") from error


def _no_relay(step: Step, error: Exception) -> NoRelay:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        return NoRelay(step, step.value, (error.smtp_code, words))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NoRelay(step, "no_starttls" if step is Step.CONNECT else "no_login")
    return NoRelay(step, next((code for kind, code in CODES if isinstance(error, kind)), type(error).__name__))


def _greet(client: _Watched) -> None:
    code, words = client.ehlo()
    if not 200 <= code <= 299:
        code, words = client.helo()
    if not 200 <= code <= 299:
        raise smtplib.SMTPHeloError(code, words)
