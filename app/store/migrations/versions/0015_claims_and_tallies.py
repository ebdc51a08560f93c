"""Disputes, approvals, the log counted by key, and why a decision was taken.

Revision ID: 0015
Revises: 0014
"""
import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'


def upgrade():
    op.create_table('dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('claim', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_by_id', sa.Integer(), nullable=True),
    sa.Column('evidence', sa.JSON(), nullable=True),
    sa.Column('examined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['claimed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_dispute_state_claimed', 'dispute', ['state', 'claimed_at'])
    op.create_index('ix_dispute_ticket', 'dispute', ['ticket_id'])
    op.create_table('approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('asker_id', sa.Integer(), nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('request_type', sa.String(length=16), nullable=False),
    sa.Column('estimate_micros', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decision', sa.String(length=12), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asker_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_approval_open', 'approval', ['decided_at', 'expires_at'])
    op.create_index('ix_approval_asker', 'approval', ['asker_id', 'asked_at'])
    op.create_table('tallied_hour',
    sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('requests', sa.BigInteger(), nullable=False),
    sa.Column('tallied_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hour')
    )
    op.create_table('key_hour',
    sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('identity', sa.String(length=32), nullable=False),
    sa.Column('model', sa.String(length=160), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('again', sa.Integer(), nullable=False),
    sa.Column('again_failed', sa.Integer(), nullable=False),
    sa.Column('cost_micros', sa.BigInteger(), nullable=False),
    sa.Column('refund_micros', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('hour', 'identity', 'model'),
    sqlite_with_rowid=False
    )
    op.create_table('failing_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('identity', sa.String(length=32), nullable=False),
    sa.Column('failure', sa.String(length=32), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('side', sa.String(length=12), nullable=False),
    sa.Column('model', sa.String(length=160), nullable=False),
    sa.Column('group', sa.String(length=160), nullable=False),
    sa.Column('environment', sa.String(length=48), nullable=False),
    sa.Column('request_type', sa.String(length=16), nullable=False),
    sa.Column('provider', sa.String(length=48), nullable=False),
    sa.Column('client', sa.String(length=160), nullable=False),
    sa.Column('owner', sa.String(length=160), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_failing_key_hour', 'failing_key', ['hour'])
    op.create_table('shown_answer',
    sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('shown', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('hour')
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('why', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('instead', sa.Text(), nullable=True))


def downgrade():
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_column('instead')
        batch_op.drop_column('why')
    op.drop_table('shown_answer')
    op.drop_table('failing_key')
    op.drop_table('key_hour')
    op.drop_table('tallied_hour')
    op.drop_table('approval')
    op.drop_table('dispute')
