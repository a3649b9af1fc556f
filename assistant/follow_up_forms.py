"""What follows an inspection on paper: 现场处理措施决定书 for major hazards, 整改复查意见书 after the order; drafts both.

What was found and what the ledger holds is written in; what the authority decides or concludes stays a box to tick.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from assistant.inspection_forms import OrderItem, Visit, VisitLaw, make_order, order_items
from assistant.models import ProvisionOut, provision_out
from assistant.report import CheckReport, Firm, Frozen, HazardLine
from kg_build.errors import UsageError
from kg_build.practice_visit_forms import OfficialFormsForm

if TYPE_CHECKING:
    from assistant.knowledge import Knowledge


class Measure(Frozen):
    """A measure that may be ordered on site; ``chosen`` where the inspectors ticked it."""

    id: str
    label: str
    order: str
    when: str
    basis: tuple[ProvisionOut, ...] = ()
    chosen: bool = False


class Decision(Frozen):
    """A draft of 现场处理措施决定书: the possible major hazards, the measures to choose from, and what comes before work is
    taken up again (``resume``, empty where the corpus says nothing).
    """

    firm: Firm
    visit: Visit
    items: tuple[OrderItem, ...]
    measures: tuple[Measure, ...]
    resume: str = ""
    number: str = ""
    law: VisitLaw = VisitLaw()
    as_of: datetime.date


class ReviewLine(Frozen):
    """One thing that was to be mended, and its hazard in the ledger (``None`` where the ledger has none)."""

    item: OrderItem
    hazard: HazardLine | None = None


class Review(Frozen):
    """A draft of 整改复查意见书: the items of the order with what the ledger says of each; the opinion is empty."""

    firm: Firm
    visit: Visit
    lines: tuple[ReviewLine, ...]
    number: str = ""
    order_number: str = ""
    inspected: datetime.date
    told: str = ""
    law: VisitLaw = VisitLaw()


def measures_on_site(knowledge: Knowledge, day: datetime.date, chosen: Collection[str] = ()) -> tuple[Measure, ...]:
    """The measures that the corpus knows, with their grounds in force on ``day``; empty where it has no such file."""
    if not knowledge.practice.has(OfficialFormsForm):
        return ()
    found = []
    for form in knowledge.practice.of(OfficialFormsForm).measures:
        basis = [provision_out(knowledge.provision_by_id[i], knowledge, day) for i in form.basis]
        basis = [b for b in basis if b.in_force]
        if basis or not form.basis:
            told = {"id": form.id, "label": form.label, "order": form.order, "when": form.when}
            found.append(Measure(**told, basis=tuple(basis), chosen=form.id in chosen))
    return tuple(found)


def resumption(knowledge: Knowledge) -> str:
    """What must come before work is taken up again; empty where the corpus does not say."""
    return knowledge.practice.of(OfficialFormsForm).resume.text if knowledge.practice.has(OfficialFormsForm) else ""


def make_decision(
    report: CheckReport, visit: Visit, law: VisitLaw, measures: Sequence[Measure], *, resume: str = "", number: str = ""
) -> Decision:
    """Draft a decision from the failed items that may be major hazards; raise :class:`UsageError` when there are none."""
    items = order_items([f for f in report.findings if f.major])
    if not items:
        raise UsageError(
            "这次检查没有可能构成重大事故隐患的不符合项，不能出具现场处理措施决定书；其他问题请用责令限期整改指令书。"
        )
    return Decision(
        firm=report.firm,
        visit=visit,
        items=items,
        measures=tuple(measures),
        resume=resume,
        number=number,
        law=law,
        as_of=report.as_of,
    )


def make_review(
    report: CheckReport,
    visit: Visit,
    law: VisitLaw,
    *,
    due: datetime.date | None = None,
    number: str = "",
    order_number: str = "",
    told: str = "",
) -> Review:
    """Draft a review of what an order demanded, each with its hazard in the ledger.

    Raise :class:`UsageError` when no order could be given, or when the review lies before the inspection.
    """
    if visit.starts and visit.starts.date() < report.day:
        raise UsageError(f"复查时间 {visit.starts.date()} 早于检查日期 {report.day}；请改正复查时间。")
    order = make_order(report, visit, law, due=due)
    hazards = {h.check_id: h for h in report.hazards if h.check_id}
    lines = tuple(ReviewLine(item=i, hazard=hazards.get(i.check_id)) for i in order.items)
    return Review(
        firm=report.firm,
        visit=visit,
        lines=lines,
        number=number,
        order_number=order_number,
        inspected=report.day,
        told=told,
        law=law,
    )
