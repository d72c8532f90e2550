"""Conversations as they are read by people: each file is played and must come out word for word."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from tests.dialogue.playing import citizen_turns, head_and_lines, play

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path) -> None:
    transcript = path.read_text(encoding="utf-8")
    assert play(transcript) == transcript


def test_there_are_at_least_ten_and_one_begins_with_three_words() -> None:
    assert len(FILES) >= 10
    first = [next(line for line in head_and_lines(path.read_text())[1] if line.startswith("> ")) for path in FILES]
    assert "> jalan rusak pak" in first


def test_the_example_of_the_procedure_takes_four_turns_and_the_median_is_at_most_six() -> None:
    turns = {path.stem: citizen_turns(path.read_text(encoding="utf-8")) for path in FILES}
    assert turns["01_pungli_puskesmas"] == 4
    assert median(turns.values()) <= 6


def test_the_example_of_the_procedure_is_word_for_word() -> None:
    said = [line[2:] for line in head_and_lines((FOLDER / "01_pungli_puskesmas.txt").read_text())[1] if line[:2] == "< "]
    assert said == [
        (
            "Maaf Anda mengalami ini. Sudah saya catat. Data Anda hanya untuk laporan ini (/data). "
            "Nama Anda boleh dilihat instansi? [Sembunyikan] [Boleh]"
        ),
        "Baik, disembunyikan. Ada foto atau bukti? Tidak ada pun tidak apa-apa. [Tidak ada]",
        (
            "Puskesmas Sukamaju, tadi pagi, Rp20.000 tanpa kuitansi. Jenis: petugas melanggar aturan. "
            "Ada bagian yang menunjukkan siapa Anda? Tekan Ubah. [Kirim] [Ubah] [Batal]"
        ),
        "Terima kasih sudah berani melapor. Kode K7M4-2QXT-9. Diperiksa paling lambat Selasa, 17 Maret. Saya kabari di sini.",
    ]
    sms = [line[2:] for line in head_and_lines((FOLDER / "16_sms.txt").read_text())[1] if line[:2] == "< "]
    assert sms[0] == (
        "LAPOR K7M42QXT9 dicatat, nama Anda disembunyikan. Balas 1 SMS: 1 kapan 2 kota mana 3 ada bukti? "
        "Tidak tahu: X. Data hanya utk laporan ini. Batal: BATAL"
    )
