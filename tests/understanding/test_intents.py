"""Short answers and wishes, each as people type them: whole message against words inside a story."""

from __future__ import annotations

import pytest

from core.dialogue.understanding.intents import Intent, intents_in

WHOLE = {
    Intent.YES: ["iya", "ya", "y", "ok", "oke", "betul", "boleh", "siap", "yes", "👍", "iya benar", "yoi"],
    Intent.NO: ["tidak", "nggak", "gak", "kaga", "enggak", "g", "no", "bukan", "ga usah", "ndak"],
    Intent.NONE: [
        "ga ada",
        "tidak ada",
        "g ada",
        "gada",
        "tdk ada",
        "gk ada pak",
        "tidak ada foto",
        "ga punya bukti",
        "none",
        "nihil",
    ],
    Intent.UNKNOWN: [
        "ga tau",
        "gatau",
        "tidak tahu",
        "gak tau pak",
        "kurang tau",
        "lupa",
        "entahlah",
        "don't know",
        "not sure",
        "X",
        "ga inget",
    ],
    Intent.SKIP: ["lewati", "skip", "lewat aja", "nanti aja"],
    Intent.BACK: ["kembali", "balik", "back"],
    Intent.EDIT: ["ubah", "edit", "ganti", "ada yang salah", "mau ubah"],
    Intent.CANCEL: ["batal", "batalin", "cancel", "btl", "ga jadi", "BATAL", "/batal"],
    Intent.HELP: ["bantuan", "help", "/help", "cara lapor", "ini bot?"],
    Intent.STATUS: ["status", "/status", "laporan saya gimana", "udah sampai mana", "perkembangannya gimana"],
    Intent.REPORTS: ["laporan saya", "my reports", "daftar laporan", "/laporan"],
    Intent.NEW: ["lapor", "mau lapor", "saya mau lapor min", "buat laporan baru", "/lapor"],
    Intent.LANGUAGE: ["english please", "ganti bahasa", "bahasa inggris", "/bahasa", "bahasa indonesia"],
    Intent.DONE: ["udah itu aja", "itu aja", "sudah cukup", "udah", "segitu aja min", "that's all"],
    Intent.SEND: ["kirim", "iya kirim", "kirim aja", "send", "ok kirim"],
    Intent.GREETING: ["halo min", "assalamualaikum", "p", "test", "selamat pagi pak", "hai", "hello", "permisi"],
    Intent.THANKS: [
        "makasih ya",
        "ok terima kasih",
        "thanks",
        "mksh min",
        "terima kasih banyak",
        "🙏",
        "trims pak",
        "thank you so much",
    ],
    Intent.SETTLED: ["beres", "sudah selesai", "sdh beres makasih", "udah diperbaiki", "lampunya sudah nyala"],
    Intent.NOT_SETTLED: ["belum", "masih rusak", "blm beres", "belum ada perubahan", "still broken", "sama aja"],
    Intent.HIDE_NAME: [
        "sembunyikan",
        "jangan kasih tau nama saya",
        "rahasiakan",
        "rahasiain nama saya",
        "tidak boleh",
        "hide my name",
    ],
    Intent.SHOW_NAME: ["boleh", "boleh dilihat", "tampilkan", "gapapa dilihat", "boleh kok"],
    Intent.ANONYMOUS: ["anonim", "tanpa nama", "anonymous"],
    Intent.STOP: ["stop", "berhenti", "STOP", "jangan kirim pesan lagi"],
    Intent.DELETE_DATA: ["hapus data saya", "delete my data", "data saya dihapus"],
    Intent.WITHDRAW: ["batalin laporan saya", "cabut laporan saya", "tarik laporan", "withdraw my report"],
    Intent.PRIVACY: ["/data", "INFO"],
}


@pytest.mark.parametrize("text,intent", [(text, intent) for intent, texts in WHOLE.items() for text in texts])
def test_a_message_that_says_only_this_is_whole(text: str, intent: Intent) -> None:
    assert intents_in(text).whole(intent)


@pytest.mark.parametrize(
    "text",
    [
        "tidak ada air di rumah",
        "tidak ada dokter di puskesmas",
        "lampu jalan mati",
        "belum ada perbaikan jalan dari desa",
        "kirim surat ke dinas tidak dibalas",
        "petugas bilang tidak tahu",
        "stop kontak di kelas rusak",
        "batal berangkat karena bus tidak datang",
        "ya Allah jalan rusak parah",
        "halo min lampu jalan mati",
        "bayar 20rb",
        "laporan saya tentang lampu jalan mati",
    ],
)
def test_a_story_that_contains_such_words_is_no_whole_answer(text: str) -> None:
    wanted = intents_in(text)
    assert not wanted.whole(*Intent)


@pytest.mark.parametrize(
    "text,rating",
    [
        ("5", 5),
        ("bintang 4", 4),
        ("⭐⭐⭐⭐", 4),
        ("nilai 3", 3),
        ("4/5", 4),
        ("5 bintang", 5),
        ("sangat puas", 5),
        ("kecewa", 2),
        ("kurang puas", 2),
        ("biasa aja", 3),
        ("puas", 4),
        ("lima", 5),
        ("6", None),
        ("0", None),
        ("lampu mati 3 hari", None),
        ("sangat kecewa", 1),
    ],
)
def test_a_rating_is_one_to_five_in_digits_words_or_stars(text: str, rating: int | None) -> None:
    assert intents_in(text).rating == rating


@pytest.mark.parametrize(
    "text,number",
    [
        ("2", 2),
        ("no 2", 2),
        ("2.", 2),
        ("yang kedua", 2),
        ("nomor 3", 3),
        ("pilih 1", 1),
        ("12", 12),
        ("20rb", None),
        ("2 minggu", None),
    ],
)
def test_a_bare_number_is_a_choice(text: str, number: int | None) -> None:
    assert intents_in(text).number == number


@pytest.mark.parametrize(
    "text,language",
    [("english please", "en"), ("bahasa indonesia", "id"), ("/en", "en"), ("/bahasa", None), ("ganti bahasa inggris", "en")],
)
def test_a_wish_for_a_language_names_it(text: str, language: str | None) -> None:
    assert intents_in(text).language == language


def test_a_command_with_words_after_it_is_contained() -> None:
    wanted = intents_in("/lapor jalan rusak di desa kami")
    assert wanted.has(Intent.NEW)
    assert not wanted.whole(Intent.NEW)
    assert wanted.is_command
