"""Who is calling: OAuth 1.0a signatures verified by oauthlib's server side, and the app's bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oauthlib.oauth1 import RequestValidator, ResourceEndpoint  # type: ignore[import-untyped]

from tests.bots.plainhttp import Call


@dataclass(frozen=True, slots=True)
class Keys:
    """What the developer console gave us. Made up, and nowhere in a log."""

    consumer_key: str = "xKonsumenUntukUji00000001"
    consumer_secret: str = "xRahasiaKonsumenUntukUji0000000000000000000000000001"
    access_token: str = "1708000000000000001-xTokenUntukUji000000000000001"
    access_token_secret: str = "xRahasiaTokenUntukUji00000000000000000000001"
    bearer_token: str = "AAAAAAAAAAAAAAAAAAAAAxPembawaUntukUji%3D0000000000000001"

    def settings(self) -> dict[str, str]:
        """As they stand in the channel's configuration."""
        return {name: getattr(self, name) for name in self.__slots__}

    def secrets(self) -> tuple[str, ...]:
        """What must appear nowhere."""
        return self.consumer_secret, self.access_token, self.access_token_secret, self.bearer_token


KEYS = Keys()


class Who(StrEnum):
    USER = "user"
    APP = "app"
    NOBODY = "nobody"


class Guard:
    """`who(call)`: a good signature, a good bearer token, or nobody."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._endpoint = ResourceEndpoint(_Validator(keys))

    def who(self, call: Call) -> Who:
        given = call.headers.get("authorization", "")
        if given.startswith("Bearer "):
            return Who.APP if given.removeprefix("Bearer ") == self._keys.bearer_token else Who.NOBODY
        if not given.startswith("OAuth "):
            return Who.NOBODY
        form = call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        headers: Mapping[str, str] = {"Authorization": given, "Content-Type": call.headers.get("content-type", "")}
        good, _ = self._endpoint.validate_protected_resource_request(
            f"http://{call.headers.get('host', '')}{call.path}",
            call.method,
            call.body.decode("latin-1") if form else "",
            headers,
        )
        return Who.USER if good else Who.NOBODY


class _Validator(RequestValidator):  # type: ignore[misc]
    """One client with one user. A nonce is good once (RFC 5849, 3.3); the timestamp may be ten minutes off."""

    enforce_ssl = False
    nonce_length = 8, 64
    client_key_length = access_token_length = 8, 100
    dummy_client = dummy_access_token = "dummy"

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys
        self._nonces: set[str] = set()

    @property
    def safe_characters(self) -> set[str]:
        return {*super().safe_characters, *"-_%"}

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._keys.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == self._keys.access_token

    def validate_realms(self, client_key: str, token: str, request: Any, uri: str | None = None, realms: Any = None) -> bool:
        return True

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        fresh = nonce not in self._nonces
        self._nonces.add(nonce)
        return fresh

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._keys.consumer_secret

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._keys.access_token_secret
