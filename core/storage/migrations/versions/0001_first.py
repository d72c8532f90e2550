"""The first schema.

Revision: 0001
"""

from __future__ import annotations

from alembic import op

from core.storage.tables import metadata
from core.storage.triggers import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    protect(op.get_bind())
