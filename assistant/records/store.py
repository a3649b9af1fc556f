"""The records behind one database URL, and the desk at which one viewer works with them.

Each save is one transaction that also writes the audit log. Whoever saves hands back the version that was shown; when
somebody else saved in between, nothing is overwritten and :class:`ConflictError` says so.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from sqlalchemy import select

from assistant.records.accounts import Accounts, Doorkeeper
from assistant.records.database import default_url, open_database
from assistant.records.duties import DueItems, Happenings
from assistant.records.enterprises import Enterprises
from assistant.records.errors import RecordsError
from assistant.records.forms import AuditOut, InspectionOut, Page
from assistant.records.inspections import Inspections
from assistant.records.ledger import Hazards
from assistant.records.models import AuditLog, Inspection
from assistant.records.overview import Overview
from assistant.records.photo_files import PhotoFiles
from assistant.records.photos import Photos
from assistant.records.plans import Plans
from assistant.records.scope import Viewer
from assistant.records.work import Clock, Part, Work, now

SETUP_CODE = "setup-code"


class Trail(Part):
    """The audit log as one viewer sees it."""

    def find(
        self, entity: str | None = None, entity_id: int | None = None, *, page: int = 1, size: int = 50
    ) -> Page[AuditOut]:
        """Who changed what, the latest first; of one kind (``enterprise`` …) or one record where named."""
        query = select(AuditLog).order_by(AuditLog.id.desc())
        if entity is not None:
            query = query.where(AuditLog.entity == entity)
        if entity_id is not None:
            query = query.where(AuditLog.entity_id == entity_id)
        return self.work.page(query, AuditOut, page, size)


class Desk:
    """Everything one viewer may do with the records."""

    def __init__(self, work: Work, files: PhotoFiles) -> None:
        self.work = work
        self.viewer = work.viewer
        self.enterprises = Enterprises(work)
        self.inspections = Inspections(work)
        self.hazards = Hazards(work)
        self.photos = Photos(work, files)
        self.due = DueItems(work)
        self.happenings = Happenings(work)
        self.plans = Plans(work)
        self.accounts = Accounts(work)
        self.trail = Trail(work)
        self.overview = Overview(work)


class RecordStore:
    """The records behind one database URL; safe to use from several threads and processes."""

    def __init__(self, url: str, data: Path, *, clock: Clock = now) -> None:
        self.engine = open_database(url)
        self.clock = clock
        self.data = data
        self.files = PhotoFiles(data / "photos")
        self.doorkeeper = Doorkeeper(Work(self.engine, clock, Viewer.of_system()))

    @classmethod
    def in_folder(cls, data: Path, *, clock: Clock = now) -> RecordStore:
        """The records in a data folder (``records.sqlite3``), made at first use."""
        return cls(default_url(data), data, clock=clock)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def desk(self, viewer: Viewer) -> Desk:
        """The desk of one viewer."""
        return Desk(Work(self.engine, self.clock, viewer), self.files)

    def by_code(self, code: str) -> InspectionOut | None:
        """The official inspection behind a check code (检查码); the code itself is the permission to read it."""
        desk = self.desk(Viewer.of_system())
        with desk.work.reading() as session:
            found = session.scalar(select(Inspection.id).where(Inspection.code == code)) if code else None
        return desk.inspections.get(found) if found is not None else None

    def setup_code(self) -> str:
        """The code that lets the first administrator be made: only who can read the data folder or the console has it."""
        path = self.data / SETUP_CODE
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)
                path.write_text(secrets.token_urlsafe(12), encoding="utf-8")
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise RecordsError(f"数据目录 {self.data} 写不了（{error.strerror or error}）；请检查权限。") from error

    def forget_setup_code(self) -> None:
        """Remove the code once it has been used."""
        with contextlib.suppress(OSError):
            (self.data / SETUP_CODE).unlink(missing_ok=True)
