"""What is said in public on X: whose words begin a report, who is invited how often, what becomes of a post that is deleted."""

from __future__ import annotations

from datetime import timedelta

from tests.acceptance.conftest import XCities
from tests.acceptance.xworld import CODE, XCity, wib

LAMP = "@lapor1708 lampu Jl Melati kota Contoh mati 2 minggu #lapor"
INVITATION = "Terima kasih sudah bersuara. Supaya data Anda aman, lanjut lewat DM ke @lapor1708, ya."  # sop.md §7
DOORS = ("SMS 1708", "www.lapor.go.id", "loket Balai Kota")


def test_a_quote_a_repost_and_somebody_elses_reply_are_no_report(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    post = siti.tweets(LAMP)
    city.vendor.brings(f"tweet:{budi.person.quotes(post, 'setuju, gelap sekali @lapor1708')}")
    city.vendor.brings(f"tweet:{budi.person.retweets(post)}")
    budi.replies(post, "iya min, di sini juga gelap")  # X carries our name along at its head
    budi.person.tweets("lampu Jl Kenanga mati, katanya lapor ke 1708")  # does not name us: X never shows it
    city.quiet()
    assert city.public() == [INVITATION]
    assert city.x.public_posts()[0].reply_to == post
    assert "Melati" not in budi.says("lapor"), "another's post is not his story"
    assert "Melati" in siti.says("lapor")
    assert city.rows("reports") == []
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}


def test_a_person_is_invited_once_a_day_and_each_post_is_kept_for_the_story(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    siti.tweets(LAMP)
    siti.tweets("@lapor1708 kmrn ada yg dijambret di sana!!")
    siti.tweets("@lapor1708 halo min? kok diam?")
    city.citizen("budi").tweets("@LAPOR1708 pipa bocor di Jl Anggrek kota Contoh")  # names know no capitals
    assert [post.text for post in city.x.public_posts()] == [INVITATION] * 2
    city.on(wib(3, 14, 9, 30))
    siti.tweets("@lapor1708 masih mati, besok saya ke balai kota")
    assert city.public() == [INVITATION] * 3
    siti.says("lapor")
    siti.says("1")
    siti.says("tidak ada")
    (code,) = CODE.findall(siti.says("kirim"))
    page = city.page("nasional", f"/laporan/{code}")
    assert "mati 2 minggu" in page
    assert "ada yg dijambret" in page
    assert "besok saya ke balai kota" in page


def test_whoever_takes_no_messages_is_invited_to_the_other_doors(x_cities: XCities) -> None:
    with x_cities(config={"office": {"contacts": list(DOORS)}}) as city:
        siti = city.citizen("siti", dms="closed")
        siti.tweets(LAMP)
        siti.tweets("@lapor1708 min, tolong")
        (said,) = city.public()
        assert "SMS 1708" in said
        assert "loket Balai Kota" in said
        assert "lapor.go.id" not in said, "a link costs, and public answers hold none"
        assert "DM" not in said
        assert "Melati" not in said
        assert city.rows("reports") == []
        assert siti.reads() == ""


def test_a_deleted_post_keeps_its_copy_and_the_desk_shows_the_mark(x_cities: XCities) -> None:
    with x_cities(deletions_hours=1) as city:
        siti = city.citizen("siti")
        filed = siti.tweets(LAMP)
        siti.says("lapor")
        siti.says("1")
        siti.says("tidak ada")
        (code,) = CODE.findall(siti.says("kirim"))
        waiting = siti.tweets("@lapor1708 pipa bocor di Jl Anggrek kota Contoh sejak kemarin")
        for post in (filed, waiting):
            siti.person.deletes(post)
            city.vendor.brings(f"deleted:{post}")
        city.clock.set(city.clock() + timedelta(hours=2))
        city.quiet()
        page = city.page("nasional", f"/laporan/{code}")
        assert "mati 2 minggu" in page
        assert "Penulis menghapus kiriman ini di kanalnya; salinan kami tetap ada." in page
        assert siti.reads() == "", "nobody is told off for deleting"
        assert "pipa bocor" in siti.says("lapor").lower(), "what was told and still waits is not lost"
        siti.says("1")
        siti.says("tidak ada")
        (second,) = CODE.findall(siti.says("kirim"))
        assert "Penulis menghapus" in city.page("nasional", f"/laporan/{second}")
        assert len(city.public()) == 1
