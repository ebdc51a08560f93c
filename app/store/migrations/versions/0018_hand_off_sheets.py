"""Checklists that grow, the queues' own fields, outside trackers; views of the log.

Revision ID: 0018
Revises: 0017
"""
import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'


def upgrade():
    op.create_table(
        'checklist_addition',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('queue', sa.String(length=16), nullable=False),
        sa.Column('fact', sa.String(length=32), nullable=True),
        sa.Column('words', sa.Text(), nullable=True),
        sa.Column('ticket_id', sa.Integer(), nullable=True),
        sa.Column('added_by_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_by_id', sa.Integer(), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['added_by_id'], ['user.id']),
        sa.ForeignKeyConstraint(['ended_by_id'], ['user.id']),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_checklist_addition_queue', 'checklist_addition', ['queue', 'ended_at'])
    op.create_table(
        'queue_value',
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('fact', sa.String(length=32), nullable=False),
        sa.Column('code', sa.String(length=32), nullable=False),
        sa.Column('set_by_id', sa.Integer(), nullable=False),
        sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['set_by_id'], ['user.id']),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('ticket_id', 'fact'),
    )
    op.create_table(
        'tracker_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('tracker', sa.String(length=16), nullable=False),
        sa.Column('shown', sa.Text(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('added_by_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['added_by_id'], ['user.id']),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_tracker_link_ticket_id', 'tracker_link', ['ticket_id'])
    with op.batch_alter_table('hand_off', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checked', sa.JSON(), server_default='[]', nullable=False))
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place', sa.String(length=8), server_default='queue', nullable=False))


def downgrade():
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.drop_column('place')
    with op.batch_alter_table('hand_off', schema=None) as batch_op:
        batch_op.drop_column('checked')
    for name in ('tracker_link', 'queue_value', 'checklist_addition'):
        op.drop_table(name)
