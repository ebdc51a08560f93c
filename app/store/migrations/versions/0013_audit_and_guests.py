"""Who did what: from what to what, found by time, person and action. Notes that are edited, ratings, and guests' spam.

Revision ID: 0013
Revises: 0012
"""
import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'

INDEXES = (
    ('ix_audit_entry_at', 'audit_entry', ['at']),
    ('ix_audit_entry_kind_at', 'audit_entry', ['object_kind', 'at']),
    ('ix_audit_entry_actor_at', 'audit_entry', ['actor_id', 'at']),
    ('ix_audit_entry_action_at', 'audit_entry', ['action', 'at']),
    ('ix_change_at', 'change', ['created_at']),
    ('ix_change_actor_at', 'change', ['actor_id', 'created_at']),
    ('ix_change_what_at', 'change', ['what', 'created_at']),
)


def upgrade():
    op.add_column('audit_entry', sa.Column('before', sa.String(length=160), nullable=True))
    op.add_column('audit_entry', sa.Column('after', sa.String(length=160), nullable=True))
    op.drop_index('ix_audit_entry_object', table_name='audit_entry')
    op.create_index('ix_audit_entry_object', 'audit_entry', ['object_id', 'object_kind'])
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.create_table('guest_act',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_guest_act_sender_at', 'guest_act', ['sender', 'at'])
    op.create_index('ix_guest_act_digest', 'guest_act', ['digest'])
    op.create_index('ix_guest_act_at', 'guest_act', ['at'])
    op.create_table('suspicion',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('signals', sa.JSON(), nullable=False),
    sa.Column('repeats', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id')
    )
    op.create_table('satisfaction',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('good', sa.Boolean(), nullable=False),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id')
    )
    op.create_index('ix_satisfaction_good_at', 'satisfaction', ['good', 'at'])
    op.create_table('note_trace',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['note_id'], ['note.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_note_trace_note_id', 'note_trace', ['note_id'])


def downgrade():
    for table in ('note_trace', 'satisfaction', 'suspicion', 'guest_act'):
        op.drop_table(table)
    for name, table, _columns in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_index('ix_audit_entry_object', table_name='audit_entry')
    op.create_index('ix_audit_entry_object', 'audit_entry', ['object_kind', 'object_id'])
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_column('before')
        batch_op.drop_column('after')
