"""Citations as records keep them → what the snapshot says of them now, and what it costs not to keep them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.knowledge import Knowledge
from assistant.models import ProvisionOut, provision_out
from assistant.records import RecordValueError
from assistant.service import Assistant
from kg_build.errors import CitationError, UsageError

MOST_CITATIONS = 12


@dataclass(frozen=True, slots=True)
class Ground:
    """A citation as kept, and the provision it names in the snapshot (``None`` where it names none any more)."""

    citation: str
    provision: ProvisionOut | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a penal article threatens: each stage (责令改正时 …) with its lines."""

    citation: str
    verified: bool
    stages: dict[str, list[str]]


def grounds(knowledge: Knowledge, citations: Iterable[str], day: datetime.date) -> list[Ground]:
    """Citations with what they say on ``day``."""
    return [Ground(c, _provision(knowledge, c, day)) for c in citations]


def cited(knowledge: Knowledge, lines: str) -> list[str]:
    """Citations as typed, one a line, each as the snapshot prints it.

    Raise :class:`RecordValueError` for one that names no provision of the snapshot.
    """
    told = [line.strip(" \t\r；;。") for line in lines.replace("；", "\n").splitlines()]
    found = []
    for line in (t for t in told if t):
        try:
            found.append(knowledge.find(*knowledge.names.split(line)).citation)
        except CitationError as error:
            raise RecordValueError(f"依据“{line[:60]}”查不到：{error}") from error
    if len(found) > MOST_CITATIONS:
        raise RecordValueError(f"依据最多写 {MOST_CITATIONS} 条；请只留最直接的。")
    return list(dict.fromkeys(found))


def costs(assistant: Assistant, check_id: str | None) -> tuple[list[Cost], list[str], str | None]:
    """What not mending a failed check costs: by penal article, criminal articles, and the amounts of decided cases.

    Empty where the snapshot holds no such check, or nothing of it is law today.
    """
    if check_id is None or check_id not in assistant.knowledge.checks:
        return [], [], None
    try:
        sheet = assistant.penalties(check_id)
    except UsageError:
        return [], [], None
    found = []
    for rule in sheet.rules:
        stages: dict[str, list[str]] = {}
        for sanction in (*rule.unit, *rule.principal, *rule.others):
            stages.setdefault(sanction.stage_label, []).append(sanction.text.replace(f"，{sanction.stage_label}", "", 1))
        found.append(Cost(rule.citation, all(p.verified for p in rule.provisions), stages))
    return found, [c.citation for c in sheet.criminal], sheet.amounts


def _provision(knowledge: Knowledge, citation: str, day: datetime.date) -> ProvisionOut | None:
    try:
        found = knowledge.find(*knowledge.names.split(citation))
    except CitationError:
        return None
    return provision_out(found, knowledge, day)


def of_provisions(knowledge: Knowledge, ids: Sequence[str]) -> list[str]:
    """The citations of provisions by their ids."""
    return [knowledge.provision_by_id[i].citation for i in ids if i in knowledge.provision_by_id]
