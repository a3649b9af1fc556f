"""The portrait of an enterprise, A to D: each point with its event, reason and expiry, and what would lift the level.

The scheme stands in corpus/practice/portrait.yaml; a supervisor may replace it by ``<data>/practice/portrait.yaml``. Nothing
here reads a clock: what counts is what counts on ``day``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.dates import add_months
from assistant.knowledge import Knowledge
from kg_build.corpus import read_form
from kg_build.errors import CitationError, CorpusError, UsageError
from kg_build.practice import with_citations
from kg_build.practice_forms import Level, LevelForm, PointsForm, PortraitForm

LEVELS: tuple[Level, ...] = ("A", "B", "C", "D")
"""From best to worst."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a unit: ``kind`` is an ``event`` of the scheme; ``note`` and ``ref`` name the record."""

    kind: str
    day: datetime.date
    note: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """What one event (or, for ``event`` None, the lack of events) counts and why; ``until`` is the day it stops counting."""

    event: Event | None
    item: str
    label: str
    points: float
    why: str
    until: datetime.date | None
    basis: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether it moves the total."""
        return self.points != 0


@dataclass(frozen=True, slots=True)
class Lift:
    """What would lift the total: by ``gain`` points, on ``day`` where it is only a matter of time; the level it leads to."""

    text: str
    gain: float
    level: Level
    day: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Portrait:
    """Level and points of a unit on a day. ``capped`` says which event holds the level down; ``ignored`` what the scheme
    does not know or what lies in the future; ``to_next`` the points that the next level lacks.
    """

    level: Level
    label: str
    meaning: str
    total: float
    day: datetime.date
    points: tuple[Point, ...]
    capped: tuple[str, ...]
    lifts: tuple[Lift, ...]
    to_next: float | None
    ignored: tuple[Event, ...]
    scheme: str
    note: str | None


def portrait(
    facts: Iterable[Event], scheme: PortraitForm, day: datetime.date, *, since: datetime.date | None = None
) -> Portrait:
    """The portrait of a unit with the events ``facts`` on ``day``.

    ``since`` is the day its record was opened (otherwise that of its first event): the lack of events counts only once the
    record is old enough. Of an item's events the newest count first, until its limit is reached.
    """
    known = {item.event for item in scheme.items}
    events = sorted(facts, key=lambda e: (e.day, e.kind, e.ref, e.note), reverse=True)
    heard = [e for e in events if e.kind in known and e.day <= day]
    opened = min([e.day for e in events], default=None) if since is None else since
    points = _points(heard, scheme, day, opened)
    total, level, capped = _judge(points, heard, scheme, day)
    form = _level_form(scheme, level)
    above = LEVELS.index(level)
    short = scheme.levels[above - 1].least - total if above else None
    return Portrait(
        level=level,
        label=form.label,
        meaning=form.meaning,
        total=total,
        day=day,
        points=tuple(points),
        capped=tuple(capped),
        lifts=tuple(_lifts(heard, scheme, day, opened, total, level)),
        to_next=None if short is None else max(0.0, short),
        ignored=tuple(e for e in events if e not in heard),
        scheme=scheme.title,
        note=scheme.note,
    )


def scheme_of(knowledge: Knowledge, data: Path) -> PortraitForm:
    """The scheme in use: ``practice/portrait.yaml`` of the data folder, else that of the snapshot. Raise
    :class:`UsageError` with file, line and field when the local file is wrong.
    """
    path = data / "practice" / "portrait.yaml"
    if not path.is_file():
        return knowledge.practice.of(PortraitForm)
    try:
        form = read_form(PortraitForm, str(path), path.read_text(encoding="utf-8"))
        return with_citations(form, lambda citation: knowledge.find(*knowledge.names.split(citation)).id)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}：不是 UTF-8 编码；请另存为 UTF-8。") from error
    except CorpusError as error:
        listed = "\n".join(error.problems)
        raise UsageError(f"本地的画像方案有误，请按下列位置改正，或者删去这个文件改用默认方案：\n{listed}") from error
    except CitationError as error:
        raise UsageError(f"{path}：依据有误：{error}") from error


def _points(heard: Sequence[Event], scheme: PortraitForm, day: datetime.date, opened: datetime.date | None) -> list[Point]:
    best = _best_of_groups(heard, scheme, day)
    months = {item.event: item.months for item in scheme.items}
    lasting = {e.kind for e in heard if add_months(e.day, months[e.kind]) > day}
    found: list[Point] = []
    for item in scheme.items:
        if item.absent:
            found.append(_absence(item, heard, scheme, day, opened))
            continue
        spent = 0.0
        for event in (e for e in heard if e.kind == item.event):
            until = add_months(event.day, item.months)
            room = abs(item.points) if item.limit is None else max(0.0, item.limit - spent)
            counted = min(abs(item.points), room) * (1 if item.points > 0 else -1)
            if until <= day:
                counted, why = 0.0, f"已满{item.months}个月，不再计分。"
            elif item.needs and item.needs not in lasting:
                counted, why = 0.0, "与它相对的扣分已经不计，这一项也不计。"
            elif item.group and best.get(item.group) is not event:
                counted, why = 0.0, "同类只计最好的一项，这一项不计分。"
            elif not room:
                why = f"同类合计已到{item.limit:g}分的上限，这一项不再计分。"
            else:
                why = item.why if room >= abs(item.points) else f"{item.why}同类合计以{item.limit:g}分为限。"
            spent += abs(counted)
            found.append(_point(event, item, counted, why, until))
    return found


def _point(event: Event | None, item: PointsForm, points: float, why: str, until: datetime.date | None) -> Point:
    return Point(event, item.event, item.label, points, why, until, tuple(str(b) for b in item.basis))


def _best_of_groups(heard: Sequence[Event], scheme: PortraitForm, day: datetime.date) -> dict[str, Event]:
    """Of each group the event that counts: the one with the most points, of those the newest."""
    items = {item.event: item for item in scheme.items if item.group}
    best: dict[str, Event] = {}
    for event in heard:
        item = items.get(event.kind)
        if item is None or item.group is None or add_months(event.day, item.months) <= day:
            continue
        held = best.get(item.group)
        if held is None or abs(item.points) > abs(items[held.kind].points):
            best[item.group] = event
    return best


def _absence(
    item: PointsForm, heard: Sequence[Event], scheme: PortraitForm, day: datetime.date, opened: datetime.date | None
) -> Point:
    """The points for the lack of events, or why they are not given."""
    labels = {i.event: i.label for i in scheme.items}
    last = next((e for e in heard if e.kind in item.absent and add_months(e.day, item.months) > day), None)
    if last is not None:
        return _point(None, item, 0.0, f"{last.day:%Y-%m-%d} {labels[last.kind]}，还不满{item.months}个月。", None)
    if opened is None or add_months(opened, item.months) > day:
        return _point(None, item, 0.0, f"建档还不满{item.months}个月，看不出来，不计分。", None)
    return _point(None, item, item.points, item.why, None)


def _judge(
    points: Sequence[Point], heard: Sequence[Event], scheme: PortraitForm, day: datetime.date
) -> tuple[float, Level, list[str]]:
    """Total, level, and what holds the level below what the points would give."""
    total = min(scheme.top, max(scheme.bottom, scheme.start + sum(p.points for p in points)))
    earned = next(level.level for level in scheme.levels if total >= level.least)
    level, capped = earned, []
    items = {item.event: item for item in scheme.items}
    for event in heard:
        item = items[event.kind]
        until = add_months(event.day, item.months)
        if item.worst and until > day and LEVELS.index(item.worst) > LEVELS.index(earned):
            capped.append(f"{event.day:%Y-%m-%d} {item.label}：{until:%Y-%m-%d} 前等级不高于{item.worst}级。")
            level = max(level, item.worst, key=LEVELS.index)
    return total, level, capped


def _lifts(
    heard: Sequence[Event],
    scheme: PortraitForm,
    day: datetime.date,
    opened: datetime.date | None,
    total: float,
    level: Level,
) -> list[Lift]:
    """What would lift the total or the level: what can be done now, each alone, then what time alone brings."""

    def judged(events: Sequence[Event], on: datetime.date) -> tuple[float, Level]:
        then, reached, _ = _judge(_points(events, scheme, on, opened), events, scheme, on)
        return then, reached

    if level == "A" and total == scheme.top:
        return []
    found = []
    for item in scheme.items:
        if item.lift and item.points > 0 and not item.absent:
            then, reached = judged([Event(item.event, day), *heard], day)
            if then > total:
                found.append(Lift(f"{item.lift}（加{then - total:g}分）", then - total, reached))
    counting = {e.kind for e in heard}
    for item in scheme.items:
        if item.lift and item.points < 0 and item.event in counting:
            ends = [add_months(e.day, item.months) for e in heard if e.kind == item.event]
            on = min((d for d in ends if d > day), default=None)
            if on is not None:
                then, reached = judged(heard, on)
                text = f"{item.label}：{item.lift}不再发生的，{on:%Y-%m-%d} 起不再计这一次。"
                found.append(Lift(text, then - total, reached, on))
    dates = {add_months(e.day, i.months) for i in scheme.items for e in heard if e.kind in (i.event, *i.absent)}
    if opened is not None:
        dates |= {add_months(opened, i.months) for i in scheme.items if i.absent}
    for on in sorted(d for d in dates if d > day):
        then, reached = judged(heard, on)
        if LEVELS.index(reached) < LEVELS.index(level):
            text = f"不再发生新的情况，到 {on:%Y-%m-%d} 为{then:g}分，{_level_form(scheme, reached).label}。"
            found.append(Lift(text, then - total, reached, on))
            break
    return found


def _level_form(scheme: PortraitForm, level: Level) -> LevelForm:
    return scheme.levels[LEVELS.index(level)]
