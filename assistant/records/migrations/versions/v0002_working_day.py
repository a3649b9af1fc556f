"""Accounts, profiles, photos, due dates, plans; what the documents of an inspection need; whose each record is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant.records.migrations.versions.v0001_records import append_only

revision = "0002"
down_revision = "0001"

VERSIONED = (("version", sa.Integer), ("created_at", sa.DateTime), ("updated_at", sa.DateTime))


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Integer, nullable=False)


def _versioned() -> list[sa.Column[object]]:
    return [_id(), *(sa.Column(n, t, nullable=False) for n, t in VERSIONED)]


def _owner(table: str) -> list[sa.schema.SchemaItem]:
    name = f"fk_{table}_enterprise_id_enterprise"
    return [
        sa.Column("enterprise_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=name),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _ties(table: str, **columns: str) -> list[sa.schema.SchemaItem]:
    return [sa.ForeignKeyConstraint([c], [f"{target}.id"], name=f"fk_{table}_{c}_{target}") for c, target in columns.items()]


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    """Create the new tables and columns; give each answer and each line of the log its enterprise."""
    with op.batch_alter_table("enterprise") as table:
        for name, size in (("phone", 50), ("legal_representative", 100), ("industry", 100), ("district", 50), ("level", 1)):
            table.add_column(sa.Column(name, sa.String(size)))
        table.add_column(sa.Column("parent_id", sa.Integer))
        table.add_column(sa.Column("key_unit", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("points", sa.Double))
        table.add_column(sa.Column("leveled_on", sa.Date))
        table.create_foreign_key("fk_enterprise_parent_id_enterprise", "enterprise", ["parent_id"], ["id"])
    with op.batch_alter_table("enterprise") as table:
        table.alter_column("key_unit", existing_type=sa.Boolean, server_default=None)
    _index("enterprise", "district", "parent_id", "level")
    with op.batch_alter_table("inspection") as table:
        for column in (
            sa.Column("items", sa.JSON),
            sa.Column("details", sa.JSON),
            sa.Column("code", sa.String(64)),
            sa.Column("approved_by", sa.String(100)),
            sa.Column("approved_at", sa.DateTime),
            sa.Column("score", sa.Double),
            sa.Column("failed", sa.Integer),
            sa.Column("failed_major", sa.Integer),
            sa.Column("withdrawn_at", sa.DateTime),
            sa.Column("withdrawn_why", sa.String(500)),
        ):
            table.add_column(column)
        table.create_unique_constraint("uq_inspection_code", ["code"])
    _fill_items()
    with op.batch_alter_table("inspection") as table:
        table.alter_column("items", existing_type=sa.JSON, nullable=False)
    _index("inspection", "finished_at")
    op.create_index("ix_inspection_enterprise_id_kind", "inspection", ["enterprise_id", "kind"])
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("enterprise_id", sa.Integer))
        table.add_column(sa.Column("responsible", sa.String(100)))
        table.add_column(sa.Column("due", sa.Date))
    op.execute(
        "UPDATE answer SET enterprise_id = (SELECT enterprise_id FROM inspection WHERE inspection.id = answer.inspection_id)"
    )
    with op.batch_alter_table("answer") as table:
        table.alter_column("enterprise_id", existing_type=sa.Integer, nullable=False)
        table.create_foreign_key("fk_answer_enterprise_id_enterprise", "enterprise", ["enterprise_id"], ["id"])
    _index("answer", "enterprise_id")
    with op.batch_alter_table("hazard") as table:
        for column in (
            sa.Column("found_on", sa.Date),
            sa.Column("found_by", sa.String(100)),
            sa.Column("scene", sa.String(100)),
            sa.Column("basis", sa.JSON),
            sa.Column("fix", sa.Text),
            sa.Column("reported_on", sa.Date),
            sa.Column("reported_to", sa.String(200)),
        ):
            table.add_column(column)
    op.create_index("ix_hazard_enterprise_id_state", "hazard", ["enterprise_id", "state"])
    _create()
    # The log can't be changed: its triggers are taken off for the one update that says whose its lines are.
    append_only(on=False)
    op.add_column("audit_log", sa.Column("enterprise_id", sa.Integer))
    op.execute("UPDATE audit_log SET enterprise_id = entity_id WHERE entity = 'enterprise'")
    for entity in ("inspection", "answer", "hazard"):
        op.execute(
            f"UPDATE audit_log SET enterprise_id = (SELECT enterprise_id FROM {entity} "
            f"WHERE {entity}.id = audit_log.entity_id) WHERE entity = '{entity}'"
        )
    _index("audit_log", "enterprise_id")
    append_only(on=True)


def _fill_items() -> None:
    """What saving an answer needs of each checklist kept so far."""
    inspection = sa.table(
        "inspection", sa.column("id", sa.Integer), *(sa.column(n, sa.JSON) for n in ("checklist", "items"))
    )
    for row_id, made in op.get_bind().execute(sa.select(inspection.c.id, inspection.c.checklist)).all():
        points = (p for group in made["groups"] for link in group["links"] for p in link["points"])
        items = {i["id"]: {"ask": i["ask"], "major": i["severity"] == "major"} for p in points for i in p["items"]}
        op.execute(inspection.update().where(inspection.c.id == row_id).values(items=items))


def _create() -> None:
    op.create_table(
        "profile_version",
        _id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kept", sa.JSON, nullable=False),
        sa.Column("scenes", sa.JSON, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        *_owner("profile_version"),
        sa.UniqueConstraint("enterprise_id", "number", name="uq_profile_version_enterprise_id"),
    )
    _index("profile_version", "enterprise_id")
    op.create_table(
        "hazard_step",
        _id(),
        sa.Column("hazard_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        *_owner("hazard_step"),
        *_ties("hazard_step", hazard_id="hazard"),
    )
    _index("hazard_step", "enterprise_id", "hazard_id")
    op.create_table(
        "photo",
        _id(),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("inspection_id", sa.Integer),
        sa.Column("check_id", sa.String(100)),
        sa.Column("hazard_id", sa.Integer),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("taken_by", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        *_owner("photo"),
        *_ties("photo", inspection_id="inspection", hazard_id="hazard"),
        _one_of("photo", "stage", "found", "mended", "verified"),
    )
    _index("photo", "enterprise_id", "sha256", "hazard_id")
    op.create_index("ix_photo_inspection_id_check_id", "photo", ["inspection_id", "check_id"])
    op.create_table(
        "due_item",
        *_versioned(),
        sa.Column("kind", sa.String(60)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("every_months", sa.Integer),
        sa.Column("basis", sa.String(300)),
        sa.Column("responsible", sa.String(100)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("last_done", sa.Date),
        sa.Column("ended_on", sa.Date),
        *_owner("due_item"),
    )
    _index("due_item", "enterprise_id", "due")
    op.create_table(
        "happening",
        *_versioned(),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        *_owner("happening"),
    )
    _index("happening", "enterprise_id")
    op.create_table(
        "plan",
        *_versioned(),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("district", sa.String(50)),
        sa.Column("campaign", sa.String(200)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("approved_by", sa.String(100)),
        sa.Column("approved_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        _one_of("plan", "state", "draft", "approved"),
    )
    _index("plan", "year", "district")
    op.create_table(
        "plan_visit",
        *_versioned(),
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("trigger", sa.String(60)),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("inspection_id", sa.Integer),
        *_owner("plan_visit"),
        *_ties("plan_visit", plan_id="plan", inspection_id="inspection"),
        _one_of("plan_visit", "state", "planned", "started", "done", "dropped"),
    )
    _index("plan_visit", "enterprise_id", "plan_id")
    op.create_table(
        "account",
        *_versioned(),
        sa.Column("login", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("enterprise_id", sa.Integer),
        sa.Column("district", sa.String(50)),
        sa.Column("certificate", sa.String(50)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
        *_ties("account", enterprise_id="enterprise"),
    )
    _index("account", "enterprise_id")
    op.create_table(
        "login",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_login"),
        *_ties("login", user_id="account"),
    )
    _index("login", "user_id")


def downgrade() -> None:
    """Going back would lose records: restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
