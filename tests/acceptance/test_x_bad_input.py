"""Whatever people write on X comes to the desk as they wrote it, and what is none of ours is answered to nobody."""

from __future__ import annotations

from tests.acceptance.test_x_first_to_last import PICTURE
from tests.acceptance.xworld import CODE, XCity

AWKWARD = (
    "Lampu di Jl Melati <kota Contoh> & sekitarnya mati sejak kemarin; \"gelap\" 'sekali' 👩‍👩‍👧 &amp; &lt;b&gt; "
    "\u202eterbalik\u202c 100% _tebal_ *miring* `kode` '; DROP TABLE reports; --"
)
LONG = "lampu jalan di Jl Kenanga kota Contoh mati sejak kemarin, " + "gelap sekali dan anak-anak takut lewat, " * 240


def test_words_come_as_they_were_written_and_harm_nothing(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    code = siti.reports(AWKWARD)
    page = city.page("nasional", f"/laporan/{code}")
    assert "Jl Melati <kota Contoh> & sekitarnya" in page
    assert "👩‍👩‍👧 &amp; &lt;b&gt;" in page, "X escapes once, and once it is undone"
    assert "DROP TABLE" in page
    long = budi.reports(LONG[:9_900])
    assert LONG[9_800:9_900].strip() in city.page("nasional", f"/laporan/{long}"), "to its end"
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}


def test_what_is_no_conversation_of_two_is_answered_to_nobody(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    siti.person.dms("lampu mati di sini", group="1999999999999999999")
    assert "Halo" in budi.says("halo"), "what came after it is read"
    assert siti.reads() == ""
    assert len(city.rows("inbox")) == 1
    assert city.rows("reports") == []
    assert city.public() == []


def test_a_picture_first_an_empty_post_and_a_pile_of_messages(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    budi.tweets("@lapor1708")  # nothing but our name
    assert len(city.public()) == 1
    heard = siti.says("", [siti.person.photo(PICTURE)])
    assert heard
    for words in ("pak", "jalan di Jl Anggrek kota Contoh", "berlubang besar sejak kemarin", "motor jatuh", "tolong"):
        siti.writes(words)
    siti.reads()
    for words in ("Sembunyikan", "Tidak ada", "Kirim"):
        heard = siti.says(words)
        if CODE.search(heard):
            break
    (code,) = CODE.findall(heard)
    page = city.page("nasional", f"/laporan/{code}")
    assert "berlubang besar" in page
    assert "motor jatuh" in page
    assert len(city.rows("reports")) == 1
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
