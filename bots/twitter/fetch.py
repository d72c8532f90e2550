"""A file that a person sent: the bytes as a stream, from the hosts of X only (docs.x.com, data dictionary: media).

`ref` is what `pictures` wrote: how to ask, then addresses with the best first. Media of direct messages want our signature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from bots.twitter import Settings
from bots.twitter.client import Client
from core.channels import Fetched, FetchState

_OF_X = ("x.com", "twitter.com", "twimg.com")
_LATER_SECONDS, _LIMITED_SECONDS = 30.0, 60.0
_MOST_HOPS = 3
_CHUNK_BYTES = 64 * 1024
_GONE = (403, 404, 410)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where files may be fetched from: X's hosts over https, the office's further ones, and wherever `api_url` is."""

    api: str
    more: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Hosts:
        """As the configuration has it."""
        return cls(settings.api_url, settings.media_hosts)

    def allow(self, url: str) -> bool:
        """May anything be asked of this address? Never of one that cannot be read."""
        try:
            return self._is_api(url) or (_scheme(url) == "https" and _port(url) in (None, 443) and self._known(_host(url)))
        except ValueError:
            return False

    def may_see_our_name(self, url: str) -> bool:
        """May our signature go there? Never to hosts that the office added for plain pictures."""
        return self._is_api(url) or _within(_host(url), _OF_X)

    def _known(self, host: str) -> bool:
        return _within(host, _OF_X) or host in self.more

    def _is_api(self, url: str) -> bool:
        return (_scheme(url), _host(url), _port(url)) == (_scheme(self.api), _host(self.api), _port(self.api))


class Fetcher:
    """Fetches; safe to use from several threads."""

    def __init__(self, client: Client, hosts: Hosts, *, seconds: float, clock: Callable[[], float]) -> None:
        self._client, self._hosts = client, hosts
        self._seconds, self._clock = seconds, clock

    def fetch(self, ref: str, into: Path, limit_bytes: int) -> Fetched:
        """The first of the file's versions that fits; GONE where X named it without an address."""
        how, _, addresses = ref.partition(" ")
        if how not in ("plain", "signed") or not addresses.strip():
            return Fetched(FetchState.GONE, detail="no_address")
        fetched = Fetched(FetchState.GONE, detail="no_address")
        for address in addresses.split():
            fetched = self._one(address, into, limit_bytes, signed=how == "signed")
            if fetched.state is not FetchState.TOO_LARGE:
                break
        return fetched

    def _one(self, url: str, into: Path, limit_bytes: int, *, signed: bool) -> Fetched:
        deadline = self._clock() + self._seconds
        try:
            for _ in range(_MOST_HOPS + 1):
                if not self._hosts.allow(url):
                    return Fetched(FetchState.REFUSED, detail="foreign_host")
                by_us, left = signed and self._hosts.may_see_our_name(url), max(deadline - self._clock(), 0.1)
                with self._client.wire.open_file(url, signed=by_us, seconds=left) as response:
                    if response.is_redirect:
                        url = urljoin(url, response.headers.get("location", ""))
                        continue
                    return self._keep(response, into, limit_bytes, deadline)
        except (requests.exceptions.RequestException, HTTPError, OSError, ValueError) as error:
            return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=type(error).__name__)
        return Fetched(FetchState.REFUSED, detail="too_many_redirects")

    def _keep(self, response: requests.Response, into: Path, limit_bytes: int, deadline: float) -> Fetched:
        status = response.status_code
        if status in _GONE:
            return Fetched(FetchState.GONE, detail=f"http_{status}")
        if status != 200:
            later = _LIMITED_SECONDS if status == 429 else _LATER_SECONDS
            return Fetched(FetchState.PENDING, retry_after_seconds=later, detail=f"http_{status}")
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and len(declared) < 16 and int(declared) > limit_bytes:
            return Fetched(FetchState.TOO_LARGE, size_bytes=int(declared), detail="over_the_limit")
        size = 0
        with into.open("wb") as target:
            for chunk in response.iter_content(_CHUNK_BYTES):
                size += len(chunk)
                if size > limit_bytes:
                    return Fetched(FetchState.TOO_LARGE, size_bytes=size, detail="over_the_limit")
                if self._clock() > deadline:
                    return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail="too_slow")
                target.write(chunk)
        return Fetched(FetchState.STORED, size_bytes=size)


def _within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _port(url: str) -> int | None:
    return urlsplit(url).port
