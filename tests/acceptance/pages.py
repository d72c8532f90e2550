"""The desk over HTTP as a browser without JavaScript sees it: logs in, fills in the forms that stand in the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

import httpx


@dataclass
class Form:
    """One form: where it goes, what it sends untouched, and every name it knows."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        form = self._form
        if form is None:
            return
        if tag in ("input", "textarea", "select") and name:
            form.names.add(name)
        if tag == "input" and name:
            ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if ticked:
                form.values[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, form.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in form.values or "selected" in given):
            form.values[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.values[self._area] += data.removeprefix("\n")


def forms_of(html: str) -> list[Form]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class Official:
    """Somebody at the desk in an own browser; logs in again when the session has ended."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20.0)
        self._email, self._password = email, password
        self.html = ""

    def close(self) -> None:
        self._http.close()

    def open(self, path: str) -> int:
        """Opens a page, through the log-in where the desk asks for it; the status."""
        answer = self._http.get(path, follow_redirects=True)
        if answer.url.path == "/masuk":
            self._log_in()
            answer = self._http.get(path, follow_redirects=True)
        self.html = answer.text
        return answer.status_code

    def download(self, path: str) -> bytes:
        """The bytes behind a link of the open page."""
        answer = self._http.get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    def offered(self, code: str) -> set[str]:
        """The moves that the report's page offers to this person now."""
        status = self.open(f"/laporan/{code}")
        assert status == 200, f"{status} {self.text()}"
        return {form.action.rpartition("/")[2] for form in forms_of(self.html) if "/langkah/" in form.action}

    def does(self, move: str, code: str, **given: str) -> None:
        """Opens the report, fills in the form of this move and sends it; AssertionError with the page's words if refused."""
        offered = self.offered(code)
        assert move in offered, f"{self._email} is offered {sorted(offered)}, not {move}"
        form = next(form for form in forms_of(self.html) if form.action.endswith(f"/langkah/{move}"))
        assert set(given) <= form.names, f"the form of {move} has {sorted(form.names)}"
        answer = self._send(form, given)
        if answer.status_code == 422 and "confirmed" in answer.text:
            again = next(form for form in forms_of(answer.text) if form.action.endswith(f"/langkah/{move}"))
            answer = self._send(again, given | {"confirmed": "1"})
        assert answer.status_code == 303, f"{move}: {answer.status_code} {text_of(answer.text)}"

    def text(self) -> str:
        """What the open page reads like."""
        return text_of(self.html)

    def _send(self, form: Form, given: dict[str, str]) -> httpx.Response:
        return self._http.post(form.action, data=form.values | given)

    def _log_in(self) -> None:
        page = self._http.get("/masuk").text
        form = next(form for form in forms_of(page) if "password" in form.names)
        answer = self._http.post(form.action or "/masuk", data=form.values | {"email": self._email, "password": self._password})
        assert answer.status_code == 303, f"log-in: {answer.status_code} {text_of(answer.text)}"


def text_of(html: str) -> str:
    """Words without tags."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))).strip()
