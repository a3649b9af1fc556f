"""The coverage table counts what is there, and leaves empty what is not."""

from __future__ import annotations

from pathlib import Path

from assistant.checklist import places_of, scenes_with_checks
from assistant.coverage import EVERY, as_markdown, coverage
from assistant.service import Assistant

ROOT = Path(__file__).parents[2]


def test_every_scene_has_a_row_and_its_total(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    table = coverage(knowledge)
    assert [r.scene for r in table.rows] == [knowledge.label(s) for s in scenes_with_checks(knowledge)]
    checks, cases = knowledge.checks.values(), knowledge.cases.values()
    for row in table.rows:
        assert row.total.checks == sum(
            row.scene in {knowledge.label(s) for s, _, _ in places_of(c, knowledge)} for c in checks
        )
        assert row.total.cases == sum(row.scene in {knowledge.label(s) for s in c.scenes} for c in cases)


def test_a_check_for_all_trades_counts_in_each_trade_below(assistant: Assistant) -> None:
    table = coverage(assistant.knowledge)
    row = next(r for r in table.rows if r.scene == "有限空间作业")
    cells = dict(zip(table.industries, row.cells, strict=True))
    assert cells["机械"].checks >= cells["工贸"].checks > 0
    assert cells[EVERY].checks > 0


def test_an_empty_cell_is_empty(assistant: Assistant) -> None:
    table = coverage(assistant.knowledge)
    empty = [c for r in table.rows for c in r.cells if not c.checks and not c.cases]
    assert empty
    assert {c.text for c in empty} == {""}


def test_the_shipped_table_is_that_of_the_corpus(assistant: Assistant) -> None:
    assert as_markdown(coverage(assistant.knowledge)) in (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
