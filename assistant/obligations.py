"""The ledger of duties that come back 期限台账: what a firm must do again by when, on what basis; and as a calendar file.

Which duties there are and how often stands in corpus/practice/obligations.yaml. Nothing here reads a clock.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from icalendar import Alarm, Calendar, Event

from assistant.dates import add_months
from assistant.entities import Provision
from kg_build.practice import APPLIES
from kg_build.practice_forms import NumberForm, ObligationForm, ObligationsForm, PeriodForm

Status = Literal["overdue", "soon", "ok", "never", "undated"]
STATUS_LABELS: dict[Status, str] = {
    "overdue": "已逾期",
    "soon": "快到期",
    "never": "没有登记过",
    "undated": "没有登记有效期",
    "ok": "未到期",
}
"""In the order of a list: the most pressing first."""
REMIND_AT = datetime.timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Firm:
    """What is known of a firm: IRIs of its concepts with what they are narrower than (as of a checklist's facts), number of
    people, and its answers by id of a duty (does 消防安全重点单位 fit us?), which prevail.
    """

    concepts: frozenset[str] = frozenset()
    headcount: int | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A duty done on a day: ``kind`` is its id; ``subject`` the truck, person or source it concerns; ``until`` the last day
    of validity that the certificate or report states, which prevails over the period.
    """

    kind: str
    day: datetime.date
    subject: str = ""
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """A provision a duty stands on: its id and how it is cited."""

    provision: str
    citation: str


@dataclass(frozen=True, slots=True)
class DueItem:
    """One line of the ledger. ``due`` is the last day to do it (or to apply), ``expires`` the last day of validity; both
    ``None`` while nothing says when. ``certain`` is false where ``whom`` must be answered by the firm.
    """

    id: str
    label: str
    subject: str
    act: str
    status: Status
    due: datetime.date | None
    expires: datetime.date | None
    done: datetime.date | None
    left: int | None
    period: str
    amount: str
    whom: str | None
    certain: bool
    basis: tuple[Basis, ...]
    verified: bool
    source: str | None
    evidence: tuple[str, ...]
    note: str | None
    remind_days: int

    @property
    def title(self) -> str:
        """The duty with what it concerns."""
        return f"{self.label}（{self.subject}）" if self.subject else self.label


def due_list(
    firm: Firm,
    done: Iterable[Done],
    day: datetime.date,
    rules: ObligationsForm,
    provisions: Mapping[str, Provision],
) -> list[DueItem]:
    """The firm's ledger on ``day``: of each duty that applies and each of its subjects the newest record; duties never
    recorded too. Records of a duty that the facts do not call for are listed all the same. ``provisions`` is
    ``provision_by_id`` of the knowledge. A period's last day is the one before it is full. The most pressing come first.
    """
    records: dict[str, dict[str, Done]] = defaultdict(dict)
    for record in sorted(done, key=lambda d: (d.day, d.until or d.day)):
        if record.day <= day:
            records[record.kind][record.subject] = record
    items: list[DueItem] = []
    for rule in rules.obligations:
        held = records.get(rule.id, {})
        if firm.answers.get(rule.id) is False or not (held or applies(rule, firm)):
            continue
        certain = rule.whom is None or rule.id in firm.answers or bool(held)
        entries: Sequence[Done | None] = [held[s] for s in sorted(held)] or [None]
        items.extend(_item(rule, entry, day, certain, provisions) for entry in entries)
    order = list(STATUS_LABELS)
    return sorted(items, key=lambda i: (order.index(i.status), i.due or datetime.date.max, i.id, i.subject))


def applies(rule: ObligationForm, firm: Firm) -> bool:
    """Whether a duty concerns a firm: one concept of each kind that the duty names, enough people, or the firm's own answer.
    Industry narrows only when the firm's is known.
    """
    if rule.id in firm.answers:
        return firm.answers[rule.id]
    least = rule.applies.min_headcount
    if least is not None and firm.headcount is not None and firm.headcount < least:
        return False
    for kind in APPLIES:
        wanted = getattr(rule.applies, kind)
        if not wanted or firm.concepts.intersection(wanted):
            continue
        if kind == "industry" and not any("/industry/" in c for c in firm.concepts):
            continue
        return False
    return True


def calendar_file(items: Iterable[DueItem], *, owner: str, name: str, stamp: datetime.datetime) -> bytes:
    """The dated items as an iCalendar file: all-day events on the due day, each with a reminder at nine o'clock on the day
    that the duty asks for. ``owner`` (the firm's id) makes the UIDs, so that a file imported again moves its events instead
    of doubling them; ``stamp`` is the time of writing, with a time zone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Hegui//obligations//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for item in items:
        if item.due is not None:
            calendar.add_component(_event(item, item.due, owner, stamp))
    return bytes(calendar.to_ical())


def _event(item: DueItem, due: datetime.date, owner: str, stamp: datetime.datetime) -> Event:
    key = "\0".join((owner, item.id, item.subject))
    title = f"{item.title}：{'申请' if item.expires and item.expires != due else ''}截止"
    event = Event()
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@hegui.example")
    event.add("dtstamp", stamp.astimezone(datetime.UTC))
    event.add("dtstart", due)
    event.add("dtend", due + datetime.timedelta(days=1))
    event.add("summary", title)
    event.add("description", _description(item))
    event.add("categories", ["安全生产", STATUS_LABELS[item.status]])
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"还有{item.remind_days}天：{title}")
    alarm.add("trigger", REMIND_AT - datetime.timedelta(days=item.remind_days))
    event.add_component(alarm)
    return event


def _description(item: DueItem) -> str:
    lines = [item.act]
    if item.expires and item.expires != item.due:
        lines.append(f"有效到：{item.expires:%Y-%m-%d}")
    lines += [f"期限：{item.period}"] if item.period else []
    lines += [f"要求：{item.amount}"] if item.amount else []
    lines += [f"适用：{item.whom}"] if item.whom else []
    lines += [f"依据：{'；'.join(b.citation for b in item.basis)}"] if item.basis else []
    lines += [] if item.verified else [f"未核对：{item.source}"]
    lines += [f"留存：{'、'.join(item.evidence)}"] if item.evidence else []
    lines += [item.note] if item.note else []
    return "\n".join(lines)


def _item(
    rule: ObligationForm, record: Done | None, day: datetime.date, certain: bool, provisions: Mapping[str, Provision]
) -> DueItem:
    expires = _expires(rule, record)
    due = expires if expires is None or rule.ahead is None else _shift(expires, rule.ahead, -1)
    left = None if due is None else (due - day).days
    return DueItem(
        id=rule.id,
        label=rule.label,
        subject=record.subject if record else "",
        act=rule.act,
        status=_status(record, left, rule.remind_days),
        due=due,
        expires=expires,
        done=record.day if record else None,
        left=left,
        period=_period_text(rule),
        amount=f"不少于{_number_text(rule.amount)}" if rule.amount else "",
        whom=rule.whom,
        certain=certain,
        basis=tuple(Basis(str(b), provisions[b].citation) for b in rule.basis),
        verified=rule.verified,
        source=rule.source,
        evidence=tuple(rule.evidence),
        note=rule.note,
        remind_days=rule.remind_days,
    )


def _expires(rule: ObligationForm, record: Done | None) -> datetime.date | None:
    if record is None:
        return None
    if record.until is not None or rule.period is None:
        return record.until
    return _shift(record.day, rule.period, 1) - datetime.timedelta(days=1)


def _shift(day: datetime.date, span: PeriodForm, sign: int) -> datetime.date:
    months, days = span.interval()
    return add_months(day, sign * months) + datetime.timedelta(days=sign * days)


def _status(record: Done | None, left: int | None, remind: int) -> Status:
    if record is None:
        return "never"
    if left is None:
        return "undated"
    return "overdue" if left < 0 else "soon" if left <= remind else "ok"


def _period_text(rule: ObligationForm) -> str:
    if rule.period is None:
        text = "以证书或者报告写明的日期为准"
    else:
        number = _number_text(rule.period)
        text = f"至少{number}" if "次" in number else f"每{number.removeprefix('1').removeprefix('个')}"
    return f"{text}，提前{_number_text(rule.ahead)}申请" if rule.ahead else text


def _number_text(number: NumberForm) -> str:
    unit = number.unit or ""
    if unit.startswith("次/"):
        return f"每{unit.removeprefix('次/')}{number.value:g}次"
    return f"{number.value:g}{'个月' if unit == '月' else unit}"
