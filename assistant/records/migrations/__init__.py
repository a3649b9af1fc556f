"""Alembic migrations of the records; :class:`assistant.records.RecordStore` applies them when it opens a database."""
