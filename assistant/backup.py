"""``hegui backup``: records, photos, imported texts and local practice in one file, made while people go on saving.

A backup is a zip: ``manifest.json`` (version, time, counts, size and SHA-256 of every file), ``records/<table>.jsonl``
(see :mod:`assistant.records.portable`), and the folders below as they are. The snapshot is left out: ``hegui build``
makes it anew.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from assistant.records import RecordStore
from assistant.records.models import Photo
from assistant.records.portable import TABLES, dump, one_moment, revisions
from kg_build.errors import HeguiError, UsageError

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("photos", "imports", "practice")
"""What belongs to the user beside the records; everything else in a data folder is computed."""
CHUNK = 2**20


class BackupError(HeguiError):
    """A backup can't be written, read or put back; nothing was changed."""


class FileEntry(BaseModel):
    """A file of a backup."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup says of itself; ``tables`` is the version of the tables, ``counts`` the rows of each."""

    format: int
    software: str
    tables: str
    made_at: datetime.datetime
    counts: dict[str, int]
    files: dict[str, FileEntry]
    missing_photos: int = 0


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made: where, its size in bytes, what it holds."""

    path: Path
    size: int
    manifest: Manifest


def back_up(store: RecordStore, path: Path) -> BackedUp:
    """Write a backup to a new file; whoever saves meanwhile isn't kept waiting. Half a file never stays.

    Raise :class:`UsageError` where there is a file already, :class:`BackupError` where it can't be written.
    """
    if path.exists():
        raise UsageError(f"{path} 已经存在；请换一个文件名，免得盖掉以前的备份。")
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.touch(mode=0o600)
        with aside.open("r+b") as file:
            manifest = _write(store, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise BackupError(f"备份 {path} 没有写成（{error.strerror or error}）；请检查磁盘空间和权限。") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
    return BackedUp(path, path.stat().st_size, manifest)


def _write(store: RecordStore, file: object) -> Manifest:
    files: dict[str, FileEntry] = {}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:  # type: ignore[call-overload]
        with one_moment(store.engine) as connection:
            made_at = store.clock()
            for name, table in TABLES.items():
                counted = _Counted(dump(connection, table))
                files[f"records/{name}.jsonl"] = _put(archive, f"records/{name}.jsonl", counted)
                counts[name] = counted.count
            wanted = _photos(connection, store)
        # Photos lie on disk before a record names them and stay there: those of the moment above are all there.
        for path in user_files(store.data):
            name = path.relative_to(store.data).as_posix()
            pictures = name.startswith("photos/")
            files[name] = _put(archive, name, _chunks(path), packed=not pictures)
        manifest = Manifest(
            format=FORMAT,
            software=version("hegui"),
            tables=revisions()[0],
            made_at=made_at,
            counts=counts,
            files=files,
            missing_photos=sum(name not in files for name in wanted),
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _photos(connection: Connection, store: RecordStore) -> set[str]:
    table = Photo.__table__
    rows = connection.execute(select(table.c.sha256, table.c.media_type))
    return {store.files.path(*row).relative_to(store.data).as_posix() for row in rows}


def user_files(data: Path) -> list[Path]:
    """The user's own files in a data folder; nothing that is half written."""
    return sorted(
        path
        for folder in FOLDERS
        for path in (data / folder).rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and path.suffix not in (".part", ".tmp")
    )


class _Counted:
    def __init__(self, lines: Iterable[bytes]) -> None:
        self.lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            self.count += 1
            yield line


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _put(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes], *, packed: bool = True) -> FileEntry:
    """Write one file of the archive piece by piece; nothing large is held in memory."""
    entry = zipfile.ZipInfo(name, datetime.datetime.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    entry.external_attr = 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as file:
        for part in parts:
            digest.update(part)
            size += len(part)
            file.write(part)
    return FileEntry(size=size, sha256=digest.hexdigest())


def read_manifest(text: bytes) -> Manifest:
    """The manifest of a backup; raise :class:`BackupError` when this software can't read it."""
    try:
        told = json.loads(text)
        if isinstance(told, dict) and isinstance(told.get("format"), int) and told["format"] > FORMAT:
            raise BackupError("这份备份是更新版本的软件做的；请升级软件后再恢复。")
        return Manifest.model_validate(told)
    except ValueError as error:
        raise BackupError("备份里的目录 manifest.json 读不了；文件可能已损坏，请换一份备份。") from error
