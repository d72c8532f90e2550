"""`lapor check` and the settings: what is wrong is said with its remedy, and no secret anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from bots import twitter
from core.channels import Check, InMemory
from tests.bots.twitter.outward import channel_to, door
from tests.bots.xapi import KEYS, XApi

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # twelve o'clock in Jakarta


def lines(x: XApi, **settings: Any) -> dict[str, Check]:
    channel = door(x, **settings)
    try:
        return {line.name: line for line in channel.check()}
    finally:
        channel.close()


def test_all_is_well_with_the_days_money_beside_it(x: XApi) -> None:
    found = lines(x, clock=lambda: NOON)
    assert all(line.ok for line in found.values())
    assert "@lapor1708" in found["twitter"].message
    assert (
        found["budget"].message == "0.01 of 5.00 US dollars spent today, forecast 0.01" or "forecast" in found["budget"].message
    )
    assert len(x.calls()) == 2


@pytest.mark.parametrize(
    "fault, remedy",
    [
        ("unauthorised", "developer console"),
        ("credits", "buy more"),
        ("usage_cap", "month's cap"),
        ("app_forbidden", "right to read, write"),
        ("html", "api_url"),
        ("garbage", "api_url"),
        ("throttled", "later"),
    ],
)
def test_each_trouble_has_its_own_remedy(x: XApi, fault: str, remedy: str) -> None:
    x.fault("me", fault, seconds=60)
    line = lines(x)["twitter"]
    assert not line.ok
    assert remedy in line.message
    assert not any(secret in line.message for secret in KEYS.secrets())


def test_a_wrong_bearer_token_is_told_apart_from_wrong_keys(x: XApi) -> None:
    found = lines(x, bearer_token="AAAAsalah")
    assert found["twitter"].ok
    assert not found["reading"].ok
    assert "bearer_token" in found["reading"].message


def test_keys_of_another_account_are_noticed(x: XApi) -> None:
    line = lines(x, handle="kotacontoh")["twitter"]
    assert not line.ok
    assert "@lapor1708" in line.message
    assert "handle" in line.message


def test_a_days_money_that_is_spent_is_said(x: XApi) -> None:
    found = lines(x, budget_usd_per_day=0.0)
    assert not found["budget"].ok
    assert "budget_usd_per_day" in found["budget"].message


def test_a_host_that_is_away_is_said(x: XApi) -> None:
    channel = channel_to("http://127.0.0.1:9", x.settings(), keep=InMemory())
    line = channel.check()[0]
    channel.close()
    assert not line.ok
    assert "api_url" in line.message


@pytest.mark.parametrize("name", twitter.SECRETS)
def test_an_enabled_channel_without_one_of_its_secrets_does_not_start(name: str) -> None:
    with pytest.raises(ValidationError) as said:
        twitter.Settings.model_validate({"enabled": True, **KEYS.settings(), name: ""})
    assert name in str(said.value)
    assert not any(secret in str(said.value) for secret in KEYS.secrets())


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": "@lapor1708"},
        {"hashtag": "#lapor"},
        {"api_url": "api.x.com"},
        {"api_url": "https://user@api.x.com"},
        {"api_url": "http://api.x.com"},
        {"api_url": "http://API.twitter.com:80/2"},
        {"access_token": "tanpa-nomor"},
        {"media_hosts": ["https://a.b"]},
        {"prices": {"post_read": 1}},
        {"budget_usd_per_day": -1},
    ],
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        twitter.Settings.model_validate({"enabled": True, **KEYS.settings(), **wrong})


def test_the_account_is_known_from_its_token_and_no_secret_is_shown() -> None:
    settings = twitter.Settings.model_validate({"enabled": True, **KEYS.settings()})
    assert settings.own_id == KEYS.access_token.partition("-")[0]
    assert not any(secret in repr(settings) for secret in KEYS.secrets())
