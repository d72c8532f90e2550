"""`lapor`: the command line. Exit codes: 0 done, 1 found wrong, 2 wrong usage or configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from core import erasing
from core import sweep as sweeping
from core.config import load
from core.errors import ConfigurationError
from core.keepsakes import Shelf
from core.office import now_utc
from core.storage import accounts, schema
from core.storage.audit import verify
from lapor import chat as chatting
from lapor import checking, start, trying, wiring
from lapor import demo as demonstrating
from lapor.accounts import account
from lapor.command import WRONG, ConfigFile, open_current, out, plainly
from lapor.demo import DemoAccount
from lapor.serve import PARTS, Service

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Layanan pengaduan LAPOR!-SP4N."
)
audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(account, name="account")
app.add_typer(audit, name="audit")


@app.command()
@plainly
def serve(config: ConfigFile = None) -> None:
    """Run every part in one process; brings the database to this version first."""
    settings = load(config)

    names = wiring.enabled(settings)
    shelf = Shelf()
    channels = wiring.build_channels(settings, names, shelf)
    office = wiring.open_with_keys(settings, wiring.capabilities(channels), shelf)
    start.prepare(office)
    made = start.demonstration_on_empty(office) if os.environ.get("LAPOR_DEMO_ON_EMPTY") == "1" else []
    _run(Service(office, channels, (*PARTS, *settings.enabled_channels)), made)


@app.command("run")
@plainly
def run_parts(
    parts: Annotated[list[str], typer.Argument(help="desk, ingress, worker, or a channel's name")], config: ConfigFile = None
) -> None:
    """Run parts by themselves; exits 2 on an older schema."""
    settings = load(config)

    names = wiring.enabled(settings)
    unknown = [part for part in parts if part not in PARTS and part not in names]
    if unknown:
        known = ", ".join((*PARTS, *names))
        raise ConfigurationError(f"{unknown[0]}: not a part; this configuration has {known}")
    shelf = Shelf()
    channels = wiring.build_channels(settings, names, shelf)
    office = wiring.open_with_keys(settings, wiring.capabilities(channels), shelf)
    _run(Service(office, channels, tuple(parts)), [])


def _run(service: Service, made: Sequence[DemoAccount]) -> None:
    service.heed_signals()
    try:
        service.start()
        start.greet(out, service, made)
        service.wait()
    finally:
        service.stop()


@app.command()
@plainly
def chat(
    as_: Annotated[str, typer.Option("--as", help="Who speaks; another name is another citizen.")] = "warga",
    config: ConfigFile = None,
) -> None:
    """Talk to the service as a citizen, in this terminal, through the real road."""
    settings = load(config)

    chatting.run(settings, name=as_)


@app.command()
@plainly
def check(
    send_test: Annotated[
        str | None, typer.Option(metavar="TO", help="Only send a test message there: a mail address or a telephone number.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="With --send-test: through this channel.")] = None,
    config: ConfigFile = None,
) -> None:
    """Configuration, database, channels, calendar: each line OK or what to do. Exit 1 if something is not fine."""
    settings = load(config)
    if channel is not None and send_test is None:
        raise ConfigurationError("--channel belongs to --send-test TO")

    wrong = False
    for line in checking.lines(settings) if send_test is None else (trying.send_test(settings, send_test, channel),):
        wrong = wrong or not line.ok
        out.print(f"{'OK  ' if line.ok else 'FIX '} {line.name}: {line.message}", markup=False)
    raise typer.Exit(WRONG if wrong else 0)


@app.command()
@plainly
def migrate(config: ConfigFile = None) -> None:
    """Bring the database to this version."""
    office = wiring.open_with_keys(load(config), {})
    before = schema.migrate(office.database)
    out.print(f"{before or 'empty'} → {schema.head()}" if before != schema.head() else f"already at {before}")
    office.close()


@app.command()
@plainly
def sweep(
    at: Annotated[
        str | None, typer.Option(help="As if this moment had come: 2026-03-17T08:00 (office's zone) or with offset.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would happen and change nothing.")] = False,
    config: ConfigFile = None,
) -> None:
    """Do now what the scheduler would; print each effect."""
    settings = load(config)
    channels = wiring.build_channels(settings, wiring.enabled(settings))
    office = open_current(settings, wiring.capabilities(channels))

    moment = _moment(at, settings.office.zone) if at else now_utc()
    if moment > now_utc() and not dry_run:
        with office.database.read() as conn:
            if not accounts.demonstration_enabled(conn):
                raise ConfigurationError("--at lies in the future: add --dry-run, only a demonstration database may run ahead")
    effects = sweeping.run(office, at=moment, dry_run=dry_run)
    for effect in effects:
        out.print(str(effect), markup=False)
    out.print(f"{len(effects)} effect(s){' (dry run)' if dry_run else ''}")
    office.close()


@app.command()
@plainly
def demo(config: ConfigFile = None) -> None:
    """Fill an empty database with the demonstration government; the passwords are printed once."""

    office = wiring.open_with_keys(load(config), {})
    schema.migrate(office.database)
    made = demonstrating.fill(office, now=now_utc())
    start.show_accounts(out, made)
    office.close()


@app.command()
@plainly
def forget(
    number: Annotated[
        int, typer.Argument(min=1, max=2**62, help="The person's number, as the notification on the desk gives it.")
    ],
    config: ConfigFile = None,
) -> None:
    """Delete one reporter's identity on every linked channel; the reports stay. There is no way back."""
    settings = load(config)
    channels = wiring.build_channels(settings, wiring.enabled(settings))
    office = open_current(settings, wiring.capabilities(channels))
    going_on = erasing.forget(office, number, now=now_utc())
    erasing.finish(office, now_utc())
    office.close()
    out.print(f"person {number} is forgotten; {going_on} open report(s) go on without news to them")


@audit.command("verify")
@plainly
def audit_verify(config: ConfigFile = None) -> None:
    """Walk the hash chain; exit 1 and the first broken link if it was tampered with."""

    office = open_current(load(config))
    with office.database.read() as conn:
        verdict = verify(conn)
    office.close()
    if verdict.broken_at is not None:
        out.print(
            f"BROKEN at link {verdict.broken_at} (audit row {verdict.audit_id}); {verdict.links} links before it are whole"
        )
        raise typer.Exit(WRONG)
    out.print(f"whole: {verdict.links} links, {verdict.unsealed} rows not sealed yet")


def _moment(words: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise ConfigurationError(f"--at {words}: write it like 2026-03-17T08:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


if __name__ == "__main__":
    app()
