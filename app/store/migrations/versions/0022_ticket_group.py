"""A group's tickets are found by their group, not among all.

Revision ID: 0022
Revises: 0021
"""
from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade():
    op.create_index('ix_ticket_group', 'ticket', ['key_group', 'state', 'created_at'])


def downgrade():
    op.drop_index('ix_ticket_group', table_name='ticket')
