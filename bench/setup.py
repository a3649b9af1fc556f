"""A data folder for a measurement: the given one, or one built anew and removed afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg_build.embedding import EMBEDDED
from kg_build.snapshot import build

ROOT = Path(__file__).parents[1]


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """An earlier revision of this repository in a folder of its own, removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "earlier"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), revision], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


@contextmanager
def data_folder(given: Path | None, model: str = EMBEDDED) -> Iterator[Path]:
    """The folder ``given``, brought up to date, or a temporary one."""
    if given:
        build(given, model=model)
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), model=model)
        yield Path(folder)


@contextmanager
def own_folder(given: Path | None) -> Iterator[Path]:
    """A folder to write records into: a copy of ``given`` without its records, or one built anew; removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if given:
            shutil.copytree(given, data, ignore=shutil.ignore_patterns("records*", "photos", "setup-code"))
        else:
            build(data)
        yield data
