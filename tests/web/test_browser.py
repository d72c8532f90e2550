"""A person at the desk, in a real browser without JavaScript, at desk and phone width: the road of one report by clicking."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from waitress.server import create_server

from core.procedure.vocabulary import Category, Move, State
from core.report import Report
from tests.left_out import COMMANDS
from tests.web.house import PASSWORD, House, photo

pytestmark = pytest.mark.needs("chromium")
WIDTHS = [1280, 390]


@pytest.fixture
def address(house: House) -> Iterator[str]:
    server = create_server(house.app, host="127.0.0.1", port=0, threads=4)

    def serve() -> None:
        with suppress(OSError):  # closed in the middle of its wait
            server.run()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"  # type: ignore[union-attr]
    server.close()
    thread.join(timeout=5)


@pytest.fixture
def browser() -> Iterator[Any]:
    import shutil

    from playwright.sync_api import sync_playwright

    path = next(found for name in COMMANDS["chromium"] if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield started
        started.close()


class Person:
    """Somebody with a browser window of this width."""

    def __init__(self, browser: Any, address: str, width: int, folder: Path) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
        self.page = self.context.new_page()
        self.address, self.width, self.folder = address, width, folder

    def logs_in(self, login: str) -> None:
        self.page.goto(f"{self.address}/masuk")
        self.page.fill("#email", f"{login}@demo.test")
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_selector("h1:has-text('Antrean')")

    def opens(self, title: str) -> None:
        self.page.click(f"a.title:has-text('{title}')")
        self.page.wait_for_selector("h2:has-text('Cerita pelapor')")

    def fills(self, move: str, **fields: str) -> None:
        if not self.page.locator(f"#langkah-{move}").evaluate("each => each.open"):
            self.page.click(f"#langkah-{move} > summary")
        for name, value in fields.items():
            self.page.locator(f"#langkah-{move} [name={name}]").last.fill(value)

    def sends(self, move: str) -> None:
        self.page.click(f"#langkah-{move} form > button")
        self.page.wait_for_load_state()

    def leaves(self) -> None:
        self.page.click("header button:has-text('Keluar')")
        self.page.wait_for_selector("h1:has-text('Masuk')")

    def shot(self, name: str) -> None:
        """A picture of the whole page, and nothing sticks out at the side."""
        self.page.screenshot(path=self.folder / f"{name}-{self.width}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name} is {wide} pixels wide"


def _fill_the_queue(house: House) -> Report:
    house.at_city(
        title="Lampu jalan Melati mati dua minggu", category=Category.GRIEVANCE, who_words="", where_words="Jl. Melati"
    )
    late = house.reported(
        title="Antrean RSUD tujuh jam tanpa kepastian", category=Category.COMPLAINT, where_words="RSUD Kota Contoh"
    )
    house.change(late, due_at=house.now[0] - timedelta(days=2), overdue=True)
    urgent = house.reported(title="Warga mencium gas di dekat sekolah", urgent=True, where_words="SD Negeri 2 Sukamaju")
    house.change(urgent, due_at=house.now[0] + timedelta(hours=10))
    house.reported(title="Terima kasih untuk petugas Puskesmas", category=Category.APPRECIATION)
    report = house.reported()
    house.change(report, classified=False)
    house.attach(report, photo((900, 700)), mime="image/jpeg", name="karcis loket.jpg")
    house.attach(report, b"%PDF-1.7 surat", mime="application/pdf", name="surat keterangan.pdf", kind="document")
    return report


@pytest.mark.parametrize("width", WIDTHS)
def test_one_report_goes_down_twice_and_is_answered_by_clicking(
    house: House, address: str, browser: Any, width: int, tmp_path: Path
) -> None:
    report = _fill_the_queue(house)
    person = Person(browser, address, width, tmp_path)
    person.page.goto(f"{address}/masuk")
    person.shot("masuk")
    person.logs_in("nasional")
    person.shot("antrean")
    person.opens("Diminta bayar kartu berobat")
    person.shot("laporan")
    person.fills("reclassify")
    person.page.check("#langkah-reclassify input[value=grievance]")
    person.shot("klasifikasi")
    person.sends("reclassify")
    person.fills("dispose")
    person.page.locator("#langkah-dispose label:has-text('Pemerintah Kota Contoh')").first.click()
    person.shot("disposisi")
    person.sends("dispose")
    assert house.again(report).state is State.AT_AGENCY
    person.leaves()

    person.logs_in("kota")
    person.opens("Diminta bayar kartu berobat")
    person.fills("dispose", office_name="Puskesmas Sukamaju – Dinas Kesehatan Kota Contoh")
    person.sends("dispose")
    assert house.again(report).state is State.AT_UNIT
    person.leaves()

    person.logs_in("puskesmas")
    person.page.click("nav >> text=Pemberitahuan")
    person.shot("pemberitahuan")
    person.page.click("nav >> text=Antrean")
    person.opens("Diminta bayar kartu berobat")
    person.fills("respond", words="Terlalu")
    person.page.evaluate("document.querySelector('#respond-promised_on').value = '2026-03-17'")
    person.sends("respond")
    assert "Terlalu singkat" in person.page.inner_text("#langkah-respond")
    assert person.page.input_value("#respond-words") == "Terlalu"
    person.shot("kurang")
    person.fills(
        "respond", words="Kepala puskesmas memeriksa loket hari ini dan mengembalikan uang Anda.", promised_on="2026-03-17"
    )
    person.sends("respond")
    assert house.again(report).state is State.IN_PROGRESS
    house.does("puskesmas", report, Move.NOTE, words="Petugas loket sudah dipanggil.")
    person.page.reload()
    person.shot("ditangani")
    assert re.search("Tersimpan|Respon awal", person.page.inner_text("main"))


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_the_national_admin_fit_the_screen(
    house: House, address: str, browser: Any, width: int, tmp_path: Path
) -> None:
    _fill_the_queue(house)
    person = Person(browser, address, width, tmp_path)
    person.logs_in("nasional")
    for path in (
        "/karantina",
        "/layanan",
        "/pemberitahuan",
        "/?tab=running",
        "/?tab=over",
        "/cari?q=kartu",
        "/laporan/tidak-ada",
    ):
        person.page.goto(address + path)
        person.shot(path.strip("/").replace("?", "").replace("/", "-") or "antrean")
