"""Indexes that answer the boards, the ledger and the list of due dates by themselves: rows with checklists are wide."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

REPLACED = {
    "ix_inspection_finished_at": "inspection",
    "ix_inspection_enterprise_id_kind": "inspection",
    "ix_hazard_state": "hazard",
    "ix_hazard_enterprise_id_state": "hazard",
    "ix_due_item_due": "due_item",
}
ADDED = {
    "ix_inspection_finished_at_kind": ("inspection", ["finished_at", "kind", "enterprise_id"]),
    "ix_inspection_enterprise_id_kind": ("inspection", ["enterprise_id", "kind", "finished_at", "score", "failed_major"]),
    "ix_hazard_state": ("hazard", ["state", "enterprise_id", "major", "due"]),
    "ix_hazard_enterprise_id_state": ("hazard", ["enterprise_id", "state", "major", "due"]),
    "ix_due_item_due": ("due_item", ["due", "ended_on", "enterprise_id"]),
    "ix_due_item_enterprise_id_ended_on": ("due_item", ["enterprise_id", "ended_on", "due"]),
}


def upgrade() -> None:
    """Replace narrow indexes by ones that hold what is counted."""
    for name, table in REPLACED.items():
        op.drop_index(name, table)
    for name, (table, columns) in ADDED.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Going back would lose nothing, but newer rows may not suit older software: restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
