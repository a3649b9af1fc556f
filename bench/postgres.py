"""A PostgreSQL of one's own, from the binaries that Debian's ``postgresql`` installs: for tests and measurements only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from assistant.records import RecordStore


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, the newest; ``None`` where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[4]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


@contextlib.contextmanager
def running(*, durable: bool = True, connections: int = 100) -> Iterator[URL]:
    """The address (as administrator, by a socket of its own) of a fresh server that ends with the block.

    Without ``durable`` it does not wait for the disk: quicker, and good enough for tests that don't kill it.
    """
    where = binaries()
    if where is None:
        raise FileNotFoundError("PostgreSQL is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="hegui-pg-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    as_root = os.geteuid() == 0
    before = ["runuser", "-u", "postgres", "--"] if as_root else []
    if as_root:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def do(*command: str) -> None:
        subprocess.run([*before, *command], check=True, capture_output=True, text=True, cwd=folder, timeout=120)

    data = folder / "data"
    settings = f"-k {folder} -c listen_addresses='' -c max_connections={connections}"
    if not durable:
        settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    try:
        do(
            str(where / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        do(str(where / "pg_ctl"), "-D", str(data), "-o", settings, "-l", str(folder / "log"), "-w", "start")
        try:
            yield URL.create("postgresql+psycopg", username="postgres", database="postgres", query={"host": str(folder)})
        finally:
            do(str(where / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Databases for records on one server: each a copy of one that was migrated once."""

    def __init__(self, admin: URL, scratch: Path) -> None:
        self.admin = admin
        self.template = f"hegui_template_{uuid.uuid4().hex[:12]}"
        self._do(f"CREATE DATABASE {self.template}")
        RecordStore(self._url(self.template), scratch).close()

    def make(self, *, empty: bool = False) -> str:
        """The address of a new database with the tables of today, or with none at all."""
        name = f"hegui_{uuid.uuid4().hex[:12]}"
        self._do(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {self.template}"))
        return self._url(name)

    def drop(self, address: str) -> None:
        """Remove a database, whoever still uses it."""
        self._do(f"DROP DATABASE IF EXISTS {address.rsplit('/', 1)[1].split('?')[0]} WITH (FORCE)")

    def close(self) -> None:
        """Remove the template."""
        self._do(f"DROP DATABASE IF EXISTS {self.template} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: str) -> None:
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
