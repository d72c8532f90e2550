"""From a configuration to running parts: the one dictionary of channels, keys, the office."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from core import texts
from core.channels import Capabilities, Channel, Surroundings
from core.config import Config
from core.errors import ConfigurationError
from core.keepsakes import Shelf
from core.office import Office, open_office
from core.storage import crypto

CHANNELS: Mapping[str, str] = {
    "telegram": "bots.telegram",
    "twitter": "bots.twitter",
    "sms": "bots.sms",
    "email": "bots.email",
    "console": "bots.console",
}
"""Name → package. A package is imported only when its channel is enabled."""

ALWAYS = ("console",)  # needs nothing from outside: `lapor chat`
LANGUAGES = ("id", "en")


def package(name: str) -> Any:
    """The channel's package. Raises ConfigurationError for a name that no channel has."""
    if name not in CHANNELS:
        raise ConfigurationError(f"channels.{name}: there is no such channel; known are {', '.join(sorted(CHANNELS))}")
    return importlib.import_module(CHANNELS[name])


def enabled(config: Config) -> tuple[str, ...]:
    """Channels that the configuration enables, and the terminal's."""
    for name in config.channels:
        if name not in CHANNELS:
            package(name)
    return tuple(dict.fromkeys((*config.enabled_channels, *ALWAYS)))


def build_channels(config: Config, names: Sequence[str], shelf: Shelf | None = None) -> dict[str, Channel]:
    """The channels by name, at rest. Raises ConfigurationError with the key's path.

    `shelf`: where they remember things, once `open_with_keys` has opened it.
    """
    around = Surroundings(
        public_url=config.office.public_url,
        menu=menu(),
        office=config.office.name,
        sign=partial(crypto.lookup, "channel"),  # the key is loaded by the time that anything is signed
        zone=config.office.timezone,
    )
    shelf = shelf or Shelf()
    built: dict[str, Channel] = {}
    for name in names:
        module = package(name)
        settings = config.channel(name, module.Settings)
        built[name] = module.build(settings, replace(around, keep=shelf.of(name)))
    return built


def menu() -> dict[str, list[tuple[str, str]]]:
    """The command menu in every language: (command without slash, description)."""
    commands = [key.removeprefix("menu.") for key in sorted(texts.keys("id")) if key.startswith("menu.")]
    return {language: [(name, texts.text(language, f"menu.{name}")) for name in commands] for language in LANGUAGES}


def address(config: Config, name: str, written: str) -> str:
    """An address as the channel keeps it, from how a person writes it. Raises ConfigurationError if it is none."""
    module = package(name)
    read = getattr(module, "address_of", None)
    found: str | None = read(written, config.channel(name, module.Settings)) if read else written.strip()
    if not found:
        raise ConfigurationError(
            f"{written}: not an address of {name}; give a mail address, a telephone number, "
            "or an account's number, nothing else"
        )
    return found


def kept_mail(config: Config) -> str | None:
    """Where outgoing mails stay because no relay is set; None where one is, or mail is off."""
    if "email" not in config.enabled_channels:
        return None
    settings = config.channel("email", package("email").Settings)
    if settings.relay.host is not None:
        return None
    keep: Path = settings.keep
    return f"{keep.relative_to(config.folder)}/" if keep.is_relative_to(config.folder) else f"{keep}/"


def load_keys(config: Config) -> None:
    """Makes the configured key, or the one in var/key (made once), the one of this process."""
    if config.key is not None and config.key.get_secret_value():
        secret = config.key.get_secret_value().encode()
    else:
        secret, _ = crypto.load_or_make_secret(config.var / "key")
    crypto.use_keys(crypto.Keys.from_secret(secret))


def open_with_keys(config: Config, channels: Mapping[str, Capabilities], shelf: Shelf | None = None) -> Office:
    """Loads (or makes) the key and opens the office, and with it the shelf on which the channels keep things."""
    load_keys(config)
    office = open_office(config, channels)
    if shelf is not None:
        shelf.open(office)
    return office


def capabilities(channels: Mapping[str, Channel]) -> dict[str, Capabilities]:
    """What each channel can do, by name."""
    return {name: channel.capabilities for name, channel in channels.items()}
