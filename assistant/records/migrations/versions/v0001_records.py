"""Enterprises, inspections, answers, hazards and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

VERSIONED = (
    ("version", sa.Integer),
    ("created_at", sa.DateTime),
    ("updated_at", sa.DateTime),
)


def _versioned() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Integer, nullable=False), *(sa.Column(n, t, nullable=False) for n, t in VERSIONED)]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "enterprise",
        *_versioned(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("credit_code", sa.String(18)),
        sa.Column("address", sa.String(300)),
        sa.Column("contact", sa.String(100)),
        sa.Column("profile", sa.Text),
        sa.Column("headcount", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise"),
        sa.UniqueConstraint("credit_code", name="uq_enterprise_credit_code"),
    )
    op.create_index("ix_enterprise_name", "enterprise", ["name"])
    op.create_table(
        "inspection",
        *_versioned(),
        sa.Column("enterprise_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("snapshot_key", sa.String(64), nullable=False),
        sa.Column("checklist", sa.JSON, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_inspection"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_inspection_enterprise_id_enterprise"),
        sa.CheckConstraint("kind IN ('self_check', 'inspection')", name="ck_inspection_kind"),
    )
    op.create_index("ix_inspection_enterprise_id", "inspection", ["enterprise_id"])
    op.create_table(
        "answer",
        *_versioned(),
        sa.Column("inspection_id", sa.Integer, nullable=False),
        sa.Column("check_id", sa.String(100), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("answered_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_answer_inspection_id_inspection"),
        sa.UniqueConstraint("inspection_id", "check_id", name="uq_answer_inspection_id"),
        sa.CheckConstraint("result IN ('compliant', 'noncompliant', 'not_applicable')", name="ck_answer_result"),
        sa.CheckConstraint("result <> 'not_applicable' OR length(trim(note)) > 0", name="ck_answer_justified"),
    )
    op.create_table(
        "hazard",
        *_versioned(),
        sa.Column("enterprise_id", sa.Integer, nullable=False),
        sa.Column("inspection_id", sa.Integer),
        sa.Column("check_id", sa.String(100)),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("major", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("responsible", sa.String(100)),
        sa.Column("due", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("closed_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_hazard"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_hazard_enterprise_id_enterprise"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_hazard_inspection_id_inspection"),
        sa.CheckConstraint("state IN ('found', 'assigned', 'mended', 'verified', 'closed')", name="ck_hazard_state"),
    )
    for column in ("enterprise_id", "inspection_id", "state", "due"):
        op.create_index(f"ix_hazard_{column}", "hazard", [column])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("entity", sa.String(30), nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_entity_id", "audit_log", ["entity_id"])
    append_only(on=True)


def append_only(*, on: bool) -> None:
    """Make the database itself refuse to change or remove lines of the log, or stop doing so."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if on and not sqlite:
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation'; END $$"
        )
    for action in ("UPDATE", "DELETE"):
        name = f"audit_log_no_{action.lower()}"
        if not on:
            op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON audit_log")
        elif sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {action} ON audit_log "
                "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
            )
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("audit_log", "hazard", "answer", "inspection", "enterprise"):
        op.drop_table(table)
