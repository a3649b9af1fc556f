"""Photos of checks and hazards: who took them, of what; the files themselves lie in :mod:`photo_files`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.records.database import alone
from assistant.records.errors import RecordValueError
from assistant.records.forms import text
from assistant.records.inspections import seen
from assistant.records.models import Hazard, Photo
from assistant.records.more_forms import PhotoOut, Stage
from assistant.records.photo_files import Kept, PhotoFiles
from assistant.records.tap import PERMISSION, WITHDRAWN
from assistant.records.work import Part, Work, get

MOST_PHOTOS = 12
"""Photos of one check, or of one hazard."""


class Photos(Part):
    """Photos as one viewer sees them."""

    def __init__(self, work: Work, files: PhotoFiles) -> None:
        super().__init__(work)
        self.files = files

    def add_to_check(self, inspection_id: int, check_id: str, content: bytes, name: str = "") -> PhotoOut:
        """Keep a photo of one check of an inspection that is not finished."""
        with self.work.reading() as session:
            enterprise_id = self._fillable(session, inspection_id, check_id)
        kept = self.files.keep(content)
        with self.work.writing() as session:
            alone(session)
            self._fillable(session, inspection_id, check_id)
            of = select(func.count(Photo.id)).where(Photo.inspection_id == inspection_id, Photo.check_id == check_id)
            _not_too_many(session.scalar(of) or 0)
            return self._add(session, kept, name, "found", enterprise_id, inspection_id=inspection_id, check_id=check_id)

    def add_to_hazard(self, hazard_id: int, stage: Stage, content: bytes, name: str = "") -> PhotoOut:
        """Keep a photo of a hazard: when it was found, mended or verified."""
        self.work.viewer.require("hazard")
        with self.work.reading() as session:
            enterprise_id = get(session, Hazard, hazard_id).enterprise_id
        kept = self.files.keep(content)
        with self.work.writing("hazard") as session:
            alone(session)
            if get(session, Hazard, hazard_id).state == "closed":
                raise RecordValueError("这条隐患已经销号，不能再加照片。")
            _not_too_many(session.scalar(select(func.count(Photo.id)).where(Photo.hazard_id == hazard_id)) or 0)
            return self._add(session, kept, name, stage, enterprise_id, hazard_id=hazard_id)

    def remove(self, photo_id: int) -> None:
        """Take a photo off a check of an inspection that is not finished; the log keeps that it was there."""
        with self.work.writing() as session:
            row = get(session, Photo, photo_id)
            if row.inspection_id is None:
                raise RecordValueError("隐患的照片是整改凭据，不能删除；可以再补拍一张。")
            self._fillable(session, row.inspection_id, row.check_id or "")
            gone = {name: [getattr(row, name), None] for name in ("sha256", "inspection_id", "check_id")}
            self.work.log(session, row, "remove", gone)
            session.delete(row)

    def get(self, photo_id: int) -> PhotoOut:
        """A photo."""
        with self.work.reading() as session:
            row = get(session, Photo, photo_id)
            if row.inspection_id is not None:
                seen(session, row.inspection_id, self.work.viewer)
            return PhotoOut.model_validate(row)

    def content(self, photo_id: int, *, small: bool = False) -> tuple[bytes, str]:
        """The content of a photo and its type."""
        photo = self.get(photo_id)
        if small:
            return self.files.read(self.files.small_path(photo.sha256)), "image/jpeg"
        return self.files.read(self.files.path(photo.sha256, photo.media_type)), photo.media_type

    def of_inspection(self, inspection_id: int) -> dict[str, list[PhotoOut]]:
        """The photos of an inspection by check."""
        found: dict[str, list[PhotoOut]] = {}
        with self.work.reading() as session:
            seen(session, inspection_id, self.work.viewer)
            for row in session.scalars(select(Photo).where(Photo.inspection_id == inspection_id).order_by(Photo.id)):
                found.setdefault(row.check_id or "", []).append(PhotoOut.model_validate(row))
        return found

    def of_hazard(self, hazard_id: int) -> list[PhotoOut]:
        """The photos of a hazard, and those of the failed check it came from."""
        with self.work.reading() as session:
            hazard = get(session, Hazard, hazard_id)
            own = Photo.hazard_id == hazard_id
            if hazard.inspection_id is not None and hazard.check_id:
                own |= (Photo.inspection_id == hazard.inspection_id) & (Photo.check_id == hazard.check_id)
            return [PhotoOut.model_validate(r) for r in session.scalars(select(Photo).where(own).order_by(Photo.id))]

    def _fillable(self, session: Session, inspection_id: int, check_id: str) -> int:
        row = seen(session, inspection_id, self.work.viewer, with_items=True)
        self.work.viewer.require(PERMISSION[row.kind])
        if row.finished_at is not None:
            raise RecordValueError("这次检查已经办结，照片不能再改；整改的照片请加到隐患台账里。")
        if row.withdrawn_at is not None:
            raise RecordValueError(WITHDRAWN)
        if check_id not in row.items:
            raise RecordValueError(f"这次检查的清单里没有检查项 {check_id}；请刷新清单后再拍照。")
        return row.enterprise_id

    def _add(self, session: Session, kept: Kept, name: str, stage: Stage, enterprise_id: int, **of: Any) -> PhotoOut:
        row = Photo(
            enterprise_id=enterprise_id,
            sha256=kept.sha256,
            media_type=kept.media_type,
            name=(text(name[-200:], "照片名称", 200) or "照片").replace("\x00", ""),
            size=kept.size,
            width=kept.width,
            height=kept.height,
            stage=stage,
            taken_by=self.work.actor(),
            created_at=self.work.clock(),
            **of,
        )
        session.add(row)
        session.flush()
        self.work.log(session, row, "create", {"sha256": [None, row.sha256], "name": [None, row.name]})
        return PhotoOut.model_validate(row)


def _not_too_many(held: int) -> None:
    if held >= MOST_PHOTOS:
        raise RecordValueError(f"这一项已有 {held} 张照片，最多 {MOST_PHOTOS} 张；请先删去不清楚的再加。")
