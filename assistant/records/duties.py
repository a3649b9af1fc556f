"""What a firm must do by a day, and what counts in its portrait."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from assistant.dates import add_months
from assistant.records.errors import RecordValueError
from assistant.records.forms import Page, text
from assistant.records.models import DueItem, Enterprise, Happening
from assistant.records.more_forms import DueForm, DueOut, HappeningForm, HappeningOut
from assistant.records.work import Part, get


class DueItems(Part):
    """Due items as one viewer sees them."""

    def add(self, enterprise_id: int, form: DueForm) -> DueOut:
        """Keep a new due item."""
        with self.work.writing("duty") as session:
            get(session, Enterprise, enterprise_id)
            return DueOut.model_validate(self.work.add(session, DueItem(enterprise_id=enterprise_id, **form.values())))

    def update(self, item_id: int, version: int, form: DueForm) -> DueOut:
        """Change a due item."""
        with self.work.writing("duty") as session:
            return DueOut.model_validate(self.work.change(session, get(session, DueItem, item_id, version), form.values()))

    def done(self, item_id: int, version: int, on: datetime.date, note: str = "") -> DueOut:
        """Write down that it was done: a recurring item gets its next day, reckoned from when it was done."""
        with self.work.writing("duty") as session:
            row = get(session, DueItem, item_id, version)
            if on > self.work.today():
                raise RecordValueError(f"完成日期 {on} 还没有到；请填实际完成的日期。")
            values: dict[str, object] = {"last_done": on, "note": text(note, "说明", 4000) or row.note}
            if row.every_months:
                values["due"] = add_months(on, row.every_months)
            else:
                values["ended_on"] = on
            return DueOut.model_validate(self.work.change(session, row, values, "done"))

    def end(self, item_id: int, version: int, note: str) -> DueOut:
        """Stop a due item that no longer applies, with the reason."""
        told = text(note, "理由", 4000, required=True)
        with self.work.writing("duty") as session:
            row = get(session, DueItem, item_id, version)
            return DueOut.model_validate(
                self.work.change(session, row, {"ended_on": self.work.today(), "note": told}, "end")
            )

    def get(self, item_id: int) -> DueOut:
        """A due item."""
        with self.work.reading() as session:
            return DueOut.model_validate(get(session, DueItem, item_id))

    def find(
        self,
        enterprise_id: int | None = None,
        *,
        before: datetime.date | None = None,
        since: datetime.date | None = None,
        ended: bool = False,
        page: int = 1,
        size: int = 50,
    ) -> Page[DueOut]:
        """Due items, the most pressing first; only those due before ``before`` and not before ``since``."""
        query = select(DueItem).order_by(DueItem.due, DueItem.id)
        if since is not None:
            query = query.where(DueItem.due >= since)
        if enterprise_id is not None:
            query = query.where(DueItem.enterprise_id == enterprise_id)
        if before is not None:
            query = query.where(DueItem.due < before)
        query = query.where(DueItem.ended_on.is_not(None) if ended else DueItem.ended_on.is_(None))
        return self.work.page(query, DueOut, page, size)


class Happenings(Part):
    """What counts in portraits, as one viewer sees it."""

    def add(self, enterprise_id: int, form: HappeningForm) -> HappeningOut:
        """Keep something that counts in a firm's portrait."""
        with self.work.writing("level") as session:
            get(session, Enterprise, enterprise_id)
            if form.on > self.work.today():
                raise RecordValueError(f"日期 {form.on} 还没有到；请填实际发生的日期。")
            row = Happening(enterprise_id=enterprise_id, **form.values())
            return HappeningOut.model_validate(self.work.add(session, row))

    def find(self, enterprise_id: int, *, page: int = 1, size: int = 200) -> Page[HappeningOut]:
        """What counts in a firm's portrait, the newest first."""
        query = select(Happening).where(Happening.enterprise_id == enterprise_id)
        return self.work.page(query.order_by(Happening.on.desc(), Happening.id.desc()), HappeningOut, page, size)
