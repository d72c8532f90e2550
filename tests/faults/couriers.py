"""Clients of our doors, each a thread: they bring one message after the other, and the same one again until it has its yes."""

from __future__ import annotations

import queue
import random
import re
import smtplib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

AGAIN_SECONDS = 0.15
ANSWER_SECONDS = 30.0
PAUSE_SECONDS = 0.03

Errand = TypeVar("Errand")


class Courier(ABC, Generic[Errand]):
    """`acknowledged`: names of errands that had their yes, as often as they had it; `refused`: what must not be."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.tries = 0
        self._errands: queue.Queue[tuple[str, Errand]] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Errands without a yes."""
        return self._errands.unfinished_tasks

    def take(self, name: str, errand: Errand) -> None:
        self._errands.put((name, errand))

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(ANSWER_SECONDS)

    @abstractmethod
    def attempt(self, errand: Errand) -> str:
        """ "" for a yes, else why not; raises nothing."""

    @abstractmethod
    def never(self, why: str) -> bool:
        """Is this an answer that a good message must not get?"""

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                name, errand = self._errands.get(timeout=0.1)
            except queue.Empty:
                continue
            while not self._stopped.is_set():
                self.tries += 1
                why = self.attempt(errand)
                if not why:
                    self.acknowledged.append(name)
                    break
                if self.never(why):
                    self.refused.append(f"{name}: {why}")
                    break
                self._stopped.wait(AGAIN_SECONDS)
            self._errands.task_done()


@dataclass(frozen=True)
class Letter:
    """A mail as it goes over the wire, up to the final dot."""

    mail_from: str
    to: str
    raw: bytes


class Postman(Courier[Letter]):
    """Another mail server. `moment`: halfway through DATA, or after the final dot."""

    HALFWAY, DOT = "data_halfway", "data_final_dot"

    def __init__(self, port: int, chance: random.Random) -> None:
        self._port, self._chance = port, chance
        self._client: smtplib.SMTP | None = None
        self.moment = ""
        super().__init__()

    def attempt(self, errand: Letter) -> str:
        try:
            return self._hand_over(errand)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return type(error).__name__
        finally:
            self.moment = ""

    def never(self, why: str) -> bool:
        return why.startswith("5")

    def close(self) -> None:
        super().close()
        self._hang_up()

    def _hand_over(self, letter: Letter) -> str:
        if self._client is None:
            self._client = smtplib.SMTP("127.0.0.1", self._port, local_hostname="warga.test", timeout=ANSWER_SECONDS)
            self._client.ehlo()
        client = self._client
        for command in (f"MAIL FROM:<{letter.mail_from}>", f"RCPT TO:<{letter.to}>", "DATA"):
            code, _ = client.docmd(command)
            if code not in (250, 354):
                client.rset()
                return str(code)
        raw = re.sub(rb"(?m)^\.", b"..", letter.raw)
        half = len(raw) // 2
        assert client.sock is not None
        client.sock.sendall(raw[:half])
        self.moment = self.HALFWAY
        time.sleep(self._chance.random() * PAUSE_SECONDS)
        client.sock.sendall(raw[half:] + b"\r\n.\r\n")
        self.moment = self.DOT
        code, _ = client.getreply()
        return "" if code == 250 else str(code)

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


@dataclass(frozen=True)
class Call:
    """A webhook."""

    url: str
    query: Mapping[str, str]
    auth: tuple[str, str] | None = None


class Caller(Courier[Call]):
    """A gateway that calls again after a 503 and a broken connection, and sends every word of an answer to a phone."""

    def __init__(self) -> None:
        self._http = httpx.Client(timeout=ANSWER_SECONDS)
        super().__init__()

    def attempt(self, errand: Call) -> str:
        try:
            answer = self._http.get(errand.url, params=errand.query or None, auth=errand.auth)
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.status_code == 200:
            return "" if not answer.content else "200 with words"
        return str(answer.status_code)

    def never(self, why: str) -> bool:
        return why[:1].isdigit() and why != "503"

    def close(self) -> None:
        super().close()
        self._http.close()
