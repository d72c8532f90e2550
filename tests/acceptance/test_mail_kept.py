"""On the defaults there is no relay: mails are kept as files, and what nobody read starts nothing (design.md, the road, 3)."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.mailworld import MailCity
from tests.acceptance.test_mail_first_to_last import SETTLEMENT, STORY, SUBJECT
from tests.acceptance.world import CODE, wib
from tests.bots.email.postoffice import words


def test_without_a_relay_mails_are_kept_and_never_count_as_delivered(relayless: MailCity, tmp_path: Path) -> None:
    city, siti = relayless, relayless.citizen()
    siti.writes(STORY, SUBJECT)
    (receipt,) = _kept(tmp_path)
    assert receipt["To"] == siti.post.address
    (code,) = set(CODE.findall(words(receipt)))
    siti.answers("1. Puskesmas Sukamaju, Kota Contoh", to=receipt)  # whoever looks after the service may play the citizen
    assert len(_kept(tmp_path)) == 2

    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert any(SETTLEMENT in words(mail) for mail in _kept(tmp_path))
    for moment in (wib(3, 14, 9, 30), wib(4, 1, 8), wib(4, 7, 0, 5), wib(5, 29, 8)):
        city.on(moment)
    report = city.report(code)
    assert (report["state"], report["settled_at"]) == ("in_progress", None)
    assert all(row["state"] == "accepted" for row in city.rows("outbox"))
    assert not [row for row in city.rows("clocks") if row["kind"] == "silence"]
    assert city.relay.mails() == []

    assert "Disimpan di sini, belum dikirim" in city.page("puskesmas", f"/laporan/{code}")
    assert "disimpan di folder var/mail" in city.page("nasional", "/layanan")
    siti.answers("beres", to=_kept(tmp_path)[-1])
    assert city.report(code)["state"] == "closed"


def test_urgent_mail_and_digests_are_kept_for_the_demonstrations_people(relayless: MailCity, tmp_path: Path) -> None:
    city, siti = relayless, relayless.citizen()
    siti.writes("Tolong rumah kami di Jl Kenanga 5 Kota Contoh kebakaran sekarang, ada orang di dalam", "TOLONG")
    assert "nasional@demo.test" in {mail["To"] for mail in _kept(tmp_path)}
    city.on(wib(3, 16, 8, 5))
    digests = [mail for mail in _kept(tmp_path) if mail["To"] == "nasional@demo.test"]
    assert len(digests) == 2
    assert not any("Kenanga" in words(mail) for mail in digests)


def _kept(folder: Path) -> list[EmailMessage]:
    """The kept mails, oldest first."""
    files = sorted((folder / "var" / "mail").glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
