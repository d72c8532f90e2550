"""The phone network behind a Kannel that is ours alone, as a process: `python -m tests.faults.network FOLDER`.

Takes texts as smsbox does, writes them down, and reports on each by its dlr-url: late, in any order, some of it twice, each
report again until it has its yes. While it misbehaves it hangs up now and then, with the text or without it.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from tests.bots.sms.gatewayserver import Call, Reply
from tests.bots.sms.smsbox import Smsbox
from tests.faults.couriers import AGAIN_SECONDS, Caller
from tests.faults.couriers import Call as Webhook
from tests.faults.log import Written
from tests.faults.victim import die_with_parent

REPORTS = (8, 1, 1, 4)  # taken by the SMSC, delivered, delivered once more, queued (too late)
REPORTERS = 4
TAKEN_AND_DROPPED, DROPPED = 0.03, 0.02


class Reporter(Caller):
    """Writes down each report that had its yes."""

    def __init__(self, log: Written, chance: random.Random) -> None:
        self._log, self._chance = log, chance
        super().__init__()

    def attempt(self, errand: Webhook) -> str:
        time.sleep(self._chance.random() * AGAIN_SECONDS)
        why = super().attempt(errand)
        if not why or self.never(why):
            given = parse_qs(urlsplit(errand.url).query)
            self._log.write(reported=f"dlr:{given['id'][0]}:{given['type'][0]}", refused=why)
        return why


class Network(Smsbox):
    def __init__(self, log: Written, chance: random.Random) -> None:
        self._log, self._chance = log, chance
        self._reporters = [Reporter(log, random.Random(number)) for number in range(REPORTERS)]
        super().__init__()

    def _answer(self, call: Call) -> Reply:
        drawn = self._chance.random() if self._log.misbehaving else 1.0
        if drawn < DROPPED:
            return Reply(503, drop=True)
        answer = super()._answer(call)
        if answer.status == 202:
            where = urlsplit(call.query["dlr-url"])
            key = parse_qs(where.query)["id"][0]
            self._log.write(sent=key, to=call.query["to"], text=call.query["text"], reports=len(REPORTS))
            self._report(call.query["dlr-url"])
        return Reply(202, drop=True) if drawn < DROPPED + TAKEN_AND_DROPPED else answer

    def _report(self, address: str) -> None:
        """Each by another reporter, so that they overtake each other."""
        where = urlsplit(address.replace("%A", "stat%3ADELIVRD"))
        user, _, host = where.netloc.rpartition("@")
        name, _, secret = user.partition(":")
        for kind in self._chance.sample(REPORTS, len(REPORTS)):
            url = urlunsplit((where.scheme, host, where.path, where.query.replace("%d", str(kind)), ""))
            self._chance.choice(self._reporters).take(url, Webhook(url, {}, (name, secret)))


def main(folder: Path) -> None:
    die_with_parent()
    network = Network(Written(folder), random.Random(1_708))
    sys.stdout.write(f"{network.send_url}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
