"""What all channels' settings promise alike: empty secrets are none, and no address with a user or a query is taken."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from bots import email, sms, telegram, twitter

SECRETS = [
    (telegram.Settings, "token"),
    (telegram.Settings, "webhook_secret"),
    (twitter.Settings, "bearer_token"),
    (sms.Settings, "password"),
    (sms.Settings, "callback_url"),
    (email.Settings, "hostname"),
    (email.Relay, "password"),
    (email.Tls, "key"),
    (email.Authenticity, "authserv_id"),
]
ADDRESSES = [
    (telegram.Settings, "api_url"),
    (twitter.Settings, "api_url"),
    (sms.Settings, "send_url"),
    (sms.Settings, "callback_url"),
]


@pytest.mark.parametrize("settings, key", SECRETS)
def test_a_variable_that_is_there_and_empty_counts_as_not_set(settings: type[BaseModel], key: str) -> None:
    assert getattr(settings.model_validate({key: ""}), key) is None


@pytest.mark.parametrize("settings, key", ADDRESSES)
def test_an_address_of_a_vendor_is_kept_without_the_slash_at_its_end(settings: type[BaseModel], key: str) -> None:
    assert (
        getattr(settings.model_validate({key: "https://proxy.example.go.id:8443/x/"}), key)
        == "https://proxy.example.go.id:8443/x"
    )


@pytest.mark.parametrize(
    "address", ["https://user:word@example.go.id", "https://example.go.id/?a=1", "ftp://example.go.id", "example.go.id"]
)
@pytest.mark.parametrize("settings, key", ADDRESSES)
def test_an_address_with_a_user_a_query_or_of_another_kind_is_refused_without_being_repeated(
    settings: type[BaseModel], key: str, address: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        settings.model_validate({key: address})
    assert "without user" in str(refused.value)
    assert "word@" not in str(refused.value)
