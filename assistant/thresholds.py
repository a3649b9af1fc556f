"""The numbers the law sets, found by words: of what, for whom, how much, in which unit, since when, where it says so."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from pydantic import BaseModel

from assistant.entities import Provision, Threshold
from assistant.knowledge import Knowledge

OPERATORS = {"=": "", ">=": "不少于", ">": "大于", "<=": "不超过", "<": "小于"}


class ThresholdOut(BaseModel):
    """One number; with ``upto`` a range from ``value``; ``since`` is the day its document came into force;
    ``note`` what a user of the number must know.
    """

    measure: str
    of: str | None
    op: str
    value: float
    upto: float | None
    unit: str | None
    condition: str | None
    text: str
    provision: str
    citation: str
    since: datetime.date
    mandatory: bool
    verified: bool
    note: str | None = None


def threshold_out(threshold: Threshold, provision: Provision) -> ThresholdOut:
    """A threshold as shown."""
    span = f"{threshold.value:g}" if threshold.upto is None else f"{threshold.value:g}～{threshold.upto:g}"
    return ThresholdOut(
        measure=threshold.measure,
        of=threshold.of,
        op=threshold.op,
        value=threshold.value,
        upto=threshold.upto,
        unit=threshold.unit,
        condition=threshold.condition,
        text=f"{OPERATORS[threshold.op] if threshold.upto is None else ''}{span}{threshold.unit or ''}",
        provision=provision.id,
        citation=provision.citation,
        since=provision.document.in_force,
        mandatory=provision.document.mandatory,
        verified=provision.verified,
        note=provision.note or provision.document.note,
    )


def find_thresholds(knowledge: Knowledge, words: Sequence[str], day: datetime.date) -> list[ThresholdOut]:
    """The thresholds in force on ``day`` about which every one of ``words`` is said (by themselves, their provision, its
    document, tags and scenes); first those whose subject is a word itself, then those whose own words hold them all, each
    in the order of the documents.
    """
    wanted = [w.strip() for w in words]
    found: list[tuple[int, ThresholdOut]] = []
    for provision in knowledge.provisions.values():
        if not provision.thresholds or not provision.document.is_in_force(day):
            continue
        labels = " ".join(knowledge.label(iri) for iri in (*provision.tags, *provision.scenes))
        document = provision.document
        around = f"{document.short} {document.title} {provision.heading or ''} {provision.citation} {labels}"
        for threshold in provision.thresholds:
            subjects = {t for t in (threshold.of, *threshold.aliases, *threshold.cas) if t}
            told = " ".join([threshold.measure, threshold.condition or "", threshold.unit or "", *subjects])
            if all(w in told or w in around for w in wanted):
                rank = 0 if subjects.intersection(wanted) else 1 if all(w in told for w in wanted) else 2
                found.append((rank, threshold_out(threshold, provision)))
    return [out for _, out in sorted(found, key=lambda f: f[0])]
