"""The relay as a process: `python -m tests.faults.relay FOLDER`. A real SMTP server that writes down what reaches mailboxes.

While it misbehaves it hangs up after DATA, with the mail or without it, or asks to come again.
"""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

from tests.bots.email.postoffice import DROP, TAKE_AND_DROP, Answer, Delivered, PostOffice, words
from tests.faults.log import Written
from tests.faults.victim import die_with_parent

SHARES: tuple[tuple[float, Answer], ...] = ((0.03, TAKE_AND_DROP), (0.02, DROP), (0.02, "451 4.7.1 Come back later"))


class Mailboxes(list[Delivered]):
    """Each mail that is put in is written down before its sender hears that it was taken."""

    def __init__(self, log: Written) -> None:
        super().__init__()
        self._log = log

    def append(self, mail: Delivered) -> None:
        parsed = mail.parsed()
        self._log.write(
            id=str(parsed["Message-ID"]).strip("<>"),
            to=mail.rcpt_to,
            reply_to=str(parsed["Reply-To"]),
            subject=str(parsed["Subject"]),
            text=words(parsed),
        )


class Relay(PostOffice):
    def __init__(self, log: Written, chance: random.Random) -> None:
        super().__init__()
        self.delivered = Mailboxes(log)
        self._log, self._chance = log, chance

    def next(self, step: str) -> Answer | None:
        """How it answers: as ever, or as it likes."""
        if step != "end" or not self._log.misbehaving:
            return None
        drawn = self._chance.random()
        for share, answer in SHARES:
            drawn -= share
            if drawn < 0:
                return answer
        return None


def main(folder: Path) -> None:
    die_with_parent()
    with Relay(Written(folder), random.Random(1_708)) as relay:
        sys.stdout.write(f"{relay.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
