"""Answers by staff are counted by when they were given.

Revision ID: 0019
Revises: 0018
"""
from alembic import op

revision = '0019'
down_revision = '0018'


def upgrade():
    op.create_index('ix_reply_staff_created', 'reply', ['by_staff', 'created_at', 'ticket_id', 'author_id', 'article_id'])


def downgrade():
    op.drop_index('ix_reply_staff_created', table_name='reply')
