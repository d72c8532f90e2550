"""The first minutes: migrate, the demonstration, and a start-up text that says where everything is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from core.office import Office, now_utc
from core.storage import schema
from lapor import demo, wiring
from lapor.demo import DemoAccount
from lapor.serve import Service


def prepare(office: Office) -> None:
    """Brings the database to this version."""
    schema.migrate(office.database)


def demonstration_on_empty(office: Office) -> list[DemoAccount]:
    """The demonstration government where there is nothing yet; no accounts otherwise."""
    return demo.fill(office, now=now_utc()) if demo.is_empty(office) else []


def show_accounts(out: Console, made: Sequence[DemoAccount]) -> None:
    """The demonstration's accounts with their passwords: the only time they are shown."""
    width = max(len(one.email) for one in made)
    out.print("\nAkun peragaan (kata sandi hanya ditampilkan sekali) / demonstration accounts (passwords shown once):")
    for one in made:
        out.print(f"  {one.email:<{width}}  {one.password}  {one.role.value} · {one.office}", markup=False)


def greet(out: Console, service: Service, made: Sequence[DemoAccount]) -> None:
    """Where the desk is, who can log in, how to send the first report."""
    if made:
        show_accounts(out, made)
    out.print("")
    if "desk" in service.addresses:
        out.print(f"Meja petugas / desk:  {service.addresses['desk']}", markup=False)
    if "ingress" in service.addresses:
        out.print(f"Webhook / ingress:    {service.addresses['ingress']}  (/healthz, /readyz)", markup=False)
    out.print("Laporan pertama / first report, no token needed:  make chat   (or: .venv/bin/lapor chat)")
    config = service.office.config
    if "email" in service.addresses:
        address = config.channel("email", wiring.package("email").Settings).address
        out.print(f"  atau email / or a mail to {address}, SMTP on {service.addresses['email']}", markup=False)
    if keep := wiring.kept_mail(config):
        out.print(f"Relay email belum diatur / no mail relay is set: outgoing mails are kept under {keep}", markup=False)
    out.print("Ctrl-C berhenti / stops.\n")
