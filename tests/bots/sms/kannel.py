"""A real Kannel on loopback: bearerbox, smsbox, and its fakesmsc as the phone network. Ports are free ones.

    with Kannel(tmp_path, ingress.url) as kannel:
        kannel.say("081234567890", "lampu jalan mati")      # → GET /sms/kannel on the ingress
        kannel.wait(lambda: kannel.shown("+6281234567890"))  # what our `sendsms` brought to that phone

`kannel.settings` are the keys of `channels.sms`. Everything ends with `close`; only processes started here are ended. Numbers
that begin with `REFUSED` belong to a network that says no to every text for them, as Kannel's reports of type 16 tell.
"""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote_from_bytes, quote_plus, unquote_to_bytes, urlsplit

from core.alphabet import is_gsm
from tests.bots.sms.gatewayserver import Reply, Server

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
SECRET = "rahasia.kannel_1708~x"
USER, PASSWORD = "lapor", "sandi-sendsms"
NUMBER = "1708"
REFUSED = "+628990"

_GOT = re.compile(rb"Got message \d+: <(.*)>$", re.DOTALL)
_HEAD = re.compile(rb"\S+ \+?\d+ (?:text|data|ucs-2|udh) ")
_CONF = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
sms-combine-concatenated-mo = {combine}

group = smsc
smsc = fake
smsc-id = masuk
denied-smsc-id = keluar
port = {masuk}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = keluar
port = {keluar}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1
denied-prefix = "{refused}"

group = smsc
smsc = http
smsc-id = keluar
system-type = generic
port = {tolak}
connect-allow-ip = 127.0.0.1
allowed-prefix = "{refused}"
denied-smsc-id = masuk
send-url = "{refuses}/?to=%P"
status-success-regex = "taken"
status-permfail-regex = "no such subscriber"
status-tempfail-regex = "later"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {send}
sendsms-interface = 127.0.0.1
http-request-retry = 20
http-queue-delay = 1
mo-recode = {recode}

group = sendsms-user
username = {user}
password = {password}
max-messages = 20
concatenation = true
forced-smsc = keluar

