"""The log counted by key, by slot of time; the next count fills what earlier ones left.

Revision ID: 0021
Revises: 0020
"""
import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'


def upgrade():
    op.create_table('tallied_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('identity', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('identity')
    )
    op.create_table('tally_slot',
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False),
    sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'part', 'slot')
    )


def downgrade():
    op.drop_table('tally_slot')
    op.drop_table('tallied_key')
