"""The configuration: one YAML file, `LAPOR_<PATH>` variables over it, `${NAME}` secrets in it. See docs/configuration.md.

Channels are a mapping name → raw mapping here: only the channel itself knows its keys, and checks them with its own
`Settings` through `Config.channel`. pydantic-settings is not used: it reads numbers out of a channel's texts
(`LAPOR_CHANNELS__SMS__NUMBER=1708`), where no field says that text is meant.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from core.config_source import Source, read_source, with_lists
from core.config_words import explain
from core.errors import ConfigurationError
from core.procedure.numbers import STANDARD, Numbers

STANDARD_FILE = Path(__file__).resolve().parent.parent / "config.yaml"
Settings = TypeVar("Settings", bound=BaseModel)


class Section(BaseModel):
    """A part of the configuration: an unknown key is an error, on every level."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, coerce_numbers_to_str=True)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen. Port 0 takes any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_listen(value: object) -> Listen:
    """`host:port`, or `[host]:port` for IPv6. Raises ValueError."""
    if isinstance(value, Listen):
        return value
    host, colon, port = str(value).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("must be a host and a port, like 127.0.0.1:8080")
    return Listen(host, int(port))


ListenText = Annotated[Listen, BeforeValidator(parse_listen)]


class Office(Section):
    """Who runs this service, and how it speaks of itself to citizens."""

    name: str = Field("LAPOR!-SP4N", min_length=1)
    language: Literal["id", "en"] = "id"
    timezone: str = "Asia/Jakarta"
    public_url: str = Field("http://127.0.0.1:8081", pattern=r"^https?://[^\s/]+")
    contacts: tuple[str, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:  # unknown, ill-formed, or a folder of the zone database
            raise ValueError("must be an IANA zone like Asia/Jakarta, Asia/Makassar or Asia/Jayapura") from error
        return name

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @property
    def zone(self) -> ZoneInfo:
        """The zone of all clocks but the legs of agencies and units (sop.md §6)."""
        return ZoneInfo(self.timezone)


class Desk(Section):
    """The officials' web server. `proxies`: how many of our own stand in front; what they say of the sender is believed.

    `public_url`: where officials find it, for the mails that they get.
    """

    listen: ListenText = Listen("127.0.0.1", 8080)
    public_url: str | None = Field(None, pattern=r"^https?://[^\s/]+")
    proxies: int = Field(0, ge=0, le=10)


class Ingress(Section):
    """The web server for webhooks and public pages."""

    listen: ListenText = Listen("127.0.0.1", 8081)


class EmergencyNumbers(Section):
    """Whom to call when life is in danger (sop.md §3). A number that a region does not have is null there."""

    emergency: str | None = "112"
    police: str | None = "110"
    fire: str | None = "113"
    ambulance: str | None = "119"
    women_and_children: str | None = "129"  # SAPA


class Emergency(Section):
    """The numbers of the country, and the differences of regions by the name of their agency in the directory."""

    numbers: EmergencyNumbers = EmergencyNumbers()
    regions: dict[str, EmergencyNumbers] = {}

    def pairs(self, region: str | None = None) -> tuple[tuple[str, str], ...]:
        """(number, code of its meaning), in the order in which a citizen reads them."""
        own = next((numbers for name, numbers in self.regions.items() if region and name.casefold() == region.casefold()), None)
        merged = self.numbers.model_dump() | (own.model_dump(exclude_unset=True) if own else {})
        return tuple((number, meaning) for meaning, number in merged.items() if number)


class Config(Section):
    """Everything an office can change without touching code. Made by `load` or `parse`, never by hand."""

    office: Office = Office()
    database: str = Field("sqlite:///var/lapor.db", repr=False)  # it may hold a password
    files: Path = Path("var/files")
    key: SecretStr | None = None
    desk: Desk = Desk()
    ingress: Ingress = Ingress()
    channels: dict[str, dict[str, Any]] = Field({}, repr=False)
    emergency: Emergency = Emergency()
    procedure: Numbers = STANDARD

    _source: Source = PrivateAttr(default_factory=lambda: Source({}, Path.cwd(), "configuration"))

    @field_validator("database")
    @classmethod
    def _usable_database(cls, url: str, info: ValidationInfo) -> str:
        scheme, _, rest = url.partition("://")
        if scheme in ("postgresql", "postgresql+psycopg"):
            return url
        if scheme != "sqlite" or len(rest) < 2 or rest == "/:memory:":
            raise ValueError("must be sqlite:///a/file.db or postgresql://user@host/name")
        file, question, options = rest.removeprefix("/").partition("?")
        return f"sqlite:///{_folder(info) / file}{question}{options}"

    @field_validator("files")
    @classmethod
    def _from_the_folder(cls, path: Path, info: ValidationInfo) -> Path:
        return _folder(info) / path

    @property
    def folder(self) -> Path:
        """Where the configuration file stands; relative paths start here."""
        return self._source.folder

    @property
    def var(self) -> Path:
        """The only folder that the service writes to, save for `files` and `database` set elsewhere."""
        return self.folder / "var"

    @property
    def spool(self) -> Path:
        """Where deliveries wait that the database did not take; on this machine, shared by its processes (`core/spool.py`)."""
        return self.var / "spool"

    @property
    def enabled_channels(self) -> tuple[str, ...]:
        """Names of the channels that say `enabled: true`, in the file's order. An absent `enabled` means no."""
        return tuple(name for name, raw in self.channels.items() if raw.get("enabled"))

    def channel(self, name: str, settings: type[Settings]) -> Settings:
        """The settings of one channel, checked by its own model. Raises ConfigurationError with the key's path.

        `enabled` is handed on only if the model has it. Validators find the folder for relative paths in their context.
        """
        raw = with_lists(self.channels.get(name, {}), settings)
        if "enabled" not in settings.model_fields:
            raw.pop("enabled", None)
        try:
            return settings.model_validate(raw, context={"folder": self.folder})
        except ValidationError as error:
            raise ConfigurationError(explain(error, settings, self._source, ("channels", name))) from error

    @field_validator("procedure", mode="before")
    @classmethod
    def _over_the_standard(cls, numbers: object) -> object:
        """One number may be given alone; the others keep sop.md's value."""
        return _merged(asdict(STANDARD), numbers) if isinstance(numbers, dict) else numbers

    @field_validator("procedure")
    @classmethod
    def _none_below_nothing(cls, numbers: Numbers) -> Numbers:
        below = [name for name, value in _flat(asdict(numbers)) if value < 0]
        if below:
            raise ValueError(f"{below[0]} must not be below 0")
        return numbers

    @field_validator("channels")
    @classmethod
    def _enabled_is_yes_or_no(cls, channels: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
        checked = {}
        for name, raw in channels.items():
            enabled = words.get(str(raw.get("enabled", False)).lower())
            if enabled is None:
                raise ValueError(f"{name}.enabled must be true or false")
            checked[name] = raw | {"enabled": enabled}
        return checked


def _folder(info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", Path.cwd()))


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, bool):
            raise ValueError(f"{key} must be a number, not true or false")
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _flat(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, int]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def load(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Reads the file at `path` (default: `LAPOR_CONFIG`, else the config.yaml of this installation).

    Raises ConfigurationError that names the key's path and the remedy: unreadable file, unknown key, wrong type, a
    `${NAME}` that is not set.
    """
    environ = os.environ if environ is None else environ
    chosen = path or Path(environ.get("LAPOR_CONFIG") or STANDARD_FILE)
    return _checked(read_source(chosen.absolute(), environ))


def parse(raw: Mapping[str, Any], *, folder: Path) -> Config:
    """A configuration from a mapping, for tests and tools; no variables are looked at. Raises as `load` does."""
    return _checked(Source(dict(raw), folder, "configuration"))


def _checked(source: Source) -> Config:
    try:
        config = Config.model_validate(source.raw, context={"folder": source.folder})
    except ValidationError as error:
        raise ConfigurationError(explain(error, Config, source)) from error
    config._source = source
    return config