group = sms-service
keyword = default
catch-all = true
{method} = "{url}"
max-messages = 0
omit-empty = true
"""
_FIELDS = "id=%I&from=%p&to=%P&text=%b&charset=%C&coding=%c&udh=%u&time=%T"


class Kannel:
    """Started by `with`. `combine`: bearerbox joins the pieces of a long text itself (its default)."""

    def __init__(
        self, folder: Path, ingress_url: str, *, combine: bool = True, post: bool = False, recode: bool = False
    ) -> None:
        names = ("admin", "box", "masuk", "keluar", "tolak", "send")
        self._ports = dict(zip(names, _free_ports(len(names)), strict=True))
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lines: list[bytes] = []
        self._reader: threading.Thread | None = None
        self._refusing = Server(lambda _: Reply(200, "no such subscriber"))
        self.send_url = f"http://127.0.0.1:{self._ports['send']}/cgi-bin/sendsms"
        host = urlsplit(ingress_url).netloc
        fields = "id=%I&from=%p" if post else _FIELDS
        self._conf = _CONF.format(
            **self._ports,
            user=USER,
            password=PASSWORD,
            refused=REFUSED,
            refuses=self._refusing.url,
            combine=str(combine).lower(),
            recode=str(recode).lower(),
            method="post-url" if post else "get-url",
            url=f"http://kannel:{SECRET}@{host}/sms/kannel?{fields}",
        )
        self.settings: dict[str, Any] = {
            "enabled": True,
            "gateway": "kannel",
            "number": NUMBER,
            "send_url": self.send_url,
            "username": USER,
            "password": PASSWORD,
            "secret": SECRET,
            "callback_url": ingress_url,
            "seconds_between": 0,
        }

    def __enter__(self) -> Self:
        conf = self._folder / "kannel.conf"
        conf.write_text(self._conf)
        try:
            self._start("bearerbox", "-v", "4", str(conf))
            for port in ("box", "masuk", "keluar"):
                self._open(port)
            self._start("smsbox", "-v", "4", str(conf))
            self._network = self._fakesmsc("keluar", "0", "0 0 text never")
            assert self._network.stdout is not None
            self._reader = threading.Thread(target=self._read, args=(self._network.stdout,), name="fakesmsc", daemon=True)
            self._reader.start()
            self._open("send")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._refusing.close()

    def restart(self) -> None:
        """Killed and started anew at the same ports; what it had not passed on is lost with it."""
        self.close()
        self.__enter__()

    # --- the phones

    def say(self, sender: str, text: str, to: str = NUMBER) -> None:
        """Somebody sends a text: GSM-7 where it can be, else UCS-2."""
        if is_gsm(text) and text == text.strip() and "\n" not in text:
            self.bring(f"{sender} {to} text {text}")
        else:
            self.bring(f"{sender} {to} ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}")

    def flood(self, sender: str, beginning: str, count: int, seconds_between: float = 0.01) -> None:
        """So many texts that begin alike and end with a number of their own."""
        words = f"{sender} {NUMBER} text {beginning}"
        phone = self._fakesmsc("masuk", str(count), words, "-z", "4", "-i", str(seconds_between))
        self._until_sent(phone, count)

    def say_pieces(self, sender: str, pieces: Sequence[tuple[bytes, str]], to: str = NUMBER) -> None:
        """Pieces of a long text, each with its header, in this order. fakesmsc carries them as bytes."""
        for header, text in pieces:
            self.bring(f"{sender} {to} udh {quote_from_bytes(header, safe='')} {quote_plus(text)}")

    def bring(self, line: str) -> None:
        """One message in fakesmsc's own words, from the network into Kannel."""
        self._until_sent(self._fakesmsc("masuk", "1", line), 1)

    def _until_sent(self, phone: subprocess.Popen[bytes], count: int) -> None:
        assert phone.stdout is not None
        for said in iter(phone.stdout.readline, b""):
            count -= b"sent message" in said
            if not count:
                break
        time.sleep(0.05)  # its connection ends with it: bearerbox reads what was written before
        self._end(phone)

    def shown(self, address: str) -> list[str]:
        """The texts that came to a phone, long ones put together, in the order of their arrival."""
        texts: list[str] = []
        open_parts: dict[str, dict[int, bytes]] = {}
        for line in list(self._lines):
            _, to, kind, rest = line.decode("latin-1").split(" ", 3)
            if to != address:
                continue
            if kind != "udh":
                texts.append(
                    _words(kind, unquote_to_bytes(rest.replace("+", "%20")) if kind != "text" else rest.encode("latin-1"))
                )
                continue
            header, inner, content = rest.split(" ", 2)
            udh = unquote_to_bytes(header)
            parts = open_parts.setdefault(udh[3:5].hex() + inner, {})
            parts[udh[5]] = unquote_to_bytes(content.replace("+", "%20"))
            if len(parts) == udh[4]:
                whole = b"".join(parts[number] for number in sorted(parts))
                texts.append(_words(inner, whole))
                parts.clear()
        return texts

    def texts(self) -> int:
        """How many whole texts came to all phones together."""
        return sum(len(self.shown(address)) for address in {line.split(b" ", 2)[1].decode() for line in list(self._lines)})

    def segments(self, address: str) -> int:
        """How many messages really went to a phone."""
        return sum(line.split(b" ", 2)[1] == address.encode() for line in list(self._lines))

    def lines(self) -> list[bytes]:
        """What fakesmsc printed of each message that came out, raw."""
        return list(self._lines)

    def wait(self, until: Callable[[], object], seconds: float = 15.0) -> None:
        """Until something is so; fails with what Kannel said last."""
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                raise AssertionError(f"Kannel: not within {seconds} s; the last that came out: {self._lines[-3:]}")
            time.sleep(0.02)

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """bearerbox, smsbox, and the network's end."""
        return list(self._processes)

    def close(self) -> None:
        """Ends what was started, in the order in which it leans on each other."""
        for process in reversed(self._processes):
            self._end(process)
        self._processes.clear()
        if self._reader is not None:
            self._reader.join(5)

    # --- inside

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        name = command[0].rpartition("/")[2]
        path = command[0] if "/" in command[0] else f"/usr/sbin/{command[0]}"
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen([path, *command[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self._processes.append(process)
        return process

    def _fakesmsc(self, smsc: str, count: str, line: str, *options: str) -> subprocess.Popen[bytes]:
        command = [FAKESMSC, "-H", "127.0.0.1", "-r", str(self._ports[smsc]), "-i", "0.01", "-m", count, *options, line]
        process = subprocess.Popen(
            command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._processes.append(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.kill()  # bearerbox would take seconds to say goodbye, and nothing here is worth keeping
        process.wait(10)
        if process in self._processes and process is not getattr(self, "_network", None):
            self._processes.remove(process)
            if process.stdout is not None:
                process.stdout.close()

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in iter(stdout.readline, b""):
                if not (found := _GOT.search(line.rstrip(b"\n"))):
                    continue
                if _HEAD.match(found[1]):
                    self._lines.append(found[1])
                elif self._lines:  # fakesmsc takes a line break in a text for the end of a message
                    self._lines[-1] += b"\n" + found[1]

    def _open(self, port: str) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._processes):
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._ports[port]), 1):
                return
            time.sleep(0.02)
        logs = "".join(path.read_text(errors="replace")[-2000:] for path in self._folder.glob("*.log"))
        raise AssertionError(f"Kannel did not start: {logs}")


def _words(kind: str, content: bytes) -> str:
    """fakesmsc forgets the coding of a piece: what holds control characters, or is no UTF-8, is UCS-2."""
    if kind.startswith("ucs") or any(byte < 32 and byte not in b"\n\r\f" for byte in content):
        return content.decode("utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("utf-16-be")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
