"""Alembic's environment: it is given a connection by `core/storage/schema.py` and runs inside its transaction."""

from __future__ import annotations

from alembic import context

from core.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
