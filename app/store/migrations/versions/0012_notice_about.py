"""A notice may be about something that is no ticket.

Revision ID: 0012
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'


def upgrade():
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.alter_column('ticket_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('about', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('about_id', sa.Integer(), nullable=True))


def downgrade():
    op.execute('DELETE FROM notice WHERE ticket_id IS NULL')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('about_id')
        batch_op.drop_column('about')
        batch_op.alter_column('ticket_id', existing_type=sa.Integer(), nullable=False)
