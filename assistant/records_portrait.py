"""What the records say of a firm → events of its portrait. Pure: which points an event counts stands in the scheme."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from assistant.portrait import Event
from assistant.records.inspections import ScoreOut, day_of
from assistant.records.ledger import Past
from assistant.records.more_forms import HappeningOut
from kg_build.practice_forms import PointsForm, PortraitForm

SELF_CHECK, MAJOR_FOUND, MAJOR_SELF = "self-check", "major-hazard-found", "major-hazard-self"
MAJOR_CLOSED, MAJOR_LATE, LATE = "major-hazard-closed", "major-hazard-overdue", "hazard-overdue"
FROM_RECORDS = frozenset({SELF_CHECK, MAJOR_FOUND, MAJOR_SELF, MAJOR_CLOSED, MAJOR_LATE, LATE})
"""The events that follow from checks and hazards; every other event of a scheme is registered by an official."""
NOTE_LENGTH = 60


def events(
    checks: Iterable[ScoreOut], hazards: Iterable[Past], happenings: Iterable[HappeningOut], day: datetime.date
) -> list[Event]:
    """The events of a firm up to ``day``: its finished self-checks, its hazards, and what officials registered.

    ``ref`` is the address of the record below the working pages (``hazards/12``).
    """
    found = [
        Event(SELF_CHECK, c.day, f"得分 {c.score:g}" if c.score is not None else "", f"checks/{c.id}")
        for c in checks
        if c.kind == "self_check"
    ]
    for past in hazards:
        found.extend(_of_hazard(past, day))
    found.extend(Event(h.kind, h.on, h.note) for h in happenings)
    return [e for e in found if e.day <= day]


def to_register(scheme: PortraitForm) -> list[PointsForm]:
    """The items of a scheme whose events officials register."""
    return [i for i in scheme.items if not i.absent and i.event not in FROM_RECORDS]


def longest(scheme: PortraitForm) -> int:
    """How many months back an event can still count."""
    return max(i.months for i in scheme.items)


def _of_hazard(past: Past, day: datetime.date) -> Iterable[Event]:
    hazard, ref = past.hazard, f"hazards/{past.hazard.id}"
    told = hazard.description[:NOTE_LENGTH]
    late = _late_until(past, day)
    if late is not None:
        ended = f"{late}才整改" if hazard.state not in ("found", "assigned") else "还没有整改"
        yield Event(MAJOR_LATE if hazard.major else LATE, late, f"期限{hazard.due}，{ended}：{told}", ref)
    if not hazard.major:
        return
    if past.official:
        yield Event(MAJOR_FOUND, hazard.found_on or day_of(hazard.created_at), told, ref)
        if hazard.closed_at is not None and late is None:
            yield Event(MAJOR_CLOSED, day_of(hazard.closed_at), told, ref)
    elif hazard.reported_on is not None:
        yield Event(MAJOR_SELF, hazard.reported_on, told, ref)


def _late_until(past: Past, day: datetime.date) -> datetime.date | None:
    """The last day on which a hazard was overdue: today while it still is, else the day it was mended at last."""
    hazard = past.hazard
    if hazard.due is None:
        return None
    if hazard.state in ("found", "assigned"):
        return day if hazard.due < day else None
    return past.mended_on if past.mended_on is not None and past.mended_on > hazard.due else None
