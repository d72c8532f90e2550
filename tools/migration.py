"""`make migration NAME="what changes"`: the next revision, from the difference between migrations and tables.

Read what it wrote: a rebuild drops triggers on SQLite, and data that must move is yours to write.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from core.storage import schema
from core.storage.engine import open_database
from core.storage.tables import metadata

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"


def main(name: str) -> Path:
    """The path of the new revision."""
    known = sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))
    previous = known[-1] if known else None
    revision = f"{int(previous or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/head.db")
        if previous:
            schema.migrate(database)
        with database.read() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "target_metadata": metadata,
                    "user_module_prefix": "types.",
                    "render_as_batch": True,
                    "compare_type": True,
                },
            )
            changes = produce_migrations(context, metadata).upgrade_ops
        database.dispose()
    if changes is None or changes.is_empty():
        raise SystemExit("the tables are as the migrations leave them: nothing to write")
    code = render_python_code(changes, render_as_batch=True, user_module_prefix="types.", migration_context=context)
    path = VERSIONS / f"{revision}_{'_'.join(name.lower().split())}.py"
    path.write_text(TEMPLATE.format(name=name, revision=revision, previous=previous, code=code))
    return path


TEMPLATE = '''"""{name}

Revision: {revision}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage import types

revision = "{revision}"
down_revision = {previous!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {code}
'''

if __name__ == "__main__":
    sys.stdout.write(f"{main(' '.join(sys.argv[1:]) or 'change')}\n")
