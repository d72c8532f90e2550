"""The tests' hands on a server in another process: `Remote(url).call("say", chat=7, text="halo")`."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlsplit


class Remote:
    """Speaks to `/control/…`; see `server.BotApi._control` and `people.People` for the names. One thread at a time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def call(self, name: str, **how: Any) -> Any:
        """The result of one act; RuntimeError if the server does not know it."""
        encoded = {
            f"{key}_base64" if isinstance(value, bytes) else key: base64.b64encode(value).decode()
            if isinstance(value, bytes)
            else value
            for key, value in how.items()
        }
        self._connection.request("POST", f"/control/{name}", json.dumps(encoded))
        answer = json.loads(self._connection.getresponse().read())
        if not answer["ok"]:
            raise RuntimeError(f"{name}: {answer['description']}")
        return answer["result"]

    def close(self) -> None:
        self._connection.close()
