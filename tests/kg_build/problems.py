"""What the corpus check says of a folder, and the one way that a report is asserted: file, line, field, words."""

from __future__ import annotations

from pathlib import Path

from kg_build.validation import check_folder
from tests.conftest import TODAY


def problems(folder: Path) -> list[str]:
    """The problems of a corpus on a fixed day."""
    return check_folder(folder, today=TODAY)


def assert_reported(folder: Path, file: str, field: str, says: str) -> None:
    """The check says ``says`` of a field of a file, and on which line."""
    all_of_them = problems(folder)
    found = [p for p in all_of_them if says in p]
    assert found, all_of_them
    assert found[0].startswith(f"{file} 第 ")
    assert f" {field}" in found[0].split("：")[0]
