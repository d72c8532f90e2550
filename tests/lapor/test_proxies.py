"""The desk behind reverse proxies: whose address counts, and whether it is https."""

from __future__ import annotations

import http.client
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import load
from core.office import Office
from core.storage.tables import audit, throttles
from lapor import wiring
from lapor.serve import Service

FORGED = "198.51.100.66"
OFFICIAL = "203.0.113.7"


def _ask(address: str, method: str, path: str, headers: dict[str, str], body: str = "") -> http.client.HTTPResponse:
    host, _, port = address.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read().decode()  # type: ignore[attr-defined]
    connection.close()
    return answer


def _fails_to_log_in(office: Office, headers: dict[str, str]) -> tuple[str, str]:
    """(the address that the audit holds, the cookie's name) after a wrong password."""
    service = Service(office, {}, ("desk",))
    service.start()
    try:
        address = service.addresses["desk"]
        page = _ask(address, "GET", "/masuk", headers)
        cookie = page.getheader("Set-Cookie", "")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.body)  # type: ignore[attr-defined]
        assert token
        sent = headers | {"Cookie": cookie.partition(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
        assert _ask(address, "POST", "/masuk", sent, f"csrf={token[1]}&email=a%40b.test&password=salah").status == 401
        with office.database.read() as conn:
            details = conn.execute(select(audit.c.details).where(audit.c.action == "login_failed")).scalar_one()
            assert conn.execute(select(throttles.c.key)).first() is not None
    finally:
        service.stop()
    return details["address"], cookie.partition("=")[0]


@pytest.mark.parametrize(
    "proxies, forwarded, address",
    [
        (0, OFFICIAL, "127.0.0.1"),
        (1, OFFICIAL, OFFICIAL),
        (1, f"{FORGED}, {OFFICIAL}", OFFICIAL),
        (2, f"{FORGED}, {OFFICIAL}, 192.0.2.1", OFFICIAL),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "unknown", ""),
    ],
)
def test_the_address_is_what_the_nearest_of_our_own_proxies_saw(
    config_file: Path, sqlite_template: Path, proxies: int, forwarded: str, address: str
) -> None:
    config_file.write_text(config_file.read_text().replace("'127.0.0.1:0'", f"'127.0.0.1:0', proxies: {proxies}", 1))
    (config_file.parent / "var").mkdir()
    (config_file.parent / "var" / "lapor.db").write_bytes(sqlite_template.read_bytes())
    office = wiring.open_with_keys(load(config_file, environ={}), {})
    found, cookie = _fails_to_log_in(office, {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"})
    assert found == address
    assert cookie == ("__Host-desk_start" if proxies else "desk_start")


def test_without_proxies_nobody_makes_the_desk_believe_that_it_is_https(office: Office) -> None:
    found, cookie = _fails_to_log_in(office, {"X-Forwarded-Proto": "https", "Forwarded": f"for={FORGED};proto=https"})
    assert (found, cookie) == ("127.0.0.1", "desk_start")
