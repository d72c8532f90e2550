"""The whole of a message beside its newest part; accepted messages found by the moment they left.

Revision: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("whole", sa.Text(), nullable=True))
    accepted = sa.text("state = 'accepted'")
    op.create_index(
        "ix_outbox_accepted", "outbox", ["channel", "done_at"], sqlite_where=accepted, postgresql_where=accepted
    )
