"""The tests' hands on a server in another process: `Remote(url).person("siti").dms("halo")`."""

from __future__ import annotations

from typing import Any

from tests.bots.botapi.remote import Remote as Calls
from tests.bots.xapi.person import Person


class Remote(Calls):
    """Speaks to `/control/…`; see `server.XApi._control` and `people.People` for the names. One thread at a time."""

    def act(self, name: str, **how: Any) -> Any:
        return self.call(name, **how)

    def person(self, who: str, **facts: Any) -> Person:
        return Person(self.act, who, **facts)
