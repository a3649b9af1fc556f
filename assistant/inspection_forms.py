"""What the forms of an official inspection say: 现场检查方案, 现场检查记录, 责令限期整改指令书; and their law.

The fields are those of the official forms; the values are drafts. What only the authority can decide stays empty.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assistant.checklist import Checklist
from assistant.models import ProvisionOut, provision_out
from assistant.report import CheckReport, Finding, Firm, Frozen
from kg_build.errors import UsageError
from kg_build.practice_visit_forms import OfficialFormsForm

if TYPE_CHECKING:
    from assistant.knowledge import Knowledge


class VisitLaw(Frozen):
    """The provisions that the forms quote, each verified and in force on the day; empty where none is known.

    The fields are those of :class:`kg_build.practice_visit_forms.QuotesForm`.
    """

    powers: tuple[ProvisionOut, ...] = ()
    major: tuple[ProvisionOut, ...] = ()
    inspectors: tuple[ProvisionOut, ...] = ()
    identity: tuple[ProvisionOut, ...] = ()
    cooperation: tuple[ProvisionOut, ...] = ()
    recording: tuple[ProvisionOut, ...] = ()
    consequences: tuple[ProvisionOut, ...] = ()
    refusal: tuple[ProvisionOut, ...] = ()
    review: tuple[ProvisionOut, ...] = ()
    suit: tuple[ProvisionOut, ...] = ()


class Visit(Frozen):
    """An inspection on site: ``inspectors`` as (name, certificate number), ``accompanied`` by people of the firm.

    ``departments`` are those that take part in a combined visit (综合查一次); ``reason`` says plan, complaint or whatever
    gave rise to it.
    """

    authority: str
    inspectors: tuple[tuple[str, str], ...] = ()
    accompanied: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    reason: str = ""
    starts: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    place: str = ""
    method: tuple[str, ...] = ()


class Scheme(Frozen):
    """A plan of an inspection (现场检查方案)."""

    firm: Firm
    visit: Visit
    checklist: Checklist
    law: VisitLaw = VisitLaw()
    note: str = ""


class Record(Frozen):
    """The record of an inspection (现场检查记录); ``told`` is what was said to the firm and what it answered."""

    report: CheckReport
    visit: Visit
    law: VisitLaw = VisitLaw()
    told: str = ""


class OrderItem(Frozen):
    """One thing to mend: what was found (empty: to be written in), the mandatory grounds, what is required, by when.

    ``number`` counts within the order, ``check_number`` is that of the checklist; ``penalties`` are citations.
    """

    number: int
    check_id: str
    check_number: str
    ask: str
    found: str
    major: bool
    basis: tuple[ProvisionOut, ...]
    penalties: tuple[str, ...] = ()
    requirement: str
    deadline: datetime.date | None = None


class Order(Frozen):
    """A draft of an order to rectify (责令限期整改指令书); ``advice`` are failed items that no mandatory rule demands."""

    firm: Firm
    visit: Visit
    items: tuple[OrderItem, ...]
    advice: tuple[str, ...] = ()
    number: str = ""
    review_place: str = ""
    law: VisitLaw = VisitLaw()
    as_of: datetime.date


def make_order(
    report: CheckReport,
    visit: Visit,
    law: VisitLaw,
    *,
    due: datetime.date | None = None,
    review_place: str = "",
    number: str = "",
) -> Order:
    """Draft an order from the failed items that rest on mandatory rules in force; ``due`` where an item has no day.

    Raise :class:`UsageError` when there are none, or when a last day lies before the visit.
    """
    binding = [f for f in report.findings if _grounds(f)]
    if not binding:
        raise UsageError(
            "这次检查没有以强制性规定为依据的不符合项，不能出具责令限期整改指令书；推荐性要求可以在检查记录中提出建议。"
        )
    items = order_items(binding, due)
    for item in items:
        if item.deadline and item.deadline < report.day:
            raise UsageError(f"第 {item.check_number} 项的整改期限 {item.deadline} 早于检查日期 {report.day}；请改正期限。")
    return Order(
        firm=report.firm,
        visit=visit,
        items=items,
        advice=tuple(f"{f.item.number} {f.text or f.item.ask}" for f in report.findings if not _grounds(f)),
        number=number,
        review_place=review_place,
        law=law,
        as_of=report.as_of,
    )


def order_items(findings: Iterable[Finding], due: datetime.date | None = None) -> tuple[OrderItem, ...]:
    """Findings as the forms list them; ``due`` where one has no day of its own."""
    return tuple(
        OrderItem(
            number=n,
            check_id=f.item.id,
            check_number=f.item.number,
            ask=f.item.ask,
            found=f.text,
            major=f.major,
            basis=_grounds(f),
            penalties=tuple(dict.fromkeys(p.citation for p in f.item.penalty if p.in_force)),
            requirement=f.item.fix,
            deadline=f.due or due,
        )
        for n, f in enumerate(findings, 1)
    )


def _grounds(finding: Finding) -> tuple[ProvisionOut, ...]:
    """The mandatory grounds in force: first those that set the duty, then those by which a hazard counts as major."""
    binding = [b for b in finding.item.basis if b.nature == "mandatory" and b.in_force]
    return tuple(sorted(binding, key=lambda b: b.major_hazard))


def law_of_visits(knowledge: Knowledge, day: datetime.date) -> VisitLaw:
    """The provisions that the forms quote on ``day``; one that is missing, not in force or not verified is left out."""

    if not knowledge.practice.has(OfficialFormsForm):
        return VisitLaw()
    quotes = knowledge.practice.of(OfficialFormsForm).quotes
    return VisitLaw(**{name: tuple(_quotable(getattr(quotes, name), knowledge, day)) for name in VisitLaw.model_fields})


def _quotable(provisions: Iterable[str], knowledge: Knowledge, day: datetime.date) -> Iterator[ProvisionOut]:
    for provision in provisions:
        found = provision_out(knowledge.provision_by_id[provision], knowledge, day)
        if found.in_force and (found.official_text or (found.gist and found.verified)):
            yield found
