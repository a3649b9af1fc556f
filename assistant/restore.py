"""``hegui restore``: a backup is checked whole, then put back whole; what was there stays until the last step."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import sqlite3
import stat
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy import URL, Connection, make_url

from assistant.backup import CHUNK, FOLDERS, MANIFEST, BackupError, Manifest, read_manifest, user_files
from assistant.records import RecordStore
from assistant.records.database import default_url, translated
from assistant.records.portable import LONGEST_LINE, TABLES, clear, count_on, load, parse, revisions, rows_held
from kg_build.errors import UsageError

LARGEST_MANIFEST = 256 * 2**20
LARGEST_FILE = 64 * 2**20
"""Bytes of one file beside the records: photos have their own, smaller limit when they are taken."""
MOST_PACKED = 200
"""How many times larger than in the archive a file may be; real records come to a tenth of this."""
_SAFE = re.compile(
    r"photos/[0-9a-f]{2}/[0-9a-f]{64}(-small)?\.(jpg|png|webp)|imports/[^/\\\x00-\x1f:]{1,200}\.json"
    r"|practice/[^/\\\x00-\x1f:]{1,200}\.ya?ml"
)
DAMAGED = "这份备份已损坏或者不完整，没有恢复任何东西；请换一份备份。"


def restore(path: Path, data: Path, url: str | None = None, *, replace: bool = False) -> Manifest:
    """Put a backup back into a data folder (and the database at ``url``); everything, or nothing.

    ``replace`` allows it where there are records or files already. Raise :class:`UsageError` or :class:`BackupError`.
    """
    with _opened(path) as archive:
        manifest = _checked(archive, data)
        target = make_url(url or default_url(data))
        aside = data / f".restore-{uuid.uuid4().hex[:12]}"
        try:
            aside.mkdir(parents=True, mode=0o700)
            _extract(archive, manifest, aside)
            if target.get_backend_name() == "sqlite":
                _into_file(archive, data, aside, Path(target.database or ""), replace=replace)
            else:
                _into_server(archive, data, aside, target.render_as_string(hide_password=False), replace=replace)
        except OSError as error:
            raise BackupError(
                f"没有恢复：数据目录 {data} 写不了（{error.strerror or error}）；请检查磁盘空间和权限。"
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return manifest


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():
        raise UsageError(f"没有备份文件 {path}；请检查路径。")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupError(f"{path}：{DAMAGED}") from error
    except OSError as error:
        raise BackupError(f"备份 {path} 读不了（{error.strerror or error}）；请检查文件和权限。") from error


# --- checking: nothing is written before all of it is done -----------------------------------------------------------


def _checked(archive: zipfile.ZipFile, data: Path) -> Manifest:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if MANIFEST not in names:
        raise BackupError("这个文件不是合规图谱的备份（里面没有 manifest.json）；请检查选的文件。")
    head = archive.getinfo(MANIFEST)
    if head.file_size > LARGEST_MANIFEST or _too_packed(head):
        raise BackupError(DAMAGED)
    manifest = read_manifest(archive.read(head))
    if manifest.tables not in revisions():
        raise BackupError("这份备份是更新版本的软件做的；请升级软件后再恢复。")
    records = {f"records/{name}.jsonl" for name in TABLES}
    listed = set(manifest.files)
    if len(set(names)) != len(names) or set(names) != listed | {MANIFEST}:
        raise BackupError(DAMAGED)
    for entry in entries:
        name = entry.filename
        if name != MANIFEST and name not in records and not _SAFE.fullmatch(name):
            raise BackupError(f"备份里有不该有的文件“{name[:80]}”，没有恢复任何东西；请换一份备份。")
        if stat.S_ISLNK(entry.external_attr >> 16) or entry.is_dir() or entry.flag_bits & 1 or _too_packed(entry):
            raise BackupError(DAMAGED)
        if name not in records and name != MANIFEST and entry.file_size > LARGEST_FILE:
            raise BackupError(f"备份里的文件“{name[:80]}”太大，没有恢复任何东西；请换一份备份。")
    data.mkdir(parents=True, exist_ok=True)
    needed = sum(entry.size for entry in manifest.files.values())
    if needed * 2 > shutil.disk_usage(data).free:
        raise BackupError(f"磁盘空间不够：恢复这份备份约需 {needed * 2 / 2**20:.0f} MB；请腾出空间后再试。")
    for name, told in manifest.files.items():
        if _digest(archive, name, told.size) != told.sha256:
            raise BackupError(DAMAGED)
    for name, table in TABLES.items():
        if f"records/{name}.jsonl" not in listed:
            # A table that is newer than the backup.
            if manifest.counts.get(name):
                raise BackupError(DAMAGED)
            continue
        if sum(1 for line in lines(archive, name) if parse(line, table)) != manifest.counts.get(name):
            raise BackupError(DAMAGED)
    return manifest


def _too_packed(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > 10 * 2**20 and entry.file_size > MOST_PACKED * max(entry.compress_size, 1)


def _digest(archive: zipfile.ZipFile, name: str, size: int) -> str:
    """The digest of a file, reading no more of it than it claims to hold."""
    digest, read = hashlib.sha256(), 0
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            read += len(chunk)
            if read > size:
                raise BackupError(DAMAGED)
            digest.update(chunk)
    return digest.hexdigest() if read == size else ""


def lines(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    """The lines of one table of a backup; none where the backup is older than the table."""
    name = f"records/{table}.jsonl"
    if name not in archive.namelist():
        return
    with archive.open(name) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise BackupError(DAMAGED)
            yield line


# --- putting back ----------------------------------------------------------------------------------------------------


def _extract(archive: zipfile.ZipFile, manifest: Manifest, aside: Path) -> None:
    for folder in FOLDERS:
        (aside / folder).mkdir()
    for name in manifest.files:
        if name.startswith("records/"):
            continue
        place = aside / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, place.open("wb") as target:
            _copy(source, target, manifest.files[name].size)


def _copy(source: IO[bytes], target: IO[bytes], most: int) -> None:
    while chunk := source.read(min(CHUNK, most + 1)):
        most -= len(chunk)
        if most < 0:
            raise BackupError(DAMAGED)
        target.write(chunk)


def _into_file(archive: zipfile.ZipFile, data: Path, aside: Path, database: Path, *, replace: bool) -> None:
    """Into SQLite: a new file is filled aside and renamed into place."""
    if database.exists():
        _nobody_uses(database)
    if database.exists() and not replace:
        existing = RecordStore(_address(database), data)
        try:
            with existing.engine.connect() as connection:
                _may_replace(connection, data, replace=replace)
        finally:
            existing.close()
    else:
        _may_replace(None, data, replace=replace)
    filled = aside / "new.sqlite3"
    store = RecordStore(_address(filled), aside)
    try:
        with translated(store.engine), store.engine.execution_options(writes=True).begin() as connection:
            _fill(archive, connection)
        with store.engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                raise BackupError(DAMAGED)
    finally:
        store.close()
    _nobody_uses(filled)
    # What the old database left beside itself must not be taken for the new one's.
    beside = [(None, database.with_name(database.name + ending)) for ending in ("-wal", "-shm")]
    with _swapped(data, aside, [*beside, (filled, database)]):
        pass


def _address(database: Path) -> str:
    return URL.create("sqlite", database=str(database.absolute())).render_as_string(hide_password=False)


def _nobody_uses(database: Path) -> None:
    """Fold a database into its one file; raise :class:`UsageError` while a server (or anyone) has it open."""
    connection = sqlite3.connect(database, timeout=2)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.OperationalError as error:
        raise UsageError("记录库正在使用，没有恢复；请先停止 hegui serve，再恢复。") from error
    except sqlite3.DatabaseError:
        # A damaged file is what a backup is for.
        return
    finally:
        connection.close()


def _into_server(archive: zipfile.ZipFile, data: Path, aside: Path, url: str, *, replace: bool) -> None:
    """Into PostgreSQL: one transaction, kept only when the files are in place too."""
    store = RecordStore(url, data)
    try:
        with translated(store.engine), store.engine.connect() as connection, connection.begin() as whole:
            _may_replace(connection, data, replace=replace)
            clear(connection)
            _fill(archive, connection)
            count_on(connection)
            with _swapped(data, aside, []):
                whole.commit()
    finally:
        store.close()


def _fill(archive: zipfile.ZipFile, connection: Connection) -> None:
    for name, table in TABLES.items():
        load(connection, table, lines(archive, name))


def _may_replace(connection: Connection | None, data: Path, *, replace: bool) -> None:
    if replace:
        return
    if (connection is not None and rows_held(connection)) or user_files(data):
        raise UsageError("这里已有记录或者照片，没有恢复；确实要用备份换掉它们，请加 --replace。")


@contextlib.contextmanager
def _swapped(data: Path, aside: Path, files: list[tuple[Path | None, Path]]) -> Iterator[None]:
    """Put the new folders and files in the place of the old; if the block fails, the old ones come back."""
    old, undone = aside / "old", aside / "undone"
    old.mkdir()
    undone.mkdir()
    moves: list[tuple[Path | None, Path]] = [*((aside / folder, data / folder) for folder in FOLDERS), *files]
    begun: list[tuple[Path, Path]] = []
    try:
        for number, (new, place) in enumerate(moves):
            kept = old / str(number)
            begun.append((kept, place))
            if place.exists():
                place.rename(kept)
            if new is not None:
                new.rename(place)
        yield
    except BaseException:
        for kept, place in reversed(begun):
            if place.exists() and (kept.exists() or place.parent == data):
                place.rename(undone / f"{kept.name}-{place.name}")
            if kept.exists():
                kept.rename(place)
        raise
