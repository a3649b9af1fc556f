"""The due dates of a firm: which duties fit what it does, a duty as a due item to keep, and everything dated as a calendar.

Pure: duties and periods stand in corpus/practice/obligations.yaml, nothing here reads a clock or writes.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from assistant import obligations
from assistant.checklist import resolve_scenes
from assistant.dates import add_months
from assistant.knowledge import Knowledge
from assistant.records.forms import HazardOut, ProfileOut
from assistant.records.more_forms import DueForm, DueOut
from assistant.service import Assistant
from kg_build.errors import UsageError
from kg_build.practice_forms import ObligationForm, ObligationsForm, PeriodForm

REMIND_DAYS = 7
"""How many days before it a calendar reminds of a date that no duty of the corpus stands behind; our advice, not law."""
LEAST_DAYS_IN_MONTH = 28
BASIS_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A duty that fits a firm and has no due item yet; ``months`` is its period, ``None`` where it is no whole months."""

    item: obligations.DueItem
    months: int | None
    subject: str | None


def firm_of(assistant: Assistant, profile: ProfileOut | None, headcount: int | None) -> obligations.Firm:
    """What a profile as kept says of a firm, as the duties ask for it."""
    if profile is None:
        return obligations.Firm(headcount=headcount)
    concepts: set[str] = set(resolve_scenes(profile.scenes, assistant.knowledge))
    # A scene that was chosen by hand says by its name which work is done (有限空间作业 …).
    told = [(profile.text, profile.kept or None), ("、".join(profile.scenes), None)]
    for text, only in told:
        if text:
            concepts.update(assistant.reader.recognizer.plant(assistant.recognize(text), only).concepts)
    return obligations.Firm(concepts=frozenset(concepts), headcount=headcount)


def suggestions(knowledge: Knowledge, firm: obligations.Firm, held: Collection[str], day: datetime.date) -> list[Suggestion]:
    """The duties that concern a firm and are not among ``held`` (kinds); those that need no further answer come first."""
    rules = knowledge.practice.of(ObligationsForm)
    by_id = {r.id: r for r in rules.obligations}
    items = obligations.due_list(firm, (), day, rules, knowledge.provision_by_id)
    found = [Suggestion(i, every_months(by_id[i.id]), by_id[i.id].subject) for i in items if i.id not in held]
    return sorted(found, key=lambda s: not s.item.certain)


def form_of(
    knowledge: Knowledge, kind: str, day: datetime.date, last: datetime.date | None, until: datetime.date | None
) -> DueForm:
    """A duty as a due item: reckoned from when it was last done, or by the last day of validity of its certificate.

    Without either it is due on ``day`` itself: nothing shows that it was ever done. Raise :class:`UsageError` for a kind
    that is none.
    """
    rules = knowledge.practice.of(ObligationsForm)
    rule = next((r for r in rules.obligations if r.id == kind), None)
    if rule is None:
        raise UsageError("资料库里没有这项到期事项；请刷新页面后重选。")
    if last is not None and last > day:
        raise UsageError(f"上次完成的日期 {last} 还没有到；请填实际完成的日期。")
    done = [] if last is None and until is None else [obligations.Done(kind, last or day, until=until)]
    firm = obligations.Firm(answers={kind: True})
    item = next(i for i in obligations.due_list(firm, done, day, rules, knowledge.provision_by_id) if i.id == kind)
    told = [item.act, f"期限：{item.period}。" if item.period else "", "" if item.verified else f"未核对：{item.source}"]
    if item.expires and item.expires != item.due:
        told.append(f"有效到 {item.expires}，到期日是应当申请的最后一天。")
    if item.due is None:
        told.append("没有登记过上次的日期，先列为加入的当天；查到证书或者记录后请改成实际的日期。")
    return DueForm(
        title=item.label,
        due=item.due or day,
        kind=kind,
        every_months=every_months(rule),
        basis=_short([b.citation for b in item.basis]),
        note="\n".join(t for t in told if t),
    )


