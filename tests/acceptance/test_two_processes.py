"""`lapor serve` and `lapor chat` as a newcomer starts them: two processes, no token, one report answered on the desk."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.acceptance.pages import Official
from tests.acceptance.world import CODE, free_port

ROOT = Path(__file__).parents[2]
ANSWER = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."


class Running:
    """A command of ours, its output read as it comes."""

    def __init__(self, *command: str, config: Path, **environment: str) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lapor", *command, "--config", str(config)],
            cwd=ROOT,
            env=inherited | {"PYTHONUNBUFFERED": "1"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def says(self, line: str, answer: str) -> None:
        """Types a line, and reads until `answer` has come after it."""
        assert self.process.stdin is not None
        before = len(self.output)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self.until(lambda: answer in self.output[before:])

    def until(self, ready: Callable[[], object], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def end(self) -> None:
        """However it stands: nothing is left running, no pipe open."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


@contextmanager
def running(*command: str, config: Path, **environment: str) -> Iterator[Running]:
    started = Running(*command, config=config, **environment)
    try:
        yield started
    finally:
        started.end()


@pytest.mark.timeout(240)
def test_a_report_through_the_terminal_is_disposed_twice_answered_and_read_there(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    listen = {"desk": {"listen": f"127.0.0.1:{free_port()}"}, "ingress": {"listen": f"127.0.0.1:{free_port()}"}}
    config.write_text(yaml.safe_dump(listen), encoding="utf-8")

    with running("serve", config=config, LAPOR_DEMO_ON_EMPTY="1") as service:
        service.until(lambda: "Ctrl-C" in service.output)
        desk = f"http://{listen['desk']['listen']}"
        passwords = dict(re.findall(r"(\w+)@demo\.test\s+(\S+)", service.output))
        officials = {one: Official(desk, f"{one}@demo.test", passwords[one]) for one in ("nasional", "kota", "puskesmas")}

        with running("chat", "--as", "siti", config=config) as chat:
            chat.says("kemarin di puskesmas sukamaju kota contoh saya disuruh bayar 20rb buat kartu, ga ada kuitansi", "[1]")
            chat.says("Sembunyikan", "bukti")
            chat.says("Tidak ada", "Kirim")
            chat.says("Kirim", "Kode ")
            (code,) = CODE.findall(chat.output)

            officials["nasional"].does("reclassify", code, category="complaint")
            officials["nasional"].does("dispose", code, office_name="Pemerintah Kota Contoh")
            chat.until(lambda: "diteruskan ke Pemerintah Kota Contoh" in chat.output)
            officials["kota"].does("dispose", code, office_name="Puskesmas Sukamaju")
            chat.until(lambda: "diteruskan ke Puskesmas Sukamaju" in chat.output)
            officials["puskesmas"].does("settle", code, words=ANSWER)
            chat.until(lambda: ANSWER in chat.output)
            chat.says("Beres", "selesai")
            assert chat.process.stdin is not None
            chat.process.stdin.close()
            assert chat.process.wait(30) == 0

        for official in officials.values():
            official.close()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
