"""`lapor forget`: for whoever could not say yes here."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from core.office import Office, now_utc
from core.procedure.vocabulary import OfficeKind
from core.storage import offices, people
from lapor.cli import app


def forget(config_file: Path, number: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["forget", number, "--config", str(config_file)])
    return done.exit_code, done.output


def test_a_person_is_forgotten_by_number_once(config_file: Path, office: Office) -> None:
    with office.database.write() as connection:
        offices.add(connection, kind=OfficeKind.NATIONAL, name="Pusat", zone="Asia/Jakarta", parent=None, now=now_utc())
        address, _ = people.ensure_address(
            connection, channel="letter", value="+62811", name="Ani", language="id", verified=True, now=now_utc()
        )
    number = str(address.person_id)
    code, said = forget(config_file, number)
    assert code == 0
    assert said.endswith(f"person {number} is forgotten; 0 open report(s) go on without news to them\n")
    with office.database.read() as connection:
        after = people.address(connection, address.id)
        assert after is not None
        assert (after.address, after.name) == ("", None)
        assert people.find_address(connection, "letter", "+62811") is None
    code, said = forget(config_file, number)
    assert code == 1
    assert "forgotten already" in said


def test_what_is_no_number_of_a_person_changes_nothing(config_file: Path, office: Office) -> None:
    for number in ("0", "x", str(2**70)):
        assert forget(config_file, number)[0] == 2
    assert forget(config_file, "4711")[0] == 1
