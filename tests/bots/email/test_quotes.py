"""Line by line: what is a quote, a signature or a notice, and what only looks like one."""

import pytest

from bots.email.quotes import own, tidy

ATTRIBUTIONS = [
    "Pada Sen, 2 Mar 2026 pukul 10.00 LAPOR! <lapor@contoh.go.id> menulis:",
    "Pada tanggal Sen, 2 Mar 2026 pukul 10.00 LAPOR! <lapor@contoh.go.id> menulis:",
    "Pada Sen, 2 Mar 2026 pukul 10.00 LAPOR!\n<lapor@contoh.go.id> menulis:",
    "Pada Sen, 2 Mar 2026\npukul 10.00 LAPOR!\n<lapor@contoh.go.id>\nmenulis:",
    "Pada 2 Mar 2026, pada 10.00, LAPOR! <lapor@contoh.go.id> menulis:",
    "Pada Senin, 2 Maret 2026 10.00.00 WIB, LAPOR! <lapor@contoh.go.id> menulis:",
    "On Mon, Mar 2, 2026 at 10:00 AM LAPOR! <lapor@contoh.go.id> wrote:",
    "On Monday, 2 March 2026 at 10:00:00 am GMT+7, LAPOR! <lapor@contoh.go.id> wrote:",
    "On 2 Mar 2026, at 10:00, LAPOR! <lapor@contoh.go.id> wrote:",
    "LAPOR! <lapor@contoh.go.id> menulis pada 2 Mar 2026 10.00:",
    "2026-03-02 10:00 GMT+07:00 LAPOR! <lapor@contoh.go.id>:",
    "*Pada* 2 Mar 2026 10.00, LAPOR! <lapor@contoh.go.id> *menulis*:",
]
BLOCKS = [
    "-----Pesan Asli-----\nDari: LAPOR!\nDikirim: Senin\nKepada: Siti",
    "----- Original Message -----\nFrom: LAPOR!",
    "-------- Pesan asli --------\nDari: LAPOR! <l@c.id>\nTanggal: 02/03/26",
    "________________________________\nDari: LAPOR! <l@c.id>\nDikirim: Senin\nKepada: Siti\nPerihal: x",
    "Dari: LAPOR! <l@c.id>\nDikirim: Senin, 2 Maret 2026\nKepada: Siti\nPerihal: x",
    "*From:* LAPOR! <l@c.id>\n*Sent:* Monday\n*To:* Siti\n*Subject:* x",
    "Dari: LAPOR! <l@c.id>\nTanggal: 2 Mar 2026\nUntuk: Siti\nSubjek: x",
    "From: LAPOR!\nSent: Monday\nTo: Siti\nSubject: x",
    "Begin forwarded message:\n\nFrom: LAPOR! <l@c.id>\nSubject: x\nDate: Monday",
]
PHONES = [
    "Dikirim dari iPhone saya",
    "Dikirim dari iPad saya",
    "Dikirim dari Yahoo Mail di Android",
    "Dikirim dari ponsel cerdas Samsung Galaxy saya.",
    "Dikirim dari HP saya",
    "Dikirim dari Outlook untuk Android",
    "Terkirim dari perangkat seluler Xiaomi",
    "Sent from my iPhone",
    "Sent from my Galaxy",
    "Sent from Yahoo Mail on Android",
    "Sent from Yahoo Mail on Android (https://go.onelink.example/1)",
    "Sent from Mail for Windows",
    "Sent via BlackBerry from Telkomsel",
    "Get Outlook for Android",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Dapatkan Outlook untuk Android",
    "Bebas virus.www.avast.com",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> 1. Beres\n> 2. Belum", "1. Beres\n2. Belum"], ids=["marked", "unmarked"])
def test_an_attribution_ends_the_own_words(line, quote):
    assert own(f"Belum\n\n{line}\n\n{quote}\n", answers=True) == "Belum"


@pytest.mark.parametrize("block", BLOCKS)
def test_a_header_block_ends_the_own_words(block):
    assert own(f"Belum\n\n{block}\n\n1. Beres\n", answers=True) == "Belum"


@pytest.mark.parametrize("line", [*ATTRIBUTIONS, *BLOCKS])
def test_a_first_mail_keeps_what_it_quotes(line):
    text = f"Ini suratnya:\n\n{line}\n\n> Ditolak.\n> Titik."
    assert own(text, answers=False) == text


@pytest.mark.parametrize("line", PHONES)
@pytest.mark.parametrize("answers", [True, False], ids=["answers", "first"])
def test_a_phones_signature_goes(line, answers):
    assert own(f"Jalan rusak\n\n{line}\n", answers=answers) == "Jalan rusak"
    assert own(f"{line}\n", answers=answers) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Paket dikirim dari kantor pos\ndikirim dari kantor pos tidak sampai",
        "Dikirim dari gudang Bulog ke desa, beras busuk",
        "Pada 3 Maret 2026 petugas menulis:\nberkas hilang",
        "Pada hari Senin pukul 10.00 saya datang ke loket.",
        "Kepada: Camat\nPerihal: jalan\nIsi surat",
        "Dari: Jalan Mawar\nKe: Jalan Melati\nangkot tidak ada",
        "Salam,\nSiti",
        "Hormat saya,\nSiti Aminah",
        "> 3 bulan tidak diperbaiki",
        "E-mail ini saya kirim lagi",
        "-- pungli -- di loket",
        "Pesan asli dari Pak RT hilang",
        "------\ngaris\n------\nlagi",
        "Perhatian: jalan licin",
    ],
)
def test_a_persons_own_words_stay_even_if_they_look_like_a_programs(text):
    assert own(text, answers=True) == text
    assert own(text, answers=False) == text


