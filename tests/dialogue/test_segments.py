"""Where each message costs: every own prompt is one plain segment, officials' words are cut to fit, a report costs little."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alphabet import GSM_JOINED, is_gsm, segments, septets
from core.dialogue.fitting import folded, shortened, split_in_segments
from core.dialogue.model import NoticeKind, Say, SayChoice
from core.dialogue.render import render
from core.texts import catalogue, text
from tests.dialogue.playing import head_and_lines, play
from tests.dialogue.test_transcripts import FILES
from tests.dialogue.world import SMS, World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[2]

LONG_OFFICE = "Dinas Pekerjaan Umum, Penataan Ruang, Perumahan dan Kawasan Permukiman Kabupaten Penukal Abab Lematang Ilir"
LONG = {
    "code": "K7M4-2QXT-9",
    "plain": "K7M42QXT9",
    "office": "Layanan Aspirasi dan Pengaduan Online Rakyat Kementerian Pendayagunaan Aparatur Negara",
    "holder": LONG_OFFICE,
    "who": LONG_OFFICE,
    "door": "Kantor Perwakilan Ombudsman Republik Indonesia Provinsi Kepulauan Bangka Belitung, Jalan Mentok Nomor 1",
    "title": "Petugas loket meminta uang lima puluh ribu rupiah untuk mengambil kartu tanda…",
    "file": "Foto lubang jalan di depan rumah nomor dua belas sesudah hujan deras semalam.jpeg",
    "name": "Raden Ajeng Siti Nurhaliza Kusumaningtyas Wijayakusuma Hadiningrat",
    "when": "dari hari Rabu minggu lalu sampai dengan hari ini setiap pagi",
    "gist": "Puskesmas Sukamaju, tadi pagi, Rp20.000 tanpa kuitansi, sudah berkali-kali sejak bulan Januari tahun ini",
    "words": "nama saya Raden Ajeng Siti Nurhaliza, rumah saya Jalan Kenanga nomor empat belas, nomor saya 081234567890",
    "due": "Rabu, 30 September 2026",
    "day": "Rabu, 30 September 2026",
    "ground": "isinya belum dapat dipahami",
    "category": "petugas melanggar aturan, diperiksa lebih dulu",
    "state": "Diteruskan ke instansi",
    "number": "0123/LM/IX/2026/PWK-BBL",
    "numbers": "112 (darurat umum), 110 (polisi), 113 (pemadam), 119 (ambulans)",
    "short": "112 110 113 119 129",
    "gaps": "1 kapan 2 kota mana 3 instansi 4 ada bukti?",
    "lines": "",
    "fields": "apa yang terjadi, kapan kejadiannya, di mana kejadiannya, kantor atau petugas mana, foto atau bukti lain",
    "example": "K7M4-2QXT-9",
    "amount": "Rp250.000.000",
    "count": 12,
    "stars": 5,
    "days": 30,
}
LABELS = (
    "menu",
    "subject",
    "public",
    "field",
    "choice",
    "state",
    "category",
    "ground",
    "closing",
    "gap",
    "title",
    "emergency",
    "notice.line",
    "notice.field",
)
"""Parts of other sentences, of buttons and subject lines, and what is said in public."""
TALK_ONLY = ("draft", "summary", "noted", "help.door", "status.line", "at_once.gaps", "road")
"""What a channel that receives at once never says by itself: drafts and summaries (sop.md §3)."""


def said_keys() -> list[str]:
    folder = ROOT / "core/texts"
    table = {
        section: part
        for file in ("id.toml", "notices.id.toml")
        for section, part in tomllib.loads((folder / file).read_text(encoding="utf-8")).items()
    }
    flat = {f"{section}.{key}" if isinstance(value, dict) else section for section, value in table.items()
            for key in (_leaves(value) if isinstance(value, dict) else ("",))}  # fmt: skip
    skipped = (*LABELS, *TALK_ONLY)
    return sorted(
        key
        for key in flat
        if not key.endswith(".short") and not any(key == part or key.startswith(f"{part}.") for part in skipped)
        and not (key.startswith("ask.") and key != "ask.story")
    )  # fmt: skip


def _leaves(table: dict[str, object], prefix: str = "") -> list[str]:
    return [
        leaf
        for name, value in table.items()
        for leaf in (_leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"])
    ]


def params_of(key: str) -> dict[str, str | int]:
    names = {name for _, name, _, _ in Formatter().parse(text_pattern(key)) if name}
    names |= {name for _, name, _, _ in Formatter().parse(text_pattern(f"{key}.short")) if name}
    return {name: LONG[name] for name in names}


def text_pattern(key: str) -> str:
    return catalogue("id").get(key, "")


@pytest.mark.parametrize("key", said_keys())
def test_every_own_sentence_is_one_plain_segment_with_the_longest_names(key: str) -> None:
    (message,) = render([Say(key, params_of(key))], capabilities=SMS, language="id")
    assert is_gsm(message.text), message.text
    assert segments(message.text) == 1, message.text


def test_the_list_of_sentences_is_long_and_knows_the_notices() -> None:
    keys = set(said_keys())
    assert len(keys) > 90
    assert {f"notice.{kind}" for kind in NoticeKind} <= keys


def filed(capabilities=SMS) -> World:
    world = World(FRIDAY, capabilities)
    world.hear("lampu jalan di Jl Melati Kota Contoh mati sejak Senin, tidak ada foto")
    return world


GIVEN: dict[NoticeKind, dict[str, str | int | date]] = {
    NoticeKind.RESPONSE: {"promised_on": date(2026, 9, 30)},
    NoticeKind.PROGRESS: {"promised_on": date(2026, 9, 30)},
    NoticeKind.ARCHIVED: {"ground": "not_understandable", "door": str(LONG["door"])},
    NoticeKind.RECLASSIFIED: {"category": "complaint_inspected"},
    NoticeKind.REFERRED: {"number": str(LONG["number"])},
    NoticeKind.FILE_LOST: {"file": str(LONG["file"]), "reason": "too_large"},
}
"""What the casework tells with each notice, beside who has it and until when."""
WITH_WORDS = (
    NoticeKind.RESPONSE,
    NoticeKind.PROGRESS,
    NoticeKind.SETTLEMENT,
    NoticeKind.ACKNOWLEDGED,
    NoticeKind.CLOSED_FINAL,
    NoticeKind.ARCHIVED,
)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_with_its_dates_and_choices_is_one_segment_and_keeps_its_code(kind: NoticeKind) -> None:
    world = filed()
    code = world.reports[0].code
    said = world.tell(kind, code, holder=LONG_OFFICE, due_on=date(2026, 9, 30), **GIVEN.get(kind, {}))
    assert [segments(message.text) for message in said] == [1], [message.text for message in said]
    assert code in said[0].text or "K7M4-2QXT-9" in said[0].text or kind is NoticeKind.FILE_LOST


WORDS = "Kami sudah memeriksa lokasi. " * 40


@pytest.mark.parametrize("kind", WITH_WORDS)
def test_an_officials_long_words_are_cut_to_one_segment_and_info_brings_them_whole(kind: NoticeKind) -> None:
    world = filed()
    said = world.tell(kind, world.reports[0].code, words=WORDS, holder=LONG_OFFICE, **GIVEN.get(kind, {}))
    assert [segments(message.text) for message in said] == [1]
    assert "(lengkap: INFO)" in said[0].text
    whole = world.hear("INFO")
    assert " ".join(WORDS.split()) in " ".join(" ".join(message.text for message in whole).split())
    assert all(segments(message.text) <= 4 for message in whole)
    world.later(timedelta(hours=1))
    assert world.hear("INFO")[0].text.startswith("Data Anda")


def test_an_officials_question_may_take_two_segments() -> None:
    question = "Mohon sebutkan nomor rumah terdekat, lebar lubangnya kira-kira berapa, dan apakah sudah ada yang jatuh di sana?"
    world = filed()
    said = world.tell(NoticeKind.QUESTION, world.reports[0].code, words=question, holder="Dinas PU", due_on=date(2026, 9, 30))
    assert question in said[0].text
    assert segments(said[0].text) <= 2
    longer = world.tell(NoticeKind.QUESTION, world.reports[0].code, words=WORDS, holder=LONG_OFFICE, due_on=date(2026, 9, 30))
    assert [segments(message.text) for message in longer] == [2]
    assert "(lengkap: INFO)" in longer[0].text


def test_words_that_fit_are_shown_whole_and_info_stays_the_notice_of_personal_data() -> None:
    world = filed()
    said = world.tell(NoticeKind.PROGRESS, world.reports[0].code, words="Tiang sudah dipesan.", holder="Dinas PU")
    assert "Tiang sudah dipesan." in said[0].text
    assert world.hear("info")[0].text.startswith("Data Anda")


@pytest.mark.parametrize(
    "words",
    ["Sudah “beres” – lihat foto…", "Selesai 👍🏽 terima kasih 🙏", "Perbaikan ✔ pukul 09.00\u00a0WIB", "Café “Melati” №3"],
)
def test_marks_and_emoji_of_officials_never_force_the_dearer_alphabet(words: str) -> None:
    world = filed()
    (said,) = world.tell(NoticeKind.PROGRESS, world.reports[0].code, words=words, holder="Dinas “PU”")
    assert is_gsm(said.text)
    assert segments(said.text) == 1


def test_words_in_another_script_stay_as_they_are_and_stay_bounded() -> None:
    world = filed()
    (said,) = world.tell(NoticeKind.PROGRESS, world.reports[0].code, words="道路已经修好了。" * 60, holder="Dinas PU")
    assert "道路已经修好了" in said.text
    assert segments(said.text) <= 2
    whole = world.hear("INFO")
    assert len(whole) > 1
    assert all(segments(message.text) <= 4 for message in whole)


def test_choices_with_long_titles_are_one_segment() -> None:
    titles = ["Petugas loket meminta uang lima puluh ribu rupiah untuk mengambil KTP"] * 5
    choices = tuple(SayChoice(f"3.a-{number}", "", title) for number, title in enumerate(titles))
    (message,) = render([Say("which.of_several", {}, choices)], capabilities=SMS, language="id")
    assert segments(message.text) == 1
    assert all(f" {number} Petugas" in message.text for number in range(1, 6))


def test_several_reports_are_listed_in_one_segment() -> None:
    world = filed()
    for number in range(5):
        world.later(timedelta(hours=1))
        world.hear(f"LAPOR air pdam di Jl Anggrek nomor {number} Kota Contoh keruh sejak kemarin, tidak ada foto")
        world.tell(NoticeKind.DISPOSED, world.reports[-1].code, holder=LONG_OFFICE)
    assert len(world.reports) == 6
    (said,) = world.hear("STATUS")
    assert segments(said.text) == 1
    assert "+2 lagi" in said.text


# --- what a report costs ---------------------------------------------------------------------------------------------------


def bills(transcript: str) -> list[int]:
    """Segments that each report took until it was complete: the receipt with its code, and the thanks for what was missing."""
    costs: list[int] = []
    for line in head_and_lines(play(transcript))[1]:
        if line.startswith("= submit"):
            costs.append(0)
            counting = True
        elif line.startswith(("> ", "! ")):
            counting = False
        elif line.startswith("= complete"):
            counting = True
        elif line.startswith("< ") and costs and counting:
            costs[-1] += segments(line[2:])
    return costs


BY_TEXT = [path for path in FILES if "\nchannel: sms\n" in path.read_text(encoding="utf-8")]


def test_a_complete_report_costs_at_most_four_segments() -> None:
    costs = {path.stem: bills(path.read_text(encoding="utf-8")) for path in BY_TEXT}
    each = [cost for costs_of_one in costs.values() for cost in costs_of_one]
    assert len(BY_TEXT) >= 9
    assert len(each) >= 12
    assert max(each) <= 4, costs


@pytest.mark.parametrize("path", BY_TEXT, ids=lambda path: path.stem)
def test_in_every_conversation_by_text_an_answer_is_one_segment(path: Path) -> None:
    lines = head_and_lines(path.read_text(encoding="utf-8"))[1]
    for before, line in pairwise(lines):
        if line.startswith("< "):
            dearer = before.startswith(("! question", "> INFO")) or " bertanya: " in line or "Tolong jawab" in line
            assert is_gsm(line[2:])
            assert segments(line[2:]) <= (2 if dearer else 1), line


# --- marks, cuts, parts ----------------------------------------------------------------------------------------------------


@given(words=st.text(max_size=300))
def test_folding_never_makes_a_text_dearer_and_keeps_plain_ones(words: str) -> None:
    assert segments(folded(words)) <= max(segments(words), segments(words.replace("…", "...")))
    plain = "".join(letter for letter in words if is_gsm(letter) and letter not in "\n")
    assert folded(plain) == plain


@given(words=st.text(max_size=200), longest=st.integers(8, 100))
def test_shortened_words_fit_and_short_ones_stay(words: str, longest: int) -> None:
    cut = shortened(words, longest)
    assert len(cut) <= longest
    assert cut == words or cut.endswith("..")


@given(words=st.text(alphabet=st.sampled_from("ab ce.[]{}€\nñ道👍"), max_size=1500))
def test_parts_of_a_long_text_are_four_segments_each_at_most(words: str) -> None:
    parts = split_in_segments(words, 4 * GSM_JOINED)
    assert all(segments(part) <= 4 for part in parts)
    assert "".join("".join(parts).split()) == "".join(words.split())


def test_the_extension_table_counts_twice_where_a_text_is_cut() -> None:
    parts = split_in_segments("[" * 400, 4 * GSM_JOINED)
    assert [septets(part) for part in parts] == [612, 188]


def test_english_prompts_are_short_too() -> None:
    world = World(FRIDAY, SMS)
    for words in ("the street light on Jl Melati has been broken since Monday", "1 none", "STATUS", "CANCEL", "STOP"):
        assert all(segments(message.text) == 1 for message in world.hear(words))


def test_more_is_the_word_that_brings_the_whole() -> None:
    assert "INFO" in text("id", "info.more")
    assert "INFO" in text("en", "info.more")
