"""`make fuzz`: coverage-guided fuzzing of what reads strangers' bytes, bounded in time. Figures: docs/fuzzing.md.

    python -m tools.fuzz mail|sms|x [SECONDS] [FOLDER]

Begins with the awkward mails of the tests. Whatever raises anything but ValueError, breaks a promise of
`tests/bots/promises.py` or takes ten seconds stops it and is kept in FOLDER as `crash-…` or `timeout-…`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SECONDS = 240
SLOWEST_SECONDS = 10
LONGEST_BYTES = 16 * 1024
INTO = Path(tempfile.gettempdir()) / "lapor-fuzz-file"

DICTIONARY = {
    "mail": (
        "From: ", "To: ", "Subject: ", "Content-Type: ", "multipart/mixed; boundary=", "multipart/alternative",
        "multipart/report", "multipart/related", "message/rfc822", "message/delivery-status", "text/html", "text/plain",
        "charset=", "utf-7", "utf-16", "gb2312", "format=flowed", "delsp=yes", "Content-Transfer-Encoding: ", "base64",
        "quoted-printable", "x-uuencode", "Content-Disposition: attachment; filename=", "filename*0*=utf-8''",
        "Content-ID: <", "cid:", "=?utf-8?B?", "=?utf-8?Q?", "In-Reply-To: <", "References: <", "Auto-Submitted: ",
        "Precedence: ", "Action: failed", "Status: 5.1.1", "--", "> ", "Pada ", " menulis:", "On ", " wrote:", "Dari: ",
        "Dikirim: ", "-----Pesan Asli-----", "<table><tr><td>", "<blockquote>", '<div class=\\"gmail_quote\\">',
        '<img src=\\"cid:', "winmail.dat", "begin 644 x", "\\x00", "\\xff", "\\x0d\\x0a\\x0d\\x0a",
    ),
    "sms": (
        "sms1 kannel message\\x0a", "sms1 kannel status\\x0a", "sms1 twilio message\\x0a", "sms1 twilio status\\x0a",
        "id=", "&from=", "&to=", "&text=", "&charset=", "&coding=2", "&udh=", "%05%00%03", "UTF-16BE", "Body=",
        "&From=%2B62812", "&MessageSid=SM", "&NumMedia=", "&MediaUrl0=", "&MessageStatus=", "&type=", "&status=",
    ),
    "x": (
        *(f'\\"{name}\\":' for name in (
            "id", "text", "author_id", "referenced_tweets", "in_reply_to_user_id", "edit_history_tweet_ids", "note_tweet",
            "entities", "media_keys", "created_at", "sender_id", "dm_conversation_id",
        )),
        '\\"type\\":\\"replied_to\\"', "@lapor1708", "#lapor", "&amp;", "https://t.co/", "\\\\u0000", "\\\\ud800", "1/2",
    ),
}  # fmt: skip
"""Words of the protocols, which a fuzzer would take hours to find by itself."""


def target(name: str) -> Callable[[bytes], object]:
    """What is tried with each input."""
    from tests.bots import promises

    if name == "sms":
        return promises.keep_for_sms
    if name == "x":
        return promises.keep_for_x
    return lambda body: promises.keep_for_mail(body, INTO)


def seeds(name: str) -> list[bytes]:
    """Where it begins."""
    if name == "mail":
        from tests.bots.email.corpus import corpus

        return [mail.body for mail in corpus() if len(mail.body) <= LONGEST_BYTES]
    if name == "x":
        return [json.dumps(page).encode() for page in answers()]
    kannel = b"id=7&from=%2B6281234567890&to=1708&text=Jalan+rusak&charset=UTF-8&coding=0"
    long = b"id=8&from=081234567890&to=1708&text=%00J%00a&charset=UTF-16BE&coding=2&udh=%05%00%03%07%02%01"
    twilio = (
        b"MessageSid=SM7&From=%2B6281234567890&To=1708&Body=Jalan+rusak"
        b"&NumMedia=1&MediaUrl0=https%3A%2F%2Fx%2F1&MediaContentType0=image%2Fjpeg"
    )
    return [
        b"sms1 kannel message\n" + kannel,
        b"sms1 kannel message\n" + long,
        b"sms1 kannel status\nid=7&status=1&type=1",
        b"sms1 twilio message\n" + twilio,
        b"sms1 twilio status\nMessageSid=SM7&MessageStatus=delivered",
    ]


def answers() -> list[object]:
    """Of the X API: a mention with a picture, a reply that was edited, a direct message with a picture."""
    link = {"url": "https://t.co/a1", "expanded_url": "https://x.com/siti/status/31/photo/1", "media_key": "3_1"}
    us = {"username": "lapor1708", "id": "1708000000000000001"}
    mention = {
        "id": "2000000000000000031",
        "text": "@lapor1708 #lapor lampu &amp; jalan rusak 1/2 https://t.co/a1",
        "author_id": "7001",
        "conversation_id": "2000000000000000031",
        "created_at": "2026-03-02T05:00:00.000Z",
        "edit_history_tweet_ids": ["2000000000000000031"],
        "entities": {"mentions": [us], "urls": [link]},
        "attachments": {"media_keys": ["3_1"]},
        "lang": "in",
    }
    reply = {
        **mention,
        "id": "2000000000000000033",
        "in_reply_to_user_id": "7001",
        "referenced_tweets": [{"type": "replied_to", "id": "2000000000000000031"}],
        "edit_history_tweet_ids": ["2000000000000000032", "2000000000000000033"],
        "note_tweet": {"text": "@lapor1708 sudah dua minggu 2/2", "entities": {}},
        "geo": {"coordinates": {"type": "Point", "coordinates": [106.8, -6.2]}},
    }
    message = {
        "id": "2000000000000000041",
        "event_type": "MessageCreate",
        "text": "di jl melati https://t.co/a1",
        "sender_id": "7001",
        "dm_conversation_id": "7001-1708000000000000001",
        "created_at": "2026-03-02T05:00:01.000Z",
        "attachments": {"media_keys": ["3_1"]},
    }
    beside = {
        "users": [{"id": "7001", "username": "siti", "name": "Siti", "receives_your_dm": False}],
        "media": [{"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg"}],
        "tweets": [mention],
    }
    meta = {"result_count": 1, "next_token": "7140w"}
    return [{"data": [one], "includes": beside, "meta": meta} for one in (mention, reply, message)]


def run(name: str, seconds: int, folder: Path) -> None:
    """Fuzzes until the time is over, then ends the process."""
    import atheris

    with atheris.instrument_imports(include=["bots", "email", "inscriptis", "phonenumbers"]):
        test = target(name)
        for seed in seeds(name):  # what is imported late is imported now, so that it is watched, too
            test(seed)
    begin = folder / "seeds"
    begin.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (begin / f"{number:04}").write_bytes(seed)
    found = folder / "found"
    found.mkdir(exist_ok=True)
    words = folder / "words"
    words.write_text("\n".join(f'"{word}"' for word in DICTIONARY[name]) + "\n", encoding="utf-8")
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST_SECONDS}",
        f"-max_len={LONGEST_BYTES}",
        f"-dict={words}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *options, str(found), str(begin)], test)
    atheris.Fuzz()


if __name__ == "__main__":
    which = sys.argv[1] if len(sys.argv) > 1 else "mail"
    if which not in DICTIONARY:
        sys.exit("say mail, sms or x")
    length = int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    run(which, length, Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp(prefix=f"lapor-fuzz-{which}-")))
