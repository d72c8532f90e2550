"""The terminal: lines in, numbered choices, files by path, conversations from a pipe."""

from __future__ import annotations

import io
import itertools
import threading
from pathlib import Path

import pytest
from rich.console import Console as Screen

from bots import console
from bots.console.adapter import Console
from bots.console.parse import Typed
from bots.console.terminal import Patience, Terminal, Words
from core.channels import Choice, MediaKind, Outbound, Outcome, OutFile
from core.errors import StorageUnavailable
from tests.bots.contract import Inbox

WORDS = Words(hint="Tulis.", file_missing="Tidak ada: {path}", no_answer="Belum ada jawaban.", file="Berkas:")


class Seat:
    """A terminal with its channel; `answer` replies to each line from another thread, as the outbox does."""

    def __init__(self, typed: str, *, patience: Patience | None = None) -> None:
        self.screen = io.StringIO()
        self.inbox = Inbox()
        serial = itertools.count(1)
        self.terminal = Terminal(
            name="siti",
            language="id",
            words=WORDS,
            screen=Screen(file=self.screen, width=100),
            source=io.StringIO(typed),
            new_id=lambda: f"m{next(serial)}",
            patience=patience or Patience(answer_seconds=2, quiet_seconds=0.05),
        )
        channel = console.build(console.Settings(), deliver=self.terminal.deliver)
        assert isinstance(channel, Console)
        self.channel = channel

    def hand_in(self, typed: Typed) -> None:
        self.channel.hand_in(typed, self.inbox)

    def answer(self, text: str, *choices: Choice, files: tuple[OutFile, ...] = ()) -> None:
        assert self.channel.send(Outbound("k", "siti", text, choices, files)).outcome is Outcome.DELIVERED


def test_a_digit_is_the_choice_of_the_latest_message() -> None:
    seat = Seat("")
    seat.answer("Nama Anda?", Choice("hide", "Sembunyikan"), Choice("show", "Boleh"))
    assert "[1] Sembunyikan\n[2] Boleh" in seat.screen.getvalue()
    second = seat.terminal.understood("2\n")
    assert second is not None
    assert (second.choice, second.text) == ("show", "")
    for line in ("3", "0", "²", "2 hari", "20"):
        typed = seat.terminal.understood(line)
        assert typed is not None
        assert (typed.choice, typed.text) == (None, line)
    seat.answer("Kapan?")
    later = seat.terminal.understood("2")
    assert later is not None
    assert (later.choice, later.text) == (None, "2")


def test_a_path_attaches_a_file_with_words(tmp_path: Path) -> None:
    photo = tmp_path / "jalan rusak.jpg"
    photo.write_bytes(b"x")
    seat = Seat("")
    for line in (f"/file {photo}", f"@{photo}", f'/file "{photo}" ini fotonya', f"@'{photo}' ini fotonya"):
        typed = seat.terminal.understood(line)
        assert typed is not None
        assert typed.files == (str(photo),)
        assert typed.text in ("", "ini fotonya")
        seat.hand_in(typed.model_copy(update={"id": f"f{len(line)}"}))
    (file,) = seat.inbox.inbounds(seat.channel)[0].files
    assert (file.kind, file.name, file.mime) == (MediaKind.PHOTO, "jalan rusak.jpg", "image/jpeg")


def test_a_file_that_is_not_there_is_said_and_not_sent() -> None:
    seat = Seat("")
    assert seat.terminal.understood("/file /nowhere/a.jpg") is None
    assert "Tidak ada: /nowhere/a.jpg" in seat.screen.getvalue()
    assert seat.terminal.understood("/file a\0b") is None


@pytest.mark.parametrize(
    "line", ["@lapor1708 lampu mati!", "/files x", "tak ada '@' di sini", "@ apa", "/status", "it's 5 o'clock"]
)
def test_other_words_stay_words(line: str) -> None:
    typed = Seat("").terminal.understood(line)
    assert typed is not None
    assert (typed.text, typed.files) == (line, ())


@pytest.mark.parametrize("line", ["", "\n", "   "])
def test_an_empty_line_is_no_message(line: str) -> None:
    assert Seat("").terminal.understood(line) is None


def test_a_pipe_waits_for_the_whole_answer_before_the_next_line() -> None:
    seat = Seat("halo\n1\n")

    def answers() -> None:
        for number in (1, 2):
            while len(seat.inbox.raws()) < number:
                threading.Event().wait(0.005)
            seat.answer(f"jawaban {number}a")
            seat.answer(f"jawaban {number}b", Choice("yes", "Ya"))

    thread = threading.Thread(target=answers)
    thread.start()
    seat.terminal.run(seat.hand_in, threading.Event())
    thread.join(5)
    assert [(inbound.text, inbound.choice) for inbound in seat.inbox.inbounds(seat.channel)] == [("halo", None), ("", "yes")]
    shown = seat.screen.getvalue()
    assert [shown.index(word) for word in ("1a", "1b", "2a", "2b")] == sorted(shown.index(w) for w in ("1a", "1b", "2a", "2b"))


def test_a_pipe_without_an_answer_says_so_and_goes_on() -> None:
    seat = Seat("halo\nmasih ada orang?\n", patience=Patience(answer_seconds=0.05, quiet_seconds=0.01))
    seat.terminal.run(seat.hand_in, threading.Event())
    assert seat.screen.getvalue().count("Belum ada jawaban.") == 2
    assert len(seat.inbox.raws()) == 2


def test_markup_in_a_message_is_shown_as_written() -> None:
    seat = Seat("")
    seat.answer("[red]bukan merah[/red] [1]", files=(OutFile(Path("x"), "surat.pdf", "application/pdf"),))
    assert "[red]bukan merah[/red] [1]" in seat.screen.getvalue()
    assert "Berkas: surat.pdf" in seat.screen.getvalue()


def test_a_message_for_another_terminal_waits() -> None:
    seat = Seat("")
    delivery = seat.channel.send(Outbound("k", "budi", "halo"))
    assert (delivery.outcome, delivery.fault, delivery.retry_after_seconds) == (Outcome.AGAIN, None, 5.0)
    assert seat.screen.getvalue() == ""


def test_a_database_that_is_away_is_heard_by_the_one_who_types() -> None:
    seat = Seat("")
    seat.inbox.away = True
    typed = seat.terminal.understood("halo")
    assert typed is not None
    with pytest.raises(StorageUnavailable):
        seat.hand_in(typed)
