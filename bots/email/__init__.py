"""E-mail as a door: what it can carry, what an office sets, and how to build it. Imports no vendor library."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bots.email.tokens import LOCAL_LIMIT
from core.channels import AT_REST, Capabilities, Channel, Surroundings
from core.channels.settings import OptionalPath, OptionalSecret, OptionalText, utc_now

CAPABILITIES = Capabilities(
    label="e-mail",
    text_limit=20_000,  # as much as anybody reads in one mail
    media_in=True,
    media_out=True,
    may_start=True,
    sender_verified=False,  # decided for each mail: anybody can write any address into From
    receipts=True,  # a bounce says "failed"
    bounce_hours=24,  # and where none came for so long, the mail counts as delivered (design.md, the road, 3)
    receives_at_once=True,
    repeatable=True,  # the same Message-ID: the reader's mailbox shows it once
    subjects=True,
    reaches_accounts=True,
    messages_per_second=20.0,
    max_file_bytes=20 * 1024 * 1024,
)

LONGEST_DOMAIN = 80  # a Message-ID of ours, key and domain, is kept in 120 characters
MEGABYTE = 1024 * 1024

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*/=?^_`{|}~-]+)*")  # RFC 5322 dot-atom without "+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Security(StrEnum):
    """How a connection to the relay is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Section(BaseModel):
    """A part of the settings. What was typed never appears in an error: it may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


def from_folder(path: Path, info: ValidationInfo) -> Path:
    """A path as it was meant: relative ones start where the configuration file stands."""
    return Path((info.context or {}).get("folder", Path.cwd())) / path


def domain_of(value: str, what: str) -> str:
    """A host or domain name in lower case. Raises ValueError."""
    if not _DOMAIN.fullmatch(value):
        raise ValueError(f"{what} must be a name like example.go.id (a name with other letters in its xn-- form)")
    return value.lower()


class Relay(Section):
    """Whom outgoing mails are handed to. Without `host` they are kept as files."""

    host: OptionalText = None
    port: int = Field(default=25, ge=1, le=65535)
    username: OptionalText = None
    password: OptionalSecret = None
    security: Security = Security.NONE
    ca: OptionalPath = None
    connections: int = Field(default=4, ge=1, le=64)
    connect_timeout_seconds: Seconds = 10.0
    answer_timeout_seconds: Seconds = 60.0

    @field_validator("ca")
    @classmethod
    def _from_the_folder(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return None if path is None else from_folder(path, info)

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.username is None) != (self.password is None):
            missing = "password" if self.password is None else "username"
            raise ValueError(f"{missing}: set username and password both, or neither")
        if self.username is not None and self.host is None:
            raise ValueError("host: set the relay that username and password belong to")
        return self


class Tls(Section):
    """STARTTLS is offered where both files are set."""

    certificate: OptionalPath = None
    key: OptionalPath = None

    @field_validator("certificate", "key")
    @classmethod
    def _from_the_folder(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return None if path is None else from_folder(path, info)

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            missing = "key" if self.key is None else "certificate"
            raise ValueError(f"{missing}: set certificate and key both (PEM files), or neither")
        return self


class Authenticity(Section):
    """What proves that a mail is from whom it says. `require: false` believes every From: for an MTA that refuses forgeries."""

    authserv_id: OptionalText = None
    dkim: bool = True
    require: bool = True
    nameservers: tuple[str, ...] = ()
    dns_timeout_seconds: Seconds = 3.0

    @field_validator("authserv_id")
    @classmethod
    def _is_a_token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9._:@-]{1,253}", value):
            raise ValueError("must be the name that your MTA writes first in Authentication-Results, like mx.example.go.id")
        return None if value is None else value.lower()

    @field_validator("nameservers")
    @classmethod
    def _are_addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            nameserver(value)
        return values


def nameserver(value: str) -> tuple[str, int]:
    """`IP` or `IP:port` or `[IPv6]:port`. Raises ValueError."""
    try:
        return str(ipaddress.ip_address(value)), 53
    except ValueError:
        host, port = host_and_port(value)
    try:
        return str(ipaddress.ip_address(host)), port
    except ValueError:
        raise ValueError("must be IP addresses, like 10.0.0.53 or 10.0.0.53:5353") from None


def host_and_port(value: str) -> tuple[str, int]:
    """`host:port`, or `[host]:port` for IPv6. Raises ValueError."""
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("must be a host and a port, like 127.0.0.1:8025")
    return host, int(port)


class Settings(Section):
    """`channels.email` of config.yaml. Secrets never appear in an error or a repr."""

    enabled: bool = False
    listen: str = "127.0.0.1:8025"
    address: str = "lapor@localhost"
    name: OptionalText = None
    hostname: OptionalText = None
    recipients: tuple[str, ...] = ()
    max_size_mb: int = Field(default=25, ge=1, le=200)
    keep: Path = Path("var/mail")
    relay: Relay = Relay()
    tls: Tls = Tls()
    authenticity: Authenticity = Authenticity()
    bounce_hours: int = Field(default=24, ge=1, le=240)
    messages_per_second: float = Field(default=CAPABILITIES.messages_per_second, gt=0)
    connections: int = Field(default=100, ge=1, le=10_000)
    connections_per_peer: int = Field(default=20, ge=1, le=10_000)
    recipients_per_mail: int = Field(default=20, ge=1, le=1000)
    mails_per_minute: int = Field(default=60, ge=1)
    trusted_peers: tuple[str, ...] = ("127.0.0.1", "::1")
    command_timeout_seconds: Seconds = 60.0
    data_timeout_seconds: Seconds = 300.0
    memory_mb: int = Field(default=200, ge=1)
    most_files: int = Field(default=20, ge=0, le=200)
    most_file_mb: int = Field(default=20, ge=1, le=200)

    @field_validator("listen")
    @classmethod
    def _is_host_and_port(cls, value: str) -> str:
        host_and_port(value)
        return value

    @field_validator("address")
    @classmethod
    def _is_an_address_with_room(cls, value: str) -> str:
        local, at, domain = value.rpartition("@")
        if not at or not _LOCAL.fullmatch(local):
            raise ValueError('must be one address like lapor@example.go.id, without a name and without "+"')
        if len(local) > LOCAL_LIMIT:
            raise ValueError(f"the part before @ must have at most {LOCAL_LIMIT} characters, so that answers can carry a token")
        if len(domain) > LONGEST_DOMAIN:
            raise ValueError(f"the part after @ must have at most {LONGEST_DOMAIN} characters")
        return f"{local.lower()}@{domain_of(domain, 'the part after @')}"

    @field_validator("name")
    @classmethod
    def _is_one_line(cls, value: str | None) -> str | None:
        if value is not None and (not value.isprintable() or len(value) > 100):
            raise ValueError("must be one line of at most 100 characters")
        return value

    @field_validator("hostname")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        return None if value is None else domain_of(value, "it")

    @field_validator("recipients")
    @classmethod
    def _are_addresses_or_domains(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_recipient(value) for value in values)

    @field_validator("trusted_peers")
    @classmethod
    def _are_networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ipaddress.ip_network(value)
            except ValueError:
                raise ValueError("must be IP addresses or networks, like 10.0.0.25 or 10.0.0.0/24") from None
        return values

    @field_validator("keep")
    @classmethod
    def _from_the_folder(cls, path: Path, info: ValidationInfo) -> Path:
        return from_folder(path, info)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.memory_mb < 2 * self.max_size_mb:
            raise ValueError(f"memory_mb: must be at least {2 * self.max_size_mb}, twice max_size_mb")
        return self

    @property
    def domain(self) -> str:
        """The domain of our address."""
        return self.address.rpartition("@")[2]

    @property
    def max_size_bytes(self) -> int:
        """The longest mail that is taken."""
        return self.max_size_mb * MEGABYTE

    @property
    def greeting(self) -> str:
        """What this host calls itself to other mail servers."""
        return self.hostname or self.domain


def _recipient(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if local and not _LOCAL.fullmatch(local):
        raise ValueError("must be addresses like pengaduan@example.go.id, or whole domains like @example.go.id")
    domain = domain_of(domain, "each domain")
    return f"{local.lower()}@{domain}" if at else f"@{domain}"


def address_of(written: str, settings: Settings) -> str | None:  # noqa: ARG001 - as every channel is asked
    """The address as this channel keeps it, lower-case with its domain in ASCII; None for what is no mailbox."""
    from bots.email.headers import address_of as mailbox

    return mailbox(written)


def build(
    settings: Settings,
    around: Surroundings = AT_REST,
    *,
    now: Callable[[], datetime] = utc_now,
    name: str = "email",
) -> Channel:
    """The channel, at rest: no thread, no port and no connection until it listens, sends or fetches."""
    from bots.email.adapter import Email

    capabilities = replace(
        CAPABILITIES,
        bounce_hours=settings.bounce_hours if settings.relay.host else 0,  # what is only kept never counts as delivered
        messages_per_second=settings.messages_per_second,
        max_file_bytes=settings.most_file_mb * MEGABYTE,
    )
    return Email(settings, capabilities, around=around, now=now, name=name)
