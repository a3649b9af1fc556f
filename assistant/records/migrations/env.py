"""Runs the migrations on the connection that the record store hands over, inside its one transaction."""

from __future__ import annotations

from alembic import context

import assistant.records.models  # noqa: F401 - makes the tables known
from assistant.records.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can't alter most things in place; it can change tables inside a transaction, once told so.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
