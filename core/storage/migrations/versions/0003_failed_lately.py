"""Messages that failed are counted by the moment they did.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text("state = 'failed'")
    op.create_index("ix_outbox_failed", "outbox", ["done_at", "channel"], sqlite_where=failed, postgresql_where=failed)
