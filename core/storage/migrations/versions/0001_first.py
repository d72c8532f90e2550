"""The first schema.

Revision: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage import types
from core.storage.triggers import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('demonstration', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('disabled_at', types.Instant(timezone=True), nullable=True),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('email', name=op.f('uq_accounts_email'))
    )
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_table('audit_chain',
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('audit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_audit_chain')),
    sa.UniqueConstraint('audit_id', name=op.f('uq_audit_chain_audit_id'))
    )
    op.create_table('blobs',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('mime', sa.String(length=100), nullable=False),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_blobs'))
    )
    op.create_table('channel_states',
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('last_success_at', types.Instant(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(length=40), nullable=True),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_channel_states'))
    )
    op.create_table('early_receipts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('vendor_id', sa.String(length=120), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_early_receipts'))
    )
    with op.batch_alter_table('early_receipts', schema=None) as batch_op:
        batch_op.create_index('ix_early_receipts_vendor', ['channel', 'vendor_id'], unique=False)

    op.create_table('job_runs',
    sa.Column('job', sa.String(length=40), nullable=False),
    sa.Column('slot', sa.String(length=120), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('job', 'slot', name=op.f('pk_job_runs'))
    )
    op.create_table('lanes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('lookup', sa.String(length=64), nullable=False),
    sa.Column('ready_at', types.Instant(timezone=True), nullable=True),
    sa.Column('lease_until', types.Instant(timezone=True), nullable=True),
    sa.Column('lease_owner', sa.String(length=40), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lanes')),
    sa.UniqueConstraint('channel', 'lookup', name=op.f('uq_lanes_channel_lookup'))
    )
    with op.batch_alter_table('lanes', schema=None) as batch_op:
        batch_op.create_index('ix_lanes_ready', ['ready_at'], unique=False, sqlite_where=sa.text('ready_at IS NOT NULL'), postgresql_where=sa.text('ready_at IS NOT NULL'))

    op.create_table('leases',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('owner', sa.String(length=40), nullable=False),
    sa.Column('until', types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('offices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('path', sa.String(length=255), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('keywords', sa.JSON(), nullable=False),
    sa.Column('zone', sa.String(length=40), nullable=False),
    sa.Column('external', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('oversight', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('limits', sa.JSON(), nullable=False),
    sa.Column('contact', types.Encrypted(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['offices.id'], name=op.f('fk_offices_agency_id_offices')),
    sa.ForeignKeyConstraint(['parent_id'], ['offices.id'], name=op.f('fk_offices_parent_id_offices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offices')),
    sa.UniqueConstraint('path', name=op.f('uq_offices_path'))
    )
    with op.batch_alter_table('offices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offices_agency_id'), ['agency_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_offices_parent_id'), ['parent_id'], unique=False)

    op.create_table('people',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('name', types.Encrypted(), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.Column('erased_at', types.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people'))
    )
    op.create_table('throttles',
    sa.Column('key', sa.String(length=96), nullable=False),
    sa.Column('window_at', types.Instant(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttles'))
    )
    with op.batch_alter_table('throttles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_throttles_window_at'), ['window_at'], unique=False)

    op.create_table('addresses',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('address', types.Encrypted(), nullable=False),
    sa.Column('lookup', sa.String(length=64), nullable=False),
    sa.Column('verified', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('seen_at', types.Instant(timezone=True), nullable=False),
    sa.Column('gone_at', types.Instant(timezone=True), nullable=True),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_addresses_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_addresses')),
    sa.UniqueConstraint('channel', 'lookup', name=op.f('uq_addresses_channel_lookup'))
    )
    with op.batch_alter_table('addresses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_addresses_person_id'), ['person_id'], unique=False)

    op.create_table('calendar_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('undone_at', types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_calendar_changes_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_changes'))
    )
    with op.batch_alter_table('calendar_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_changes_day'), ['day'], unique=False)

    op.create_table('desk_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.Column('seen_at', types.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_desk_sessions_account_id_accounts')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_desk_sessions'))
    )
    with op.batch_alter_table('desk_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_desk_sessions_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_desk_sessions_expires_at'), ['expires_at'], unique=False)

    op.create_table('grants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_grants_account_id_accounts')),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_grants_office_id_offices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants')),
    sa.UniqueConstraint('account_id', 'role', 'office_id', name=op.f('uq_grants_account_id_role_office_id'))
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grants_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_grants_office_id'), ['office_id'], unique=False)

    op.create_table('inbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('source_id', sa.String(length=200), nullable=False),
    sa.Column('lane_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('group_key', sa.String(length=120), nullable=True),
    sa.Column('ready_at', types.Instant(timezone=True), nullable=False),
    sa.Column('received_at', types.Instant(timezone=True), nullable=False),
    sa.Column('body', types.EncryptedBytes(), nullable=True),
    sa.Column('body_file', sa.String(length=64), nullable=True),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('handled_at', types.Instant(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting','handled','quarantined')", name=op.f('ck_inbox_state')),
    sa.ForeignKeyConstraint(['lane_id'], ['lanes.id'], name=op.f('fk_inbox_lane_id_lanes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('channel', 'source_id', name=op.f('uq_inbox_channel_source_id'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_group', ['lane_id', 'group_key'], unique=False, sqlite_where=sa.text('group_key IS NOT NULL'), postgresql_where=sa.text('group_key IS NOT NULL'))
        batch_op.create_index('ix_inbox_purge', ['handled_at'], unique=False, sqlite_where=sa.text('body IS NOT NULL OR body_file IS NOT NULL'), postgresql_where=sa.text('body IS NOT NULL OR body_file IS NOT NULL'))
        batch_op.create_index('ix_inbox_quarantined', ['received_at'], unique=False, sqlite_where=sa.text("state = 'quarantined'"), postgresql_where=sa.text("state = 'quarantined'"))
        batch_op.create_index('ix_inbox_waiting', ['lane_id', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('conversations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('lane_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('session', types.Encrypted(), nullable=True),
    sa.Column('script_version', sa.Integer(), nullable=False),
    sa.Column('tick_at', types.Instant(timezone=True), nullable=True),
    sa.Column('spoke_at', types.Instant(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], name=op.f('fk_conversations_address_id_addresses')),
    sa.ForeignKeyConstraint(['lane_id'], ['lanes.id'], name=op.f('fk_conversations_lane_id_lanes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations')),
    sa.UniqueConstraint('lane_id', name=op.f('uq_conversations_lane_id'))
    )
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversations_address_id'), ['address_id'], unique=False)
        batch_op.create_index('ix_conversations_due', ['tick_at'], unique=False, sqlite_where=sa.text('tick_at IS NOT NULL'), postgresql_where=sa.text('tick_at IS NOT NULL'))

    op.create_table('reports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('before', sa.String(length=20), nullable=True),
    sa.Column('category', sa.String(length=24), nullable=False),
    sa.Column('classified', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('needs_inspection', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('privacy', sa.String(length=12), nullable=False),
    sa.Column('urgent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('sealed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('child', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('overdue', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('flagged', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('binding', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('final', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('objected', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('withdraw_wish', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('holder_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lead_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('origin_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agency_returns', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('unit_returns', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('settlements', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('settled_at', types.Instant(timezone=True), nullable=True),
    sa.Column('not_settled', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('disputes', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('finding', sa.String(length=12), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.Column('promise_missed_at', types.Instant(timezone=True), nullable=True),
    sa.Column('received_at', types.Instant(timezone=True), nullable=False),
    sa.Column('arrived_on', sa.Date(), nullable=True),
    sa.Column('holder_since', types.Instant(timezone=True), nullable=False),
    sa.Column('followed_up_at', types.Instant(timezone=True), nullable=True),
    sa.Column('closed_at', types.Instant(timezone=True), nullable=True),
    sa.Column('closing', sa.String(length=16), nullable=True),
    sa.Column('archived_at', types.Instant(timezone=True), nullable=True),
    sa.Column('ground', sa.String(length=24), nullable=True),
    sa.Column('referred_at', types.Instant(timezone=True), nullable=True),
    sa.Column('due_at', types.Instant(timezone=True), nullable=True),
    sa.Column('asked_role', sa.String(length=20), nullable=True),
    sa.Column('asked_levels', sa.JSON(), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('question_fields', sa.JSON(), nullable=False),
    sa.Column('question_at', types.Instant(timezone=True), nullable=True),
    sa.Column('settlement_at', types.Instant(timezone=True), nullable=True),
    sa.Column('replied', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('inspecting', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('unreachable_since', types.Instant(timezone=True), nullable=True),
    sa.Column('ombudsman_choice', sa.String(length=16), nullable=True),
    sa.Column('ombudsman_asked_at', types.Instant(timezone=True), nullable=True),
    sa.Column('last_notice', sa.String(length=32), nullable=True),
    sa.Column('spoke_at', types.Instant(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_reports_rating')),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], name=op.f('fk_reports_address_id_addresses')),
    sa.ForeignKeyConstraint(['agency_id'], ['offices.id'], name=op.f('fk_reports_agency_id_offices')),
    sa.ForeignKeyConstraint(['asker_id'], ['offices.id'], name=op.f('fk_reports_asker_id_offices')),
    sa.ForeignKeyConstraint(['holder_id'], ['offices.id'], name=op.f('fk_reports_holder_id_offices')),
    sa.ForeignKeyConstraint(['lead_id'], ['reports.id'], name=op.f('fk_reports_lead_id_reports')),
    sa.ForeignKeyConstraint(['origin_id'], ['reports.id'], name=op.f('fk_reports_origin_id_reports')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_reports_person_id_people')),
    sa.ForeignKeyConstraint(['unit_id'], ['offices.id'], name=op.f('fk_reports_unit_id_offices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('code', name=op.f('uq_reports_code'))
    )
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.create_index('ix_reports_agency', ['agency_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_reports_lead_id'), ['lead_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reports_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_reports_promised', ['promised_on'], unique=False, sqlite_where=sa.text('promised_on IS NOT NULL AND promise_missed_at IS NULL'), postgresql_where=sa.text('promised_on IS NOT NULL AND promise_missed_at IS NULL'))
        batch_op.create_index('ix_reports_queue', ['holder_id', 'state', 'due_at'], unique=False)
        batch_op.create_index('ix_reports_unit', ['unit_id', 'state'], unique=False)

    op.create_table('clocks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('zone', sa.String(length=40), nullable=False),
    sa.Column('started_at', types.Instant(timezone=True), nullable=False),
    sa.Column('target_days', sa.Integer(), nullable=True),
    sa.Column('limit_days', sa.Integer(), nullable=False),
    sa.Column('pauses', sa.JSON(), nullable=False),
    sa.Column('stopped_at', types.Instant(timezone=True), nullable=True),
    sa.Column('due_at', types.Instant(timezone=True), nullable=True),
    sa.Column('next_at', types.Instant(timezone=True), nullable=True),
    sa.Column('reminded_at', types.Instant(timezone=True), nullable=True),
    sa.Column('done', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_clocks_office_id_offices')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_clocks_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clocks'))
    )
    with op.batch_alter_table('clocks', schema=None) as batch_op:
        batch_op.create_index('ix_clocks_due', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_clocks_report_id'), ['report_id'], unique=False)

    op.create_table('history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('move', sa.String(length=20), nullable=False),
    sa.Column('from_state', sa.String(length=20), nullable=False),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_history_account_id_accounts')),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_history_office_id_offices')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_history_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history'))
    )
    with op.batch_alter_table('history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_history_report_id'), ['report_id'], unique=False)

    op.create_table('holdings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('since', types.Instant(timezone=True), nullable=False),
    sa.Column('until', types.Instant(timezone=True), nullable=True),
    sa.Column('returned', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_holdings_office_id_offices')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_holdings_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holdings'))
    )
    with op.batch_alter_table('holdings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_holdings_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_holdings_report_id'), ['report_id'], unique=False)

    op.create_table('messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('direction', sa.String(length=4), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('inbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source_id', sa.String(length=200), nullable=True),
    sa.Column('edits_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('possible_identity', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_messages_account_id_accounts')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_messages_conversation_id_conversations')),
    sa.ForeignKeyConstraint(['edits_id'], ['messages.id'], name=op.f('fk_messages_edits_id_messages')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_messages_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_report_id'), ['report_id'], unique=False)
        batch_op.create_index('ix_messages_source', ['conversation_id', 'source_id'], unique=False)

    op.create_table('notifications',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('read_at', types.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_notifications_account_id_accounts')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_notifications_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications'))
    )
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.create_index('ix_notifications_unread', ['account_id', 'id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))

    op.create_table('report_access',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_report_access_account_id_accounts')),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_report_access_office_id_offices')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_report_access_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_access'))
    )
    with op.batch_alter_table('report_access', schema=None) as batch_op:
        batch_op.create_index('ix_report_access_account', ['account_id', 'kind'], unique=False)
        batch_op.create_index('ix_report_access_office', ['office_id', 'kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_access_report_id'), ['report_id'], unique=False)

    op.create_table('report_words',
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('official_title', sa.String(length=200), nullable=True),
    sa.Column('story', sa.Text(), nullable=False),
    sa.Column('when_words', sa.String(length=300), nullable=True),
    sa.Column('when_from', sa.Date(), nullable=True),
    sa.Column('when_to', sa.Date(), nullable=True),
    sa.Column('where_words', sa.String(length=500), nullable=True),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('who_words', sa.String(length=300), nullable=True),
    sa.Column('who_office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('hoped', sa.Text(), nullable=True),
    sa.Column('evidence_none', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_report_words_report_id_reports')),
    sa.ForeignKeyConstraint(['who_office_id'], ['offices.id'], name=op.f('fk_report_words_who_office_id_offices')),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_report_words'))
    )
    op.create_table('attachments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('inbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source_id', sa.String(length=200), nullable=True),
    sa.Column('ref', types.Encrypted(), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('name', types.Encrypted(), nullable=True),
    sa.Column('said_mime', sa.String(length=100), nullable=True),
    sa.Column('said_bytes', sa.BigInteger(), nullable=True),
    sa.Column('inline', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', types.Instant(timezone=True), nullable=True),
    sa.Column('lease_until', types.Instant(timezone=True), nullable=True),
    sa.Column('suspect', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('told', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_attachments_conversation_id_conversations')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_attachments_message_id_messages')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_attachments_report_id_reports')),
    sa.ForeignKeyConstraint(['sha256'], ['blobs.sha256'], name=op.f('fk_attachments_sha256_blobs')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachments_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index('ix_attachments_due', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_attachments_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachments_report_id'), ['report_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachments_sha256'), ['sha256'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('report_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('clock', sa.String(length=20), nullable=True),
    sa.Column('bundle', sa.String(length=32), nullable=False),
    sa.Column('part', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('parts', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('payload', types.Encrypted(), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('repeat_of', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', types.Instant(timezone=True), nullable=False),
    sa.Column('lease_until', types.Instant(timezone=True), nullable=True),
    sa.Column('lease_owner', sa.String(length=40), nullable=True),
    sa.Column('vendor_id', sa.String(length=120), nullable=True),
    sa.Column('created_at', types.Instant(timezone=True), nullable=False),
    sa.Column('done_at', types.Instant(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting','sending','accepted','delivered','failed','unknown')", name=op.f('ck_outbox_state')),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], name=op.f('fk_outbox_address_id_addresses')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_outbox_message_id_messages')),
    sa.ForeignKeyConstraint(['repeat_of'], ['outbox.id'], name=op.f('fk_outbox_repeat_of_outbox')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_outbox_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_bundle', ['bundle'], unique=False)
        batch_op.create_index('ix_outbox_due', ['channel', 'next_at'], unique=False, sqlite_where=sa.text("state IN ('waiting','sending')"), postgresql_where=sa.text("state IN ('waiting','sending')"))
        batch_op.create_index(batch_op.f('ix_outbox_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_outbox_open', ['address_id', 'id'], unique=False, sqlite_where=sa.text("state IN ('waiting','sending')"), postgresql_where=sa.text("state IN ('waiting','sending')"))
        batch_op.create_index('ix_outbox_purge', ['done_at'], unique=False, sqlite_where=sa.text('payload IS NOT NULL'), postgresql_where=sa.text('payload IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_outbox_report_id'), ['report_id'], unique=False)
        batch_op.create_index('ix_outbox_sending', ['channel', 'lease_until'], unique=False, sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.create_index('ix_outbox_vendor', ['channel', 'vendor_id'], unique=False)

    op.create_table('delivery_attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('outbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', types.Instant(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('fault', sa.String(length=20), nullable=True),
    sa.Column('detail', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], name=op.f('fk_delivery_attempts_outbox_id_outbox')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_attempts'))
    )
    with op.batch_alter_table('delivery_attempts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_attempts_outbox_id'), ['outbox_id'], unique=False)
    protect(op.get_bind())
