"""What few tickets have is found by an index, not among all.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"

FOUND_BY = ("client", "key_environment", "model", "origin", "queue", "solved_at")


def upgrade():
    for column in FOUND_BY:
        op.create_index(f'ix_ticket_{column}', 'ticket', [column, "state"])


def downgrade():
    for column in FOUND_BY:
        op.drop_index(f"ix_ticket_{column}", table_name="ticket")
