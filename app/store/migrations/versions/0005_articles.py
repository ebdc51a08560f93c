"""What keeps articles true

Revision ID: 0005
Revises: 0004

"""
from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('article_flag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=24), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('subject', sa.String(length=64), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['resolved_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('article_flag', schema=None) as batch_op:
        batch_op.create_index('ix_article_flag_open', ['resolved_at', 'article_id'], unique=False)
        batch_op.create_index('ix_article_flag_subject', ['subject', 'at'], unique=False)

    op.create_table('missed_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('language', 'word')
    )
    op.create_table('outdated_phrase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('phrase', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('revision_note',
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('change_note', sa.Text(), nullable=True),
    sa.Column('minor', sa.Boolean(), nullable=False),
    sa.Column('note_change', sa.String(length=16), nullable=True),
    sa.Column('checklist_change', sa.String(length=16), nullable=True),
    sa.Column('why_not', sa.Text(), nullable=True),
    sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['approved_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['revision_id'], ['article_revision.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('revision_id')
    )
    with op.batch_alter_table('revision_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revision_note_publish_at'), ['publish_at'], unique=False)

    op.create_table('article_move',
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('slug', sa.String(length=96), nullable=False),
    sa.Column('target', sa.String(length=96), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('language', 'slug')
    )


def downgrade():
    op.drop_table('article_move')
    op.drop_table('revision_note')
    op.drop_table('outdated_phrase')
    op.drop_table('missed_search')
    op.drop_table('article_flag')
