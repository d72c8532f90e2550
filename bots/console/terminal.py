"""The conversation on the screen: reads lines, numbers the choices, shows what comes back.

At a keyboard it answers whenever something arrives. From a pipe it hands in line by line, waits until the answer is quiet,
and ends after the last answer, so that a script can hold a conversation.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console as Screen
from rich.text import Text

from bots.console.parse import Typed
from core.channels import Choice, Outbound

PROMPT = "> "


@dataclass(frozen=True, slots=True)
class Words:
    """What the terminal itself says (the sentences stand in `core/texts`).

    `file_missing` may contain `{path}`; `no_answer`: a line of a pipe got no answer in time; `file` stands before a name.
    """

    hint: str
    file_missing: str
    no_answer: str
    file: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a pipe waits for the first answer, and for more after the latest one."""

    answer_seconds: float = 15.0
    quiet_seconds: float = 0.6


class Terminal:
    """One person at one terminal. `hand_in` commits a typed message; `deliver` may be called from any thread."""

    def __init__(
        self,
        *,
        name: str,
        language: str,
        words: Words,
        screen: Screen,
        source: TextIO,
        new_id: Callable[[], str],
        patience: Patience | None = None,
    ) -> None:
        self._name, self._language, self._words = name, language, words
        self._screen, self._source, self._new_id = screen, source, new_id
        self._patience = patience or Patience()
        self._changed = threading.Condition()
        self._shown = 0
        self._shown_at = 0.0
        self._choices: tuple[Choice, ...] = ()

    def deliver(self, outbound: Outbound) -> bool:
        """Shows a message to this person; False if it is for another."""
        if outbound.address != self._name:
            return False
        with self._changed:
            self._choices = outbound.choices
            self._show(self._drawn(outbound))
            self._shown += 1
            self._shown_at = time.monotonic()
            self._changed.notify_all()
        return True

    def run(self, hand_in: Callable[[Typed], object], stop: threading.Event) -> None:
        """Until the input ends or `stop` is set. A pipe's last answer is waited for."""
        if self._source.isatty():
            self._screen.print(Text(self._words.hint, style="dim"))
            _with_history()
        while not stop.is_set():
            line = self._line()
            if line is None:
                return
            typed = self.understood(line)
            if typed is None:
                continue
            before = self._shown
            hand_in(typed)
            if not self._source.isatty():
                self._wait_for_quiet(before, stop)

    def understood(self, line: str) -> Typed | None:
        """The message that a line means; None if it means none (empty, or a file that is not there).

        A digit is the choice of that number in the latest message; `/file PATH words` or `@PATH words` attaches a file.
        """
        line = line.strip()
        if not line:
            return None
        with self._changed:
            choices = self._choices
        if line.isascii() and line.isdigit() and 1 <= int(line[:4]) <= len(choices) and len(line) <= 2:
            return self._typed(choice=choices[int(line) - 1].token)
        path, words = _attachment(line)
        if path is None:
            return self._typed(text=line)
        if not _is_file(path):
            self._screen.print(Text(self._words.file_missing.format(path=path), style="yellow"))
            return None
        return self._typed(text=words, files=(str(path.resolve()),))

    def _typed(self, *, text: str = "", choice: str | None = None, files: tuple[str, ...] = ()) -> Typed:
        return Typed(id=self._new_id(), name=self._name, text=text, choice=choice, files=files, language=self._language)

    def _line(self) -> str | None:
        if self._source is sys.stdin and self._source.isatty():
            try:
                return input(PROMPT)
            except EOFError:
                return None
        return self._source.readline() or None

    def _show(self, drawn: Text) -> None:
        """At a keyboard the half-typed line stands below what arrived, not in it."""
        interactive = self._source.isatty()
        if interactive:
            self._screen.file.write("\r\x1b[K")
        self._screen.print(drawn)
        if interactive:
            self._screen.file.write(f"{PROMPT}{_half_typed()}")
            self._screen.file.flush()

    def _wait_for_quiet(self, before: int, stop: threading.Event) -> None:
        deadline = time.monotonic() + self._patience.answer_seconds
        with self._changed:
            while self._shown == before and not stop.is_set():
                left = deadline - time.monotonic()
                if left <= 0:
                    self._screen.print(Text(self._words.no_answer, style="yellow"))
                    return
                self._changed.wait(min(left, 0.2))
            while (left := self._shown_at + self._patience.quiet_seconds - time.monotonic()) > 0 and not stop.is_set():
                self._changed.wait(left)

    def _drawn(self, outbound: Outbound) -> Text:
        drawn = Text(outbound.text, style="green" if self._screen.is_terminal else "")
        for file in outbound.files:
            drawn.append(f"\n{self._words.file} {file.name}", style="italic")
        for number, choice in enumerate(outbound.choices, start=1):
            drawn.append(f"\n[{number}] {choice.label}", style="bold")
        return drawn


def _attachment(line: str) -> tuple[Path | None, str]:
    """The path and the words after it, or (None, line) if the line attaches nothing."""
    if line.startswith("/file "):
        rest = line.removeprefix("/file ").strip()
    elif line.startswith("@") and len(line) > 1:
        rest = line[1:]
    else:
        return None, line
    whole = Path(rest).expanduser()
    if _is_file(whole):  # a path with spaces, without quotes
        return whole, ""
    try:
        parts = shlex.split(rest)
    except ValueError:  # an apostrophe in the words
        parts = rest.split()
    if not parts:
        return None, line
    path = Path(parts[0]).expanduser()
    if line.startswith("@") and not _is_file(path):  # "@lapor1708 …" is an address, not a file
        return None, line
    return path, " ".join(parts[1:])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _with_history() -> None:
    """Arrow keys and editing where Python was built with readline."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401


def _half_typed() -> str:
    """What stands in the input line and was not sent yet; empty without readline."""
    readline = sys.modules.get("readline")
    return readline.get_line_buffer() if readline else ""
