"""Where things lie and how the assistant runs; every setting is an environment variable (documented in docs/settings.md)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from kg_build.embedding import setting as embedding_setting


def default_data() -> Path:
    """``HEGUI_DATA``, or the user's data folder."""
    named = os.environ.get("HEGUI_DATA", "").strip()
    return Path(named) if named else platformdirs.user_data_path("hegui", appauthor=False)


def default_corpus() -> Path | None:
    """``HEGUI_CORPUS``, or the installed corpus (``None``)."""
    named = os.environ.get("HEGUI_CORPUS", "").strip()
    return Path(named) if named else None


def default_records() -> str | None:
    """``HEGUI_RECORDS``: the URL of the record database, or ``None`` for the file in the data folder."""
    return os.environ.get("HEGUI_RECORDS", "").strip() or None


def default_sign_in() -> bool:
    """``HEGUI_SIGN_IN``: whether everything needs signing in, not only the working pages."""
    return os.environ.get("HEGUI_SIGN_IN", "").strip().lower() in ("1", "true", "yes", "on")


def default_address() -> str | None:
    """``HEGUI_ADDRESS``: the address under which others reach the page, or ``None`` for that of each request."""
    return os.environ.get("HEGUI_ADDRESS", "").strip().rstrip("/") or None


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one run."""

    data: Path = field(default_factory=default_data)
    corpus: Path | None = field(default_factory=default_corpus)
    model: str = field(default_factory=embedding_setting)
    records: str | None = field(default_factory=default_records)
    sign_in_first: bool = field(default_factory=default_sign_in)
    address: str | None = field(default_factory=default_address)
