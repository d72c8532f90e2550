"""Load for the doors, from a process of its own: `python -m benchmarks.load mail|webhook …` prints one line of JSON.

Both clients write to the socket themselves, so that the yardstick and the service are measured and not the client.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import sys
import threading
import time
from base64 import encodebytes
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from urllib.parse import urlencode

from PIL import Image

AT_ONCE = 8
STORY = (
    "Selamat siang, saya mau melaporkan lampu jalan di Jalan Melati {number} Kota Contoh yang mati sejak Senin lalu. "
    "Jalannya gelap sekali, kemarin malam ada ibu yang jatuh ke got. Sudah lapor ke kelurahan tapi belum ada tindakan. "
    "Mohon segera diperbaiki, terima kasih."
)
PHOTO_BYTES = 200_000
PHOTO_EVERY = 5


def photo() -> bytes:
    """A JPEG of about 200 kB."""
    noise = random.Random(1708).randbytes(270 * 270 * 3)
    image = Image.frombytes("RGB", (270, 270), noise)
    out = BytesIO()
    image.save(out, "JPEG", quality=100, subsampling=0)
    return out.getvalue()[:-2].ljust(PHOTO_BYTES, b"\0") + b"\xff\xd9"


def mails(count: int, to: str, run: str) -> Iterator[tuple[str, bytes]]:
    """(sender, what follows DATA up to the final dot); every fifth with a photo."""
    picture = encodebytes(photo()).replace(b"\n", b"\r\n")
    for number in range(count):
        sender = f"warga{number}.{run}@contoh.test"
        head = (
            f"From: Warga {number} <{sender}>\r\nTo: {to}\r\nSubject: Lampu jalan mati {number}\r\n"
            f"Message-ID: <{run}.{number}@contoh.test>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0700\r\nMIME-Version: 1.0\r\n"
        )
        body = f"{STORY.format(number=number)}\r\n"
        if number % PHOTO_EVERY:
            text = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()
        else:
            text = (
                f'{head}Content-Type: multipart/mixed; boundary="b-{run}"\r\n\r\n--b-{run}\r\n'
                f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n--b-{run}\r\n"
                f'Content-Type: image/jpeg; name="foto.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
                f'Content-Disposition: attachment; filename="foto.jpg"\r\n\r\n'
            ).encode()
            text += picture + f"\r\n--b-{run}--\r\n".encode()
        yield sender, text


def mail(port: int, count: int, to: str, run: str) -> dict[str, float]:
    """Seconds until every mail had its 250, over eight connections."""
    waiting = list(mails(count, to, run))
    connections = [_Smtp(port) for _ in range(AT_ONCE)]

    def send_some(index: int) -> None:
        while True:
            try:
                sender, text = waiting.pop()
            except IndexError:
                return
            connections[index].send(sender, to, text)

    seconds = _together(send_some)
    for one in connections:
        one.close()
    return {"seconds": seconds, "count": count}


class _Smtp:
    """One connection that sends mail after mail; RuntimeError for any answer but the expected one."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._expect(b"220")
        self._say(b"EHLO bench.test\r\n", b"250")

    def send(self, sender: str, to: str, text: bytes) -> None:
        self._say(f"MAIL FROM:<{sender}>\r\n".encode(), b"250")
        self._say(f"RCPT TO:<{to}>\r\n".encode(), b"250")
        self._say(b"DATA\r\n", b"354")
        self._say(text + b".\r\n", b"250")

    def close(self) -> None:
        self._say(b"QUIT\r\n", b"221")
        self._file.close()
        self._socket.close()

    def _say(self, words: bytes, code: bytes) -> None:
        self._socket.sendall(words)
        self._expect(code)

    def _expect(self, code: bytes) -> None:
        while True:
            line = self._file.readline()
            if not line.startswith(code):
                raise RuntimeError(f"expected {code.decode()}, got {line[:80]!r}")
            if line[3:4] != b"-":
                return


def webhook(port: int, count: int, path: str, run: str, user: str = "", password: str = "") -> dict[str, float]:
    """Seconds and latencies of `count` messages by GET over eight kept connections."""
    from base64 import b64encode

    headers = {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"} if password else {}
    numbers = iter(range(count))
    lock = threading.Lock()
    took: list[float] = []

    def send_some(_: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine: list[float] = []
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            query = urlencode(
                {
                    "id": f"{run}-{number}",
                    "from": f"+62812{number:08d}",
                    "to": "1708",
                    "text": STORY.format(number=number)[:150],
                    "charset": "UTF-8",
                    "coding": "0",
                }
            )
            began = time.perf_counter()
            connection.request("GET", f"{path}?{query}", headers=headers)
            answer = connection.getresponse()
            answer.read()
            mine.append(time.perf_counter() - began)
            if answer.status >= 300:
                raise RuntimeError(f"answered {answer.status}")
        connection.close()
        with lock:
            took.extend(mine)

    seconds = _together(send_some)
    took.sort()
    return {
        "seconds": seconds,
        "count": count,
        "median_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
    }


def _together(work: Callable[[int], None]) -> float:
    """Seconds until all have ended. RuntimeError if one of them failed."""
    failed: list[BaseException] = []

    def guarded(index: int) -> None:
        try:
            work(index)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(index,)) for index in range(AT_ONCE)]
    began = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    seconds = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"{len(failed)} connections failed: {failed[0]}")
    return seconds


def main(arguments: Sequence[str]) -> None:
    kind, port, count, *more = arguments
    told = (mail if kind == "mail" else webhook)(int(port), int(count), *more)
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
