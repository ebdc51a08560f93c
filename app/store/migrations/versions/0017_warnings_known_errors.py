"""Warnings, known errors, and who spends what a budget alert tells of.

Revision ID: 0017
Revises: 0016
"""
import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade():
    op.create_table('desk_warning',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('examples', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dismissed_by_id', sa.Integer(), nullable=True),
    sa.Column('dismissed_until', sa.String(length=10), nullable=True),
    sa.Column('dismissal', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['dismissed_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_desk_warning_rule_subject', 'desk_warning', ['rule', 'subject'])
    op.create_index('ix_desk_warning_last_seen', 'desk_warning', ['last_seen_at'])
    op.create_table('known_error',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('cause', sa.String(length=64), nullable=True),
    sa.Column('workaround', sa.Text(), nullable=True),
    sa.Column('article_id', sa.Integer(), nullable=True),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mended_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['mended_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('known_error_ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('known_error_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('linked_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['known_error_id'], ['known_error.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['linked_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('known_error_id', 'ticket_id')
    )
    op.create_index('ix_known_error_ticket_ticket_id', 'known_error_ticket', ['ticket_id'])
    with op.batch_alter_table('incident') as batch:
        batch.add_column(sa.Column('known_error_id', sa.Integer(), nullable=True))
        batch.create_foreign_key('fk_incident_known_error', 'known_error', ['known_error_id'], ['id'])
    with op.batch_alter_table('budget_alert') as batch:
        batch.add_column(sa.Column('because', sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table('budget_alert') as batch:
        batch.drop_column('because')
    with op.batch_alter_table('incident') as batch:
        batch.drop_constraint('fk_incident_known_error', type_='foreignkey')
        batch.drop_column('known_error_id')
    op.drop_table('known_error_ticket')
    op.drop_table('known_error')
    op.drop_table('desk_warning')
