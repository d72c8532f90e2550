"""One person behind many doors; what channels remember and spend; what may be said in public.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('channel_notes',
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'name', name=op.f('pk_channel_notes'))
    )
    op.create_table('spendings',
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.Column('micro_usd', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'day', 'purpose', name=op.f('pk_spendings'))
    )
    op.create_table('links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('undone_at', types.Instant(timezone=True), nullable=True),
    sa.Column('undone_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], name=op.f('fk_links_address_id_addresses')),
    sa.ForeignKeyConstraint(['other_address_id'], ['addresses.id'], name=op.f('fk_links_other_address_id_addresses')),
    sa.ForeignKeyConstraint(['undone_by'], ['addresses.id'], name=op.f('fk_links_undone_by_addresses')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_links'))
    )
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_links_address_id'), ['address_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_links_other_address_id'), ['other_address_id'], unique=False)

    op.create_table('link_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('lookup', sa.String(length=64), nullable=False),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', types.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', types.Instant(timezone=True), nullable=False),
    sa.Column('used_at', types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], name=op.f('fk_link_codes_address_id_addresses')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_link_codes_conversation_id_conversations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_codes')),
    sa.UniqueConstraint('lookup', name=op.f('uq_link_codes_lookup'))
    )
    with op.batch_alter_table('link_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_link_codes_address_id'), ['address_id'], unique=False)

    op.create_table('reminders',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('clock_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('made_at', types.Instant(timezone=True), nullable=False),
    sa.Column('not_before', types.Instant(timezone=True), nullable=False),
    sa.Column('told_with', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['clock_id'], ['clocks.id'], name=op.f('fk_reminders_clock_id_clocks')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_reminders_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminders')),
    sa.UniqueConstraint('clock_id', 'kind', name=op.f('uq_reminders_clock_id_kind'))
    )
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.create_index('ix_reminders_due', ['not_before'], unique=False,
            sqlite_where=sa.text('told_with IS NULL'), postgresql_where=sa.text('told_with IS NULL'))
        batch_op.create_index(batch_op.f('ix_reminders_report_id'), ['report_id'], unique=False)
        batch_op.create_index('ix_reminders_told', ['told_with'], unique=False)

    op.add_column("addresses", sa.Column("preferred_at", types.Instant(timezone=True), nullable=True))
    op.add_column("addresses", sa.Column("erasing_at", types.Instant(timezone=True), nullable=True))
    erasing = sa.text("erasing_at IS NOT NULL")
    op.create_index("ix_addresses_erasing", "addresses", ["erasing_at"], sqlite_where=erasing, postgresql_where=erasing)
    op.add_column("channel_states", sa.Column("remarks", sa.JSON(), nullable=True))
    op.add_column("messages", sa.Column("deleted_at", types.Instant(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("ix_messages_source", table_name="messages")
    op.create_index("ix_messages_source", "messages", ["source_id", "conversation_id"])  # found by its source alone too
    op.add_column("people", sa.Column("reminded_on", sa.Date(), nullable=True))
    # With their constraints, and without a rebuild of the table, in words that both databases understand.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE people ADD COLUMN same_as {kind} CONSTRAINT fk_people_same_as_people REFERENCES people (id)")
    op.create_index("ix_people_same_as", "people", ["same_as"])
    op.execute(
        "ALTER TABLE outbox ADD COLUMN public BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_outbox_public CHECK "
        "(NOT public OR (report_id IS NULL AND message_id IS NULL AND clock IS NULL AND kind LIKE 'public.%'))"
    )
