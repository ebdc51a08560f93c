"""playbook tick

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-24 07:20:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('playbook_tick',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('playbook', sa.String(length=48), nullable=False),
    sa.Column('step', sa.String(length=48), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('playbook_tick', schema=None) as batch_op:
        batch_op.create_index('ix_playbook_tick_step', ['ticket_id', 'playbook', 'step'], unique=False)


def downgrade():
    with op.batch_alter_table('playbook_tick', schema=None) as batch_op:
        batch_op.drop_index('ix_playbook_tick_step')

    op.drop_table('playbook_tick')
