"""Runs at the start of a process that a siege has chosen: kills it at the N-th time that it passes a step of the road.

Python imports `sitecustomize` by itself where this folder is on PYTHONPATH (docs.python.org/3/library/site.html); the product
does not know of it. Environment: SIEGE_STEP and SIEGE_AT, the step and which passing; SIEGE_POISON, the
source id of a message that kills whoever takes it up; SIEGE_DIARY, a file to which each death is written first.

A message that was under way at one death is spared at the others: three deaths in one message are what quarantine is for, and
only the poisoned one shall get there.
"""

import ctypes
import os
import signal
import sys
import threading


class Assassin:
    def __init__(self, diary: str) -> None:
        self._diary = diary
        self._step = os.environ.get("SIEGE_STEP", "")
        self._at = int(os.environ.get("SIEGE_AT", "1"))
        self._poison = os.environ.get("SIEGE_POISON", "")
        self._lock = threading.Lock()
        self._passed = 0
        self._under_way: dict[int, str] = {}  # what each thread handles
        with open(diary, "a+", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not needed for this
            file.seek(0)
            self._spared = {word for line in file for word in line.split()[1:]}

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event != "lapor.step":
            return
        step, about = str(args[0]), str(args[1])
        with self._lock:
            if step == "handle_claimed":
                self._under_way[threading.get_ident()] = about
                if about == self._poison:
                    self._die("poison")
            elif step == "handle_committed":
                self._under_way.pop(threading.get_ident(), None)
            if step != self._step:
                return
            self._passed += 1
            if self._passed >= self._at and self._spared.isdisjoint(self._under_way.values()):
                self._die(step)

    def _die(self, why: str) -> None:
        line = " ".join([why, *self._under_way.values()]) + "\n"
        opened = os.open(self._diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(opened, line.encode())
        os.kill(os.getpid(), signal.SIGKILL)


ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no siege leaves processes behind, however it ends
if "SIEGE_DIARY" in os.environ:
    sys.addaudithook(Assassin(os.environ["SIEGE_DIARY"]))
