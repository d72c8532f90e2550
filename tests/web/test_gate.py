"""Default-deny, CSRF, headers: for every route that there is."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from admin_web.security.gate import PUBLIC, ROLES
from core.report import Report
from tests.web.house import PEOPLE, Browser, House, photo

NATIONAL_ONLY = {"quarantine.listing", "quarantine.raw", "quarantine.retry", "service.state"}
"""Quarantine and the state of the service are everybody's messages: only the national admins see all (sop.md §1)."""

SEES_THE_CLINICS_REPORT = {"nasional", "kota", "dinkes", "puskesmas", "pemeriksa", "koordinasi", "pembina"}
"""sop.md §1: all; own agency; own unit and its descendants; own agency, read. Not another agency, another unit."""


def _paths(house: House, report: Report, attachment_id: int) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of every route with real values."""
    values: dict[str, Any] = {"code": report.code, "move": "note", "attachment_id": attachment_id, "size": "small"}
    values |= {"inbox_id": 1, "filename": "desk.css"}
    adapter = house.app.url_map.bind("localhost")
    for rule in house.app.url_map.iter_rules():
        for method in sorted(_methods(rule)):
            yield (
                rule.endpoint,
                method,
                adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method=method),
            )


def _methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


@pytest.fixture
def routes(house: House) -> list[tuple[str, str, str]]:
    report = house.at_clinic()
    return list(_paths(house, report, house.attach(report, photo(), mime="image/jpeg")))


def test_every_route_is_public_by_name_or_sends_strangers_to_the_login(
    house: House, routes: list[tuple[str, str, str]]
) -> None:
    assert {endpoint for endpoint, _, _ in routes} >= {"queue.waiting", "report.page", "moves.make", "attachments.download"}
    assert {"static", "login.form", "login.enter"} == PUBLIC
    for endpoint, method, path in routes:
        if endpoint in PUBLIC:
            continue
        answer = house.browser().client.open(path, method=method)
        assert (endpoint, method, answer.status_code) == (endpoint, method, 303)
        assert answer.headers["Location"].startswith("/masuk")


def test_what_the_gate_names_exists(house: House) -> None:
    known = {rule.endpoint for rule in house.app.url_map.iter_rules()}
    assert known >= PUBLIC | set(ROLES)
    assert set(ROLES) == NATIONAL_ONLY


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_every_route_for_every_role_is_allowed_or_not_found(
    house: House, routes: list[tuple[str, str, str]], login: str
) -> None:
    browser = house.browser(login)
    of_report = {"report.page", "moves.ask", "moves.make", "attachments.preview", "attachments.download"}
    for endpoint, method, path in routes:
        if endpoint in {"login.leave", "login.enter", "static"}:
            continue
        browser.get("/")
        answer = browser.post(path) if method == "POST" else browser.get(path)
        hidden = (endpoint in NATIONAL_ONLY and login != "nasional") or (
            endpoint in of_report - {"moves.ask"} and login not in SEES_THE_CLINICS_REPORT
        )
        if endpoint in {"quarantine.retry", "quarantine.raw"} and login == "nasional":
            hidden = True  # there is no such message
        assert (endpoint, method, answer.status_code == 404) == (endpoint, method, hidden)
        assert answer.status_code < 500


def test_what_one_may_not_see_reads_exactly_like_what_does_not_exist(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("sekolah")
    hidden = browser.get(f"/laporan/{report.code}")
    absent = browser.get("/laporan/000000000")
    unknown_path = browser.get("/ada-apa-di-sini")
    for answer in (absent, unknown_path):
        assert (hidden.status_code, _body(hidden, browser)) == (answer.status_code, _body(answer, browser))


def _body(answer: TestResponse, browser: Browser) -> str:
    """Without the address that the language switch goes back to."""
    return "\n".join(line for line in answer.get_data(as_text=True).splitlines() if 'name="next"' not in line)


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "0" * 64}])
def test_a_post_without_the_sessions_token_is_refused(
    house: House, routes: list[tuple[str, str, str]], given: dict[str, str]
) -> None:
    browser = house.browser("nasional")
    for endpoint, method, path in routes:
        if method == "POST":
            assert (endpoint, browser.client.post(path, data=given).status_code) == (endpoint, 400)
    assert browser.get("/").status_code == 200


def test_the_token_of_another_session_is_refused(house: House) -> None:
    mine, other = house.browser("nasional"), house.browser("kota")
    other.get("/")
    assert mine.client.post("/bahasa", data={"csrf": other.csrf(), "language": "en"}).status_code == 400


def test_a_post_from_another_site_is_refused_even_with_the_token(house: House) -> None:
    browser = house.browser("nasional")
    browser.get("/")
    answer = browser.post("/bahasa", {"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400


def test_logging_in_without_the_start_token_is_refused(house: House) -> None:
    answer = house.browser().client.post("/masuk", data={"email": "nasional@demo.test", "password": "x"})
    assert answer.status_code == 400


def test_every_answer_carries_the_headers(house: House, routes: list[tuple[str, str, str]]) -> None:
    browser = house.browser("nasional")
    answers = [browser.get(path) for endpoint, method, path in routes if method == "GET" and endpoint != "login.form"]
    answers += [browser.get("/ada-apa-di-sini"), browser.client.post("/bahasa"), house.browser().get("/masuk")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Strict-Transport-Security" not in answer.headers
        static = answer.mimetype in {"text/css", "image/svg+xml"}
        assert answer.headers["Cache-Control"] == ("public, max-age=3600" if static else "no-store")
        answer.close()