def test_between_and_below_the_quoted_lines_his_words_stay():
    text = "Pada 2 Mar 2026 10.00, L <l@c.id> menulis:\n> Kapan?\n\nKemarin\n\n> Di mana?\n\nDi loket 3\n\n-- \nSiti"
    assert own(text, answers=True) == "Kemarin\n\nDi loket 3"


def test_a_quote_alone_leaves_nothing():
    assert own("Pada 2 Mar 2026 10.00, L <l@c.id> menulis:\n> Kapan?\n> Di mana?", answers=True) == ""


def test_a_signature_ends_the_text_but_not_a_story_of_many_lines():
    assert own("Belum\n-- \nSiti\nRT 4", answers=True) == "Belum"
    story = "Belum\n--\n" + "\n".join(f"baris {number}" for number in range(30))
    assert own(story, answers=True) == story


@pytest.mark.parametrize(
    "end",
    [
        "Salam,\nSiti",
        "Salam hormat,\nSiti Aminah",
        "Hormat saya,\n\nSiti Aminah, S.Pd.\nHP: 0812-3456-7890",
        "Terima kasih,\nSiti",
        "Best regards,\n\nJohn O'Neil\n+62 812 3456 789",
        "Wassalamualaikum wr. wb.",
        "Demikian, terima kasih.\n\nHormat kami,\n(Siti Aminah)\nsiti@warga.example",
        "Terima kasih.\n\nSalam,\nSiti\n\nDikirim dari iPhone saya",
    ],
)
@pytest.mark.parametrize("answers", [True, False], ids=["answers", "first"])
def test_a_letters_end_goes_with_the_name_below_it(end, answers):
    assert own(f"1\n\n{end}\n", answers=answers) == "1"


@pytest.mark.parametrize(
    "text",
    [
        "Jalan rusak.\n\nTerima kasih,\nLokasinya di Jalan Melati depan SD 3",
        "Jalan rusak.\n\nSalam\nini sudah tiga bulan tidak ditambal sama sekali",
        "Petugas bilang:\nTerima kasih\nlalu uangnya diambil dan saya disuruh pulang",
        "Jalan rusak.\nSalam,\nJl. Mawar 3, RT 4",
    ],
)
def test_what_is_more_than_a_name_below_it_stays(text):
    assert own(text, answers=False) == text


def test_thanks_stay_where_nothing_else_was_said_and_the_name_goes():
    assert own("Terima kasih,\nSiti Aminah", answers=True) == "Terima kasih,"


@pytest.mark.parametrize("line", ["Yth. Bapak/Ibu Admin,", "Kepada Yth. Tim LAPOR!", "Dengan hormat,", "Dear Sir or Madam,"])
def test_how_an_answer_addresses_us_is_no_part_of_it(line):
    assert own(f"{line}\n\nSudah beres.", answers=True) == "Sudah beres."
    assert own(f"{line}\n\nJalan rusak.", answers=False) == f"{line}\n\nJalan rusak."
    assert own(line, answers=True) == line


def test_a_companys_notice_goes_only_as_the_last_paragraph():
    notice = "Disclaimer: this e-mail is confidential and intended only for the named recipient. If you are not, delete it."
    assert own(f"Belum\n\n{notice}", answers=True) == "Belum"
    assert own(f"{notice}\n\nBelum", answers=True) == f"{notice}\n\nBelum"
    assert own(notice, answers=True) == notice


def test_blank_lines_never_pile_up():
    assert tidy("\n\na  \n\n\n \n\u00a0\nb\n\n") == "a\n\nb"
