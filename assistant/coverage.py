"""What the corpus covers: industry × scene → documents, checks and cases. An empty cell is shown empty."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from assistant.checklist import places_of, scenes_with_checks
from assistant.entities import Case, Check
from assistant.knowledge import Knowledge

EVERY = "不限行业"


class Cell(BaseModel):
    """Counts of one industry in one scene: checks that name it, the documents they rest on, and its cases there."""

    checks: int
    documents: int
    cases: int

    @property
    def text(self) -> str:
        """``检查项 · 文件 · 案例``, or nothing where there is nothing."""
        return f"{self.checks}·{self.documents}·{self.cases}" if self.checks or self.cases else ""


class Row(BaseModel):
    """One scene: its totals, and a cell for each column."""

    scene: str
    total: Cell
    cells: list[Cell]


class Coverage(BaseModel):
    """The table; the first column counts what is limited to no industry."""

    industries: list[str]
    rows: list[Row]

    @property
    def used(self) -> list[int]:
        """The columns that hold anything."""
        return [n for n in range(len(self.industries)) if any(r.cells[n].text for r in self.rows)]


def coverage(knowledge: Knowledge) -> Coverage:
    """Count. A check that names a wider industry (工贸) counts for each industry below it."""
    industries = sorted((c for c in knowledge.concepts.values() if c.kind == "Industry"), key=lambda c: (c.order, c.label))
    checks: dict[str, list[Check]] = {}
    for check in knowledge.checks.values():
        for scene, _, _ in places_of(check, knowledge):
            checks.setdefault(scene, []).append(check)
    above = {i.iri: set(knowledge.upward(i.iri)) for i in industries}
    labels = {i.iri: {knowledge.label(below) for below in knowledge.narrower(i.iri)} for i in industries}
    rows = []
    for scene in scenes_with_checks(knowledge):
        inside = checks[scene]
        cases = [c for c in knowledge.cases.values() if scene in c.scenes]
        general = _cell(
            [c for c in inside if not c.applies.get("industry")], [c for c in cases if not c.industry], knowledge
        )
        cells = [general]
        for industry in industries:
            named = [c for c in inside if above[industry.iri].intersection(c.applies.get("industry", ()))]
            cells.append(_cell(named, [c for c in cases if c.industry in labels[industry.iri]], knowledge))
        rows.append(Row(scene=knowledge.label(scene), total=_cell(inside, cases, knowledge), cells=cells))
    return Coverage(industries=[EVERY, *(i.label for i in industries)], rows=rows)


def _cell(checks: Iterable[Check], cases: Iterable[Case], knowledge: Knowledge) -> Cell:
    held = list(checks)
    documents = {knowledge.provisions[b].document.id for c in held for b in c.basis}
    return Cell(checks=len(held), documents=len(documents), cases=sum(1 for _ in cases))


def as_markdown(table: Coverage) -> str:
    """The table for docs/coverage.md: one for the fields of work, with only the columns that hold anything."""
    used = table.used
    head = ["场景", "合计", *(table.industries[n] for n in used)]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    lines += [
        "| " + " | ".join([row.scene, row.total.text, *(row.cells[n].text for n in used)]) + " |" for row in table.rows
    ]
    return "\n".join(lines)
