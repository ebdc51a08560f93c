"""the desk: views, drafts, presence, undo, search, clocks, hand-offs, relations

Revision ID: 0004
Revises: 0003

"""
from alembic import op
import sqlalchemy as sa



revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

TABLES = (
    'follower', 'ticket_relation', 'next_action', 'hand_off', 'notice', 'escalation', 'presence', 'draft', 'note_text', 'ticket_text',
    'ticket_tag', 'undo_step', 'saved_view',
)
FACTS = ('client', 'model', 'status_code', 'error_text', 'key_last4', 'request_time', 'request_id')
ORDERS = (('created', ('created_at',)), ('waiting', ('waiting_since', 'first_replied_at')), ('due', ('due_at',)), ('next', ('next_due',)))
COLUMNS = (
    sa.Column('queue', sa.String(length=16), nullable=False, server_default='support'),
    sa.Column('evidence_score', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('match_state', sa.String(length=12), nullable=False, server_default='none'),
    sa.Column('key_group', sa.Text(), nullable=True),
    sa.Column('key_environment', sa.Text(), nullable=True),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_clock', sa.String(length=8), nullable=True),
    sa.Column('next_due', sa.String(length=10), nullable=True),
)


def upgrade():
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_view_owner_id'), ['owner_id'], unique=False)

    op.create_table('undo_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('entries', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['undone_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('draft',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=True),
    sa.Column('seen_reply_id', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'author_id', 'kind')
    )
    op.create_table('escalation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('clock', sa.String(length=8), nullable=False),
    sa.Column('stage', sa.String(length=8), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('ticket_id', 'clock', 'stage', 'due_at')
    )
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_escalation_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('follower',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id')
    )
    op.create_table('hand_off',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('backup_id', sa.Integer(), nullable=True),
    sa.Column('queue', sa.String(length=16), nullable=False),
    sa.Column('tried', sa.Text(), nullable=False),
    sa.Column('review_note', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['backup_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['from_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['to_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('hand_off', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hand_off_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('next_action',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('due', sa.String(length=10), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('next_action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_next_action_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('note_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('object_id')
    )
    with op.batch_alter_table('note_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_text_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_user_read', ['user_id', 'read_at'], unique=False)

    op.create_table('presence',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('doing', sa.String(length=12), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id')
    )
    op.create_table('ticket_relation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('ticket_relation', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_relation_other', ['other_id', 'kind'], unique=False)
        batch_op.create_index('ix_ticket_relation_ticket', ['ticket_id', 'kind'], unique=False)

    op.create_table('ticket_tag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('ticket_id', 'tag')
    )
    with op.batch_alter_table('ticket_tag', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_tag_tag', ['tag'], unique=False)

    op.create_table('ticket_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'object_id')
    )
    with op.batch_alter_table('ticket_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_text_ticket_id'), ['ticket_id'], unique=False)

    for column in COLUMNS:
        op.add_column('ticket', column._copy())
    for name, columns in ORDERS:
        op.create_index(f'ix_ticket_state_{name}', 'ticket', ['state', *columns], unique=False)
    op.create_index('ix_ticket_task_id', 'ticket', ['task_id'], unique=False)
    op.drop_index('ix_ticket_cause_state', 'ticket')
    op.create_index('ix_ticket_cause_state', 'ticket', ['cause', 'state', 'updated_at'], unique=False)
    op.create_index('ix_ticket_cause_solved', 'ticket', ['cause', 'solved_at'], unique=False)
    fill()
    make_word_tables()


def fill():
    """What is known of tickets that are there already; `flask search rebuild` does the rest."""
    told = ' + '.join(f'CASE WHEN {name} IS NULL THEN 0 ELSE 1 END' for name in FACTS)
    op.execute(f'UPDATE ticket SET evidence_score = {told}')
    op.execute("UPDATE ticket SET waiting_since = updated_at WHERE state IN ('new', 'open')")
    for state, where in (('weak', 'decision IS NULL'), ('likely', 'decision IS NULL AND probability >= 0.5'), ('confirmed', "decision = 'confirmed'")):
        op.execute(f"UPDATE ticket SET match_state = '{state}' WHERE id IN (SELECT ticket_id FROM ticket_match WHERE {where})")


def make_word_tables():
    for name in ('ticket', 'note'):
        if op.get_bind().dialect.name == 'sqlite':
            op.execute(f"CREATE VIRTUAL TABLE {name}_words USING fts5(grams, tokenize='unicode61 remove_diacritics 0')")
            op.execute(f'CREATE TRIGGER {name}_words_go AFTER DELETE ON {name}_text BEGIN DELETE FROM {name}_words WHERE rowid = old.id; END')
        else:
            op.execute(f'CREATE TABLE {name}_words (id INTEGER PRIMARY KEY REFERENCES {name}_text (id) ON DELETE CASCADE, grams TSVECTOR NOT NULL)')
            op.execute(f'CREATE INDEX ix_{name}_words_grams ON {name}_words USING gin (grams)')


def downgrade():
    for name in ('note', 'ticket'):
        op.execute(f'DROP TABLE {name}_words')
    for name in TABLES:
        op.drop_table(name)
    op.drop_index('ix_ticket_task_id', 'ticket')
    op.drop_index('ix_ticket_cause_solved', 'ticket')
    op.drop_index('ix_ticket_cause_state', 'ticket')
    op.create_index('ix_ticket_cause_state', 'ticket', ['cause', 'state'], unique=False)
    for name, _columns in ORDERS:
        op.drop_index(f'ix_ticket_state_{name}', 'ticket')
    for column in COLUMNS:
        op.drop_column('ticket', column.name)
