"""What stands across many firms: counts, the most pressing firms, firms side by side; all of it grouped by the database."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from assistant.records.forms import EnterpriseOut
from assistant.records.models import LEVELS, OPEN_STATES, DueItem, Enterprise, Hazard, Inspection
from assistant.records.work import Part

UNMENDED = ("found", "assigned")


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a district or of everything seen; ``levels`` by level ("" is none), ``year`` finished checks by kind."""

    firms: int
    levels: dict[str, int]
    open: int
    major: int
    overdue: int
    year: dict[str, int]
    due_late: int
    due_soon: int


@dataclass(frozen=True, slots=True)
class FirmLine:
    """A firm beside others: its open, major (open) and overdue hazards, overdue due dates and last finished self-check."""

    firm: EnterpriseOut
    open: int
    major: int
    overdue: int
    due_late: int
    score: float | None
    checked_on: datetime.datetime | None


class Overview(Part):
    """Firms together, as one viewer sees them."""

    def counts(self, day: datetime.date, soon: datetime.date, district: str | None = None) -> Counts:
        """Everything of the year of ``day``; ``soon`` is the last day that counts as due soon."""
        new_year = datetime.datetime(day.year, 1, 1).astimezone()
        with self.work.reading() as session:
            by_level = select(Enterprise.level, func.count()).where(*_of(Enterprise.id, district))
            levels = _pairs(session, by_level, Enterprise.level)
            standing = session.execute(
                select(func.count(), _sum(Hazard.major.is_(True)), _sum(_late(day))).where(
                    Hazard.state.in_(OPEN_STATES), *_of(Hazard.enterprise_id, district)
                )
            ).one()
            ended = [Inspection.finished_at >= new_year, *_of(Inspection.enterprise_id, district)]
            year = _pairs(session, select(Inspection.kind, func.count()).where(*ended), Inspection.kind)
            due = session.execute(
                select(_sum(DueItem.due < day), func.count()).where(
                    DueItem.ended_on.is_(None), DueItem.due <= soon, *_of(DueItem.enterprise_id, district)
                )
            ).one()
        late = int(due[0] or 0)
        return Counts(
            firms=sum(levels.values()),
            levels={level: levels.get(level, 0) for level in ("", *LEVELS)},
            open=standing[0],
            major=int(standing[1] or 0),
            overdue=int(standing[2] or 0),
            year=year,
            due_late=late,
            due_soon=due[1] - late,
        )

    def pressing(self, day: datetime.date, district: str | None = None, *, limit: int = 12) -> list[FirmLine]:
        """The firms with the most major, then overdue, then open hazards."""
        major, late = _sum(Hazard.major.is_(True)), _sum(_late(day))
        query = (
            select(Hazard.enterprise_id)
            .where(Hazard.state.in_(OPEN_STATES), *_of(Hazard.enterprise_id, district))
            .group_by(Hazard.enterprise_id)
            .order_by(_sum(Hazard.major.is_(True) & _late(day)).desc(), major.desc(), late.desc(), func.count().desc())
            .limit(limit)
        )
        with self.work.reading() as session:
            return self._lines(session, list(session.scalars(query)), day)

    def side_by_side(self, day: datetime.date, *, page: int = 1, size: int = 50) -> tuple[int, list[FirmLine]]:
        """How many firms the viewer sees, and one page of them, the worst level first."""
        order = select(Enterprise.id).order_by(Enterprise.level.desc(), Enterprise.name, Enterprise.id)
        with self.work.reading() as session:
            total, ids = self.work.rows(session, order, page, size)
            return total, self._lines(session, ids, day)

    def names(self, ids: Sequence[int]) -> dict[int, str]:
        """The names of firms by their ids."""
        wanted = sorted(set(ids))
        found: dict[int, str] = {}
        with self.work.reading() as session:
            # In parts: databases limit how many values one statement takes.
            for start in range(0, len(wanted), 500):
                part = Enterprise.id.in_(wanted[start : start + 500])
                found.update(session.execute(select(Enterprise.id, Enterprise.name).where(part)).tuples().all())
        return found

    def _lines(self, session: Session, ids: Sequence[int], day: datetime.date) -> list[FirmLine]:
        firms = {e.id: e for e in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}
        hazards = {
            row[0]: row[1:]
            for row in session.execute(
                select(Hazard.enterprise_id, func.count(), _sum(Hazard.major.is_(True)), _sum(_late(day)))
                .where(Hazard.enterprise_id.in_(ids), Hazard.state.in_(OPEN_STATES))
                .group_by(Hazard.enterprise_id)
            )
        }
        open_due = [DueItem.enterprise_id.in_(ids), DueItem.ended_on.is_(None), DueItem.due < day]
        due = _pairs(session, select(DueItem.enterprise_id, func.count()).where(*open_due), DueItem.enterprise_id)
        turn = func.row_number().over(partition_by=Inspection.enterprise_id, order_by=Inspection.finished_at.desc())
        done = [Inspection.enterprise_id.in_(ids), Inspection.kind == "self_check", Inspection.finished_at.is_not(None)]
        ranked = select(Inspection.enterprise_id, Inspection.score, Inspection.finished_at, turn.label("turn")).where(*done)
        last = ranked.subquery()
        checks = {
            row.enterprise_id: (row.score, row.finished_at) for row in session.execute(select(last).where(last.c.turn == 1))
        }
        lines = []
        for firm_id in (i for i in ids if i in firms):
            count, major, late = hazards.get(firm_id, (0, 0, 0))
            score, checked = checks.get(firm_id, (None, None))
            told = EnterpriseOut.model_validate(firms[firm_id])
            lines.append(FirmLine(told, count, int(major or 0), int(late or 0), due.get(firm_id, 0), score, checked))
        return lines


def _of(column: Any, district: str | None) -> list[ColumnElement[bool]]:
    return [] if district is None else [column.in_(select(Enterprise.id).where(Enterprise.district == district))]


def _late(day: datetime.date) -> ColumnElement[bool]:
    return (Hazard.due < day) & Hazard.state.in_(UNMENDED)


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _pairs(session: Session, query: Any, column: Any) -> dict[Any, int]:
    return {key if key is not None else "": count for key, count in session.execute(query.group_by(column))}
