"""An X API server for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bots.xapi import Person, XApi


@pytest.fixture
def x() -> Iterator[XApi]:
    """The vendor, with nobody on it yet."""
    with XApi() as server:
        yield server


@pytest.fixture
def siti(x: XApi) -> Person:
    """Somebody with open direct messages."""
    return x.person("siti")
