"""`lapor account`: officials' accounts at the command line."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from admin_web.security.passwords import hash_password
from core import accounts
from core.casework.accounts import disable_account
from core.config import load
from core.errors import ConfigurationError
from core.office import now_utc
from core.procedure.vocabulary import Role
from lapor.command import ConfigFile, open_current, out, plainly

account = typer.Typer(no_args_is_help=True, help="Officials' accounts.")
LEAST_CHARACTERS = 10


@account.command("add")
@plainly
def account_add(
    email: Annotated[str, typer.Option()],
    role: Annotated[str, typer.Option(help="national_admin, agency_admin, liaison, examiner, coordinator, supervisor")],
    agency: Annotated[str | None, typer.Option(help="Name or number of the agency.")] = None,
    unit: Annotated[str | None, typer.Option(help="Name or number of the unit.")] = None,
    name: Annotated[str | None, typer.Option(help="The official's name.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    config: ConfigFile = None,
) -> None:
    """Add an account with a role, or a role to an account."""

    office = open_current(load(config))
    try:
        wanted = Role(role)
    except ValueError as error:
        raise ConfigurationError(f"--role {role}: not a role; see lapor account add --help") from error
    place = accounts.find_office(office, agency=agency, unit=unit)
    password = _password(password_stdin)
    accounts.add(
        office,
        email=email,
        name=name or email.partition("@")[0],
        password_hash=hash_password(password),
        role=wanted,
        office_id=place.id,
        by=accounts.By(),
        now=now_utc(),
    )
    out.print(f"{email}: {wanted.value} at {place.name}", markup=False)
    if not password_stdin:
        out.print(f"password (shown once): {password}", markup=False)
    office.close()


@account.command("list")
@plainly
def account_list(config: ConfigFile = None) -> None:
    """Every account with its roles."""

    office = open_current(load(config))
    names = {row.id: row.name for row in office.tree().by_id.values()}
    for one in accounts.every(office):
        roles = "; ".join(f"{grant.role.value} at {names[grant.office_id]}" for grant in one.grants)
        marks = f"{'' if one.active else ' (disabled)'}{' (demonstration)' if one.demonstration else ''}"
        out.print(f"{one.email}{marks}: {roles}", markup=False)
    office.close()


@account.command("disable")
@plainly
def account_disable(
    email: Annotated[list[str] | None, typer.Option(help="Whose; may be given several times.")] = None,
    demonstration: Annotated[bool, typer.Option("--demonstration", help="All accounts of the demonstration.")] = False,
    config: ConfigFile = None,
) -> None:
    """Disable accounts: their sessions end, their offices' reports go up if nobody is left (sop.md §1)."""

    office = open_current(load(config))
    wanted = list(email or [])
    if demonstration:
        wanted += [one.email for one in accounts.every(office) if one.demonstration and one.active]
    if not wanted:
        raise ConfigurationError("say whose account: --email E, or --demonstration")
    for address in wanted:
        disable_account(office, email=address, by=accounts.By(), now=now_utc())
        out.print(f"{address}: disabled", markup=False)
    office.close()


@account.command("reset")
@plainly
def account_reset(
    email: Annotated[str, typer.Option()],
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    config: ConfigFile = None,
) -> None:
    """Set a new password, enable the account, end its sessions."""

    office = open_current(load(config))
    password = _password(password_stdin)
    accounts.reset(office, email=email, password_hash=hash_password(password), by=accounts.By(), now=now_utc())
    out.print(f"{email}: new password{'' if password_stdin else f' (shown once): {password}'}", markup=False)
    office.close()


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        return secrets.token_urlsafe(12)
    password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < LEAST_CHARACTERS:
        raise ConfigurationError(f"the password needs at least {LEAST_CHARACTERS} characters")
    return password
