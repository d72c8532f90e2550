"""Coming in: passwords, throttles, sessions, cookies."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from admin_web.security import sessions, throttle
from core.storage import accounts
from core.storage.tables import audit, desk_sessions
from tests.web.house import House


def _actions(house: House) -> list[str]:
    with house.office.database.read() as conn:
        return list(conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


def _cookie(house: House, login: str) -> str:
    browser = house.browser()
    headers = browser.log_in(login).headers.getlist("Set-Cookie")
    return next(each for each in headers if each.startswith(("desk=", "__Host-desk=")))


def test_the_right_password_opens_the_queue(house: House) -> None:
    browser = house.browser("nasional")
    assert browser.get("/").status_code == 200
    assert "Antrean" in browser.text()
    assert "login" in _actions(house)


@pytest.mark.parametrize("login, password", [("nasional", "salah"), ("tidak-ada", "salah"), ("nasional", "")])
def test_every_wrong_login_reads_the_same_and_is_on_record(house: House, login: str, password: str) -> None:
    browser = house.browser()
    assert browser.log_in(login, password).status_code == 401
    assert "Email atau kata sandi tidak cocok" in browser.text()
    assert "login_failed" in _actions(house)


def test_a_disabled_account_reads_like_a_wrong_password_and_its_open_session_ends(house: House) -> None:
    open_one = house.browser("puskesmas")
    with house.office.database.write() as conn:
        accounts.change(conn, house.account_ids["puskesmas"], disabled_at=house.now[0])
    assert open_one.get("/").status_code == 303
    other = house.browser()
    assert other.log_in("puskesmas").status_code == 401
    assert "Email atau kata sandi tidak cocok" in other.text()


def test_too_many_attempts_on_one_account_are_refused_even_with_the_right_password_until_the_window_is_over(
    house: House,
) -> None:
    browser = house.browser()
    for _ in range(throttle.PER_ACCOUNT):
        browser.log_in("kota", "salah")
    assert browser.log_in("kota").status_code == 429
    house.later(seconds=throttle.WINDOW.total_seconds() + 1)
    assert browser.log_in("kota").status_code == 303


def test_attempts_are_counted_in_the_database_so_that_another_process_sees_them(house: House, tmp_path: Path) -> None:
    browser = house.browser()
    for _ in range(throttle.PER_ACCOUNT):
        browser.log_in("kota", "salah")
    with house.office.database.write() as conn:
        assert not throttle.may_try(conn, email="kota@demo.test", remote="192.0.2.7", now=house.now[0])
        assert throttle.may_try(conn, email="nasional@demo.test", remote="192.0.2.7", now=house.now[0])


def test_one_address_that_tries_many_accounts_is_refused(house: House) -> None:
    with house.office.database.write() as conn:
        tried = [
            throttle.may_try(conn, email=f"{number}@demo.test", remote="192.0.2.7", now=house.now[0])
            for number in range(throttle.PER_ADDRESS + 1)
        ]
    assert tried == [True] * throttle.PER_ADDRESS + [False]


def test_with_ipv6_a_whole_household_counts_as_one_address(house: House) -> None:
    with house.office.database.write() as conn:
        tried = [
            throttle.may_try(conn, email=f"{number}@demo.test", remote=f"2001:db8:0:7::{number:x}", now=house.now[0])
            for number in range(throttle.PER_ADDRESS + 1)
        ]
        assert throttle.may_try(conn, email="next@demo.test", remote="2001:db8:0:8::1", now=house.now[0])
    assert tried[-1] is False


def test_the_token_is_kept_only_as_a_hash_and_is_new_at_every_login(house: House) -> None:
    tokens = [re.match(r"desk=([^;]+)", _cookie(house, "nasional")).group(1) for _ in range(2)]  # type: ignore[union-attr]
    assert tokens[0] != tokens[1]
    with house.office.database.read() as conn:
        kept = set(conn.execute(select(desk_sessions.c.token_hash)).scalars())
    assert kept == {sessions.hashed(token) for token in tokens}
    assert not kept & set(tokens)


def test_logging_in_again_ends_the_session_that_the_browser_had(house: House) -> None:
    browser = house.browser("nasional")
    old = browser.client.get_cookie("desk")
    browser.client.delete_cookie("desk_start")
    start = house.browser()
    start.client.set_cookie("desk", "planted-by-somebody")
    start.log_in("nasional")
    assert start.client.get_cookie("desk").value != "planted-by-somebody"  # type: ignore[union-attr]
    assert old is not None


def test_an_idle_session_ends_and_so_does_one_that_was_open_all_day(house: House) -> None:
    browser = house.browser("nasional")
    house.later(minutes=59)
    assert browser.get("/").status_code == 200
    house.later(minutes=61)
    assert browser.get("/").status_code == 303
    browser = house.browser("nasional")
    for _ in range(13):
        house.later(minutes=55)
        answer = browser.get("/")
    assert answer.status_code == 200
    house.later(minutes=55)
    assert browser.get("/").status_code == 303


def test_logging_out_ends_the_session_for_every_copy_of_its_cookie(house: House) -> None:
    browser = house.browser("nasional")
    copy = house.browser()
    copy.client.set_cookie("desk", browser.client.get_cookie("desk").value)  # type: ignore[union-attr]
    browser.get("/")
    assert browser.post("/keluar").status_code == 303
    assert copy.get("/").status_code == 303
    assert "logout" in _actions(house)


def test_logging_out_is_a_post(house: House) -> None:
    browser = house.browser("nasional")
    assert browser.get("/keluar").status_code == 405
    assert browser.get("/").status_code == 200


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    cookie = _cookie(house, "nasional")
    assert cookie.startswith("desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_cookies_are_bound_to_the_host_and_to_https(sqlite_url: str, tmp_path: Path, house: House) -> None:
    from admin_web.app import create_app

    secure = House(
        house.office, create_app(house.office, clock=lambda: house.now[0], https=True), house.places, house.account_ids
    )
    browser = secure.browser()
    browser.get("/masuk", base_url="https://localhost")
    answer = browser.post(
        "/masuk", {"email": "nasional@demo.test", "password": "sukamaju-melati-13"}, base_url="https://localhost"
    )
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-desk="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    "wanted, leads_to",
    [
        ("/karantina", "/karantina"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
    ],
)
def test_after_logging_in_one_lands_on_a_page_of_this_desk_only(house: House, wanted: str, leads_to: str) -> None:
    browser = house.browser()
    browser.get("/masuk")
    answer = browser.post("/masuk", {"email": "nasional@demo.test", "password": "sukamaju-melati-13", "next": wanted})
    assert answer.headers["Location"] == leads_to


def test_the_language_is_kept_with_the_account(house: House) -> None:
    browser = house.browser("nasional")
    browser.get("/")
    browser.post("/bahasa", {"language": "en", "next": "/"})
    assert "Waiting for me" in house.browser("nasional").get("/").get_data(as_text=True)
    browser.get("/")
    browser.post("/bahasa", {"language": "xx", "next": "/"})
    assert "Waiting for me" in house.browser("nasional").get("/").get_data(as_text=True)