def every_months(rule: ObligationForm) -> int | None:
    """After how many months from when it was done a duty is due again: its period, less what the application is due ahead.

    ``None`` where a certificate states the date or the period is no whole months.
    """
    if rule.period is None:
        return None
    months, days = rule.period.interval()
    if days or months < 1:
        return None
    return max(1, months - (_months_up(rule.ahead) if rule.ahead else 0))


def calendar_items(
    due: Iterable[DueOut],
    hazards: Iterable[HazardOut],
    visits: Iterable[tuple[int, datetime.date, str]],
    names: dict[int, str],
    day: datetime.date,
    knowledge: Knowledge,
) -> list[obligations.DueItem]:
    """Due items, due dates of hazards and planned inspections (id, day, what) as entries of a calendar file.

    ``names`` are those of the firms where several are meant.
    """
    remind = {r.id: r.remind_days for r in knowledge.practice.of(ObligationsForm).obligations}

    def entry(
        key: str, label: str, at: datetime.date, firm: int | None, act: str, basis: Sequence[str], ahead: int
    ) -> obligations.DueItem:
        status: obligations.Status = "overdue" if at < day else "soon" if (at - day).days <= ahead else "ok"
        return obligations.DueItem(
            id=key, label=label, subject=names.get(firm or 0, ""), act=act, status=status, due=at, expires=None, done=None,
            left=(at - day).days, period="", amount="", whom=None, certain=True,
            basis=tuple(obligations.Basis("", c) for c in basis), verified=True, source=None, evidence=(), note=None,
            remind_days=ahead,
        )  # fmt: skip

    found = [
        entry(
            f"due-{d.id}", d.title, d.due, d.enterprise_id, _act(d.responsible, d.note), [d.basis] if d.basis else [],
            remind.get(d.kind or "", REMIND_DAYS),
        )
        for d in due
    ]  # fmt: skip
    for h in hazards:
        if h.due is not None and h.state in ("found", "assigned"):
            title = f"{'重大事故隐患' if h.major else '隐患'}整改：{h.description[:40]}"
            act = _act(h.responsible, h.fix or "")
            found.append(entry(f"hazard-{h.id}", title, h.due, h.enterprise_id, act, h.basis or [], REMIND_DAYS))
    found.extend(entry(f"visit-{n}", told, at, None, "计划内的执法检查", (), REMIND_DAYS) for n, at, told in visits)
    return found


def _act(responsible: str | None, told: str) -> str:
    return "\n".join(t for t in (f"责任人：{responsible}" if responsible else "", told) if t)


def _months_up(span: PeriodForm) -> int:
    months, days = span.interval()
    return months + -(-days // LEAST_DAYS_IN_MONTH)


def _short(citations: Sequence[str]) -> str | None:
    """As many citations as a due item has room for; never part of one."""
    kept: list[str] = []
    for citation in citations:
        if len("；".join([*kept, citation])) > BASIS_LENGTH:
            break
        kept.append(citation)
    return "；".join(kept) or None


def following(knowledge: Knowledge, item: DueOut, on: datetime.date, due: datetime.date | None) -> DueForm | None:
    """What follows after ``item`` was done: on the day that a new certificate states (``due``), else after the duty's period
    where that is no whole months; ``None`` where the item itself already moved on or nothing follows.
    """
    if due is None and item.every_months is None:
        rules = {r.id: r for r in knowledge.practice.of(ObligationsForm).obligations}
        rule = rules.get(item.kind or "")
        months, days = rule.period.interval() if rule and rule.period else (0, 0)
        due = add_months(on, months) + datetime.timedelta(days=days) if rule and rule.period else None
    if due is None:
        return None
    kept = item.model_dump(include={"title", "kind", "every_months", "basis", "responsible", "note"})
    return DueForm(due=due, **kept)
