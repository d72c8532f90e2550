"""Everything a stranger can send gets an answer or a place in quarantine, and never stops the next one (issue: bad input)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.acceptance.world import SECRET, Citizen, City

SCRIPT = b"#!/bin/sh\nrm -rf ~\n" + b"# padding\n" * 1_992_000  # 19 MB


def _old_press(citizen: Citizen) -> str:
    citizen.city.vendor.press(citizen.chat, 3, "hide", old=True)
    return citizen.reads()


def _raw(citizen: Citizen, **content: Any) -> str:
    citizen.city.vendor.say(citizen.chat, None, **content)
    return citizen.reads()


WORDS: dict[str, Callable[[Citizen], str]] = {
    "blank": lambda one: one.says(" \n\t "),
    "emoji": lambda one: one.says("🤬" * 2048),
    "4096 letters": lambda one: one.says("a" * 4096),
    "marks": lambda one: one.says("\u202e\u200f\u2066ruku\u0301k\u202c" + "\u0300" * 400),
    "nul": lambda one: one.says("ja\0lan ru\0sak"),
    "half a character": lambda one: one.says("jalan \ud83d rusak"),
    "markup": lambda one: one.says("<script>alert(1)</script> *_`[x](tg://user?id=1)"),
    "command": lambda one: one.says("/start@lapor_test_bot ' OR 1=1 --"),
    "a button of last month": _old_press,
    "a button that never was": lambda one: _press_unknown(one),
    "sticker": lambda one: _raw(one, sticker={"file_id": "x", "file_unique_id": "y", "file_size": 3}),
    "somebody's card": lambda one: _raw(one, contact={"phone_number": "+62 811", "first_name": "Andi", "user_id": 99}),
    "a place that is none": lambda one: _raw(one, location={"latitude": 912.0, "longitude": "x"}),
    "a photo without sizes": lambda one: _raw(one, photo="none"),
    "a text that is a list": lambda one: _unreadable(one),
}


def _press_unknown(citizen: Citizen) -> str:
    citizen.says("halo")
    number = citizen.city.vendor.sent(citizen.chat)[-1].message_id
    citizen.city.vendor.press(citizen.chat, number, "Robert'); DROP TABLE reports;--")
    return citizen.reads()


def test_whatever_a_citizen_sends_is_answered_or_kept_aside_and_the_next_message_is_handled(city: City) -> None:
    silent: list[str] = []
    for chat, (name, send) in enumerate(WORDS.items(), start=100):
        citizen = city.citizen(chat)
        before = _aside(city)
        answer = send(citizen)
        if not answer and _aside(city) == before:
            silent.append(name)
        assert citizen.says("/bantuan"), name
    assert silent == []


def _unreadable(citizen: Citizen) -> str:
    message = {"message_id": 9_000_001, "chat": {"id": citizen.chat}, "date": 1, "text": ["a"]}
    citizen.city.vendor.raw("message", message)
    return citizen.reads()


def _aside(city: City) -> int:
    return sum(row["state"] == "quarantined" for row in city.rows("inbox"))


def test_a_script_that_calls_itself_a_photo_is_kept_marked_and_the_report_goes_on(city: City) -> None:
    siti = city.citizen(7)
    siti.says("lampu jl melati kota contoh mati sudah 2 minggu")
    siti.presses("Sembunyikan")
    siti.sends_photo(SCRIPT)
    (file,) = city.rows("attachments")
    assert (file["state"], file["suspect"]) == ("stored", True)
    assert city.service.office.files.path(file["sha256"]).stat().st_size == len(SCRIPT)
    assert "Kode" in siti.presses("Kirim")


def test_a_file_over_the_limit_is_said_honestly_once_and_the_report_goes_on(city: City) -> None:
    siti = city.citizen(7)
    siti.says("lampu jl melati kota contoh mati sudah 2 minggu")
    siti.presses("Sembunyikan")
    city.vendor.send_document(7, b"", size=21 * 1024 * 1024, name="video.mp4", mime="video/mp4")
    assert siti.reads().count("terlalu besar") == 1
    assert "Kode" in siti.presses("Kirim")


NO_UPDATES = (
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"halo"',
    b'{"update_id": 1',
    b'{"message": {"text": "tanpa nomor"}}',
    b'{"update_id": "x", "message": 5}',
    b"[" * 5000,
    json.dumps({"update_id": 2, "message": {"message_id": 990001, "chat": {"id": 7}, "date": -1, "text": 7}}).encode(),
)


def test_bytes_that_are_no_update_are_taken_aside_and_the_next_update_is_handled(pushed: City) -> None:
    url = f"{pushed.service.addresses['ingress']}/telegram/webhook"
    for count, body in enumerate(NO_UPDATES, start=1):
        answer = httpx.post(url, content=body, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})
        assert answer.status_code == 200, body[:40]
        pushed.quiet()
        assert _aside(pushed) == count, body[:40]
    assert pushed.citizen(7).says("/bantuan")


def test_without_the_secret_nothing_is_kept(pushed: City) -> None:
    url = f"{pushed.service.addresses['ingress']}/telegram/webhook"
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}):
        assert httpx.post(url, content=b"{}", headers=headers).status_code == 403
    assert pushed.rows("inbox") == []
