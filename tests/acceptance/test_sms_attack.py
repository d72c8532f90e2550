"""Whoever has the gateway's secret may still bring anything: it is kept, nobody else waits, nothing is doubled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote_from_bytes

import httpx
import pytest

from tests.acceptance.smsworld import BUDI, SITI, SmsCity
from tests.acceptance.test_sms_first_to_last import STORY
from tests.bots.sms.kannel import SECRET

pytestmark = pytest.mark.needs("kannel")

PATH = "/sms/kannel"
STRANGE: dict[str, str] = {
    "nul": "from={0}&text=jalan%00rusak%00&charset=UTF-8&coding=0",
    "half a character": "from={0}&text=%00j%D8%3D&charset=UTF-16BE&coding=2",
    "odd bytes": "from={0}&text=%00j%00a%00&charset=UTF-16BE&coding=2",
    "no charset": "from={0}&text=%E9%E8%FF%FE",
    "a codec that is none of texts": "from={0}&text=jalan&charset=unicode_escape&coding=0",
    "rot13": "from={0}&text=jalan&charset=rot13",
    "a charset with a NUL": "from={0}&text=jalan&charset=%00&coding=%00",
    "coding is a word": "from={0}&text=jalan&coding=banyak",
    "a number of 400 digits": "from=" + "8" * 400 + "&text=jalan",
    "a number with a NUL": "from=%2B62812%00345678&text=jalan",
    "a number of stars": "from=**********&text=jalan",
    "arabic digits": "from=%D9%A0%D9%A8%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7&text=jalan",
    "no sender": "text=jalan",
    "two senders": "from={0}&from=%2B6281298765432&text=jalan&text=lampu",
    "a piece of nothing": "from={0}&text=jalan&udh=%05%00%03%01%00%00",
    "piece 3 of 2": "from={0}&text=jalan&udh=%05%00%03%01%02%03",
    "255 pieces": "from={0}&text=jalan&udh=%05%00%03%07%FF%01",
    "a ringtone": "from={0}&text=%02J%3A&udh=%06%05%04%15%81%00%00",
    "an id of markup": "id=%3Cscript%3E%27%20OR%201%3D1--&from={0}&text=jalan",
    "an id of 5000": "id=" + "a" * 5000 + "&from={0}&text=jalan",
    "next year": "from={0}&text=jalan&time=4102444800",
    "before time": "from={0}&text=jalan&time=-1",
    "nothing": "",
    "200 fields": "&".join(f"f{number}=x" for number in range(300)),
}


def _call(city: SmsCity, query: str, body: bytes = b"", path: str = PATH, secret: str = SECRET) -> int:
    url = f"{city.service.addresses['ingress']}{path}?{query}"
    method = "POST" if body else "GET"
    headers = {"content-type": "text/plain; charset=UTF-8"} if body else {}
    return httpx.request(method, url, content=body, headers=headers, auth=("kannel", secret), timeout=30.0).status_code


def test_strange_calls_are_kept_and_the_next_text_is_handled(sms_city: SmsCity) -> None:
    city, budi = sms_city, sms_city.phone(BUDI)
    for number, (name, query) in enumerate(STRANGE.items()):
        sender = f"0813{number:08}"
        assert _call(city, query.format(sender)) == 200, name
    assert _call(city, "from=081377777777", b"jalan rusak " * 70_000) == 200
    assert _call(city, "from=081377777778", b"x" * (2 * 1024 * 1024)) == 413
    for number in range(3):
        assert _call(city, f"id=x&type={number}&answer=%00%FF", path=f"{PATH}/status") == 200
    assert _call(city, "", path=f"{PATH}/status") == 200
    city.vendor.wait(lambda: all(row["ready_at"] > city.clock() for row in city.rows("inbox") if row["state"] == "waiting"), 10)
    assert {row["state"] for row in city.rows("inbox")} <= {"handled", "quarantined", "waiting"}
    assert sum(row["state"] == "waiting" for row in city.rows("inbox")) <= 1, "one waits for its other 254 pieces"
    city.clock.set(city.clock().replace(hour=5))
    assert budi.reports(STORY)
    assert city.official("nasional").open("/karantina") == 200
    assert not any(row["reason"] and "exception" in row["reason"] for row in city.rows("inbox"))


def test_the_same_call_forty_times_at_once_is_one_text(sms_city: SmsCity) -> None:
    city = sms_city
    fields = f"id=abc-1&from={SITI}&to=1708&text=LAPOR+jalan+rusak+di+Jl+Melati+Kota+Contoh+sejak+Senin&charset=UTF-8"
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: _call(city, fields), range(40))) == {200}
    other = fields.replace("Melati", "Mawar")
    assert _call(city, other) == 200, "an id is a text once and for all"
    city.quiet()
    assert (len(city.kept()), len(city.rows("reports")), len(city.phone().texts())) == (1, 1, 1)
    assert city.phone().segments() == 1


def test_parallel_texts_of_one_number_are_all_kept_and_none_is_lost_between_two(sms_city: SmsCity) -> None:
    city = sms_city
    words = [f"jalan nomor {number} di Kota Contoh rusak parah sejak Senin" for number in range(15)]
    queries = [f"id=p-{number}&from={SITI}&text={quote_from_bytes(text.encode())}" for number, text in enumerate(words)]
    with ThreadPoolExecutor(15) as pool:
        assert set(pool.map(lambda query: _call(city, query), queries)) == {200}
    city.quiet()
    assert len(city.kept()) == 15
    assert {row["state"] for row in city.kept()} == {"handled"}
    city.on(city.clock() + timedelta(days=1))  # what waits behind "which one?" finds a report, answered or not
    kept = " ".join(city.page("nasional", f"/laporan/{row['code']}") for row in city.rows("reports"))
    assert [text for text in words if text not in kept] == []


def test_wrong_secrets_learn_nothing_and_leave_nothing(sms_city: SmsCity) -> None:
    city = sms_city
    for secret in ("", "x", SECRET[:-1], SECRET + " ", SECRET.upper(), "\xff", "x" * 5000):
        for path in (PATH, f"{PATH}/status"):
            url = f"{city.service.addresses['ingress']}{path}"
            query = {"id": "1", "from": SITI, "text": STORY, "type": "1", "secret": secret}
            answer = httpx.get(url, params=query, headers={"x-forwarded-for": "127.0.0.1"}, timeout=20.0)
            assert (answer.status_code, answer.content) == (403, b"")
    for path in ("/sms/kannel/", "/sms//kannel", "/SMS/kannel", "/sms/kannel/../kannel/status/x", "/sms/twilio"):
        assert _call(city, f"from={SITI}&text=jalan", path=path) == 404
    city.quiet()
    assert city.rows("inbox") == []
