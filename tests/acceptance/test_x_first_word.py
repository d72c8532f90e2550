"""A post at noon, the story by direct message, the code, the official's answer, and the end, all on X."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.xworld import CODE, open_city, wib


def test_a_post_becomes_a_report_in_private(sqlite_url: str, tmp_path: Path) -> None:
    """issue 4: the public answer is nothing but the invitation; a DM goes on with the story already told."""
    with open_city(sqlite_url, tmp_path, start=wib(3, 13, 12)) as city:
        siti = city.citizen("siti")
        siti.tweets("@lapor1708 lampu Jl Melati kelurahan Melati kota Contoh mati 2 minggu #lapor")
        (invitation,) = city.public()
        assert "Melati" not in invitation
        assert not CODE.search(invitation)
        assert "http" not in invitation
        assert siti.reads() == ""
        assert "lampu" in siti.says("lapor").lower()
        siti.says("Sembunyikan")
        siti.says("Tidak ada")
        (code,) = CODE.findall(siti.says("Kirim"))
        assert city.report(code)["state"] == "received"
        assert city.public() == [invitation]
