"""Counts across firms and the histories that the portrait needs, on both databases."""

from __future__ import annotations

import datetime

from assistant.records import AnswerForm, DueForm, EnterpriseForm, EnterpriseOut, HazardForm, InspectionOut, RecordStore
from tests.assistant.records.made import NOON, desk

TODAY = NOON.date()


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


def test_firms_are_counted_and_laid_side_by_side(store: RecordStore, firm: EnterpriseOut, inspection: InspectionOut) -> None:
    at = desk(store)
    other = at.enterprises.add(EnterpriseForm(name="别家", district="金山区")).id
    at.inspections.answer(inspection.id, AnswerForm(check_id="t-permit", result="noncompliant"))
    at.inspections.finish(inspection.id, inspection.version)
    at.hazards.add(other, HazardForm(description="积尘", due=day(-1)))
    at.due.add(other, DueForm(title="演练", due=day(-1)))
    at.due.add(other, DueForm(title="检测", due=day(30)))
    at.due.add(other, DueForm(title="评价", due=day(31)))
    at.enterprises.set_level(other, "C", 61, TODAY)
    counts = at.overview.counts(TODAY, day(30))
    assert (counts.firms, counts.levels["C"], counts.levels[""], counts.year) == (2, 1, 1, {"self_check": 1})
    assert (counts.open, counts.major, counts.overdue, counts.due_late, counts.due_soon) == (2, 1, 1, 1, 1)
    assert at.overview.counts(TODAY, day(30), "金山区").firms == 1
    assert [line.firm.id for line in at.overview.pressing(TODAY)] == [firm.id, other]
    total, lines = at.overview.side_by_side(TODAY)
    assert total == 2
    by_id = {line.firm.id: line for line in lines}
    assert (by_id[firm.id].score, by_id[firm.id].major, by_id[firm.id].due_late) == (0.0, 1, 0)
    assert (by_id[other].score, by_id[other].overdue, by_id[other].due_late) == (None, 1, 1)
    assert at.overview.names([firm.id, other, 999]) == {firm.id: firm.name, other: "别家"}


def test_a_hazards_history_says_when_it_was_mended_and_who_found_it(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store)
    plain = at.hazards.add(firm.id, HazardForm(description="积尘", responsible="李", due=day(3)))
    moved = at.hazards.move(plain.id, plain.version, "assigned")
    at.hazards.move(plain.id, moved.version, "mended", note="清了")
    (past,) = at.hazards.history(firm.id, day(-365))
    assert (past.hazard.id, past.official, past.mended_on) == (plain.id, False, NOON.astimezone().date())
    assert at.hazards.source(plain.id) is None


def test_the_scores_of_a_firm_are_those_of_its_finished_checks(store: RecordStore, inspection: InspectionOut) -> None:
    at = desk(store)
    assert at.inspections.scores(inspection.enterprise_id) == []
    at.inspections.answer(inspection.id, AnswerForm(check_id="t-permit", result="noncompliant"))
    at.inspections.finish(inspection.id, inspection.version)
    (score,) = at.inspections.scores(inspection.enterprise_id)
    assert (score.id, score.kind, score.score, score.major) == (inspection.id, "self_check", 0.0, 1)
    (hazard,) = at.hazards.find(inspection.enterprise_id).items
    source = at.hazards.source(hazard.id)
    assert source is not None
    assert (source.id, source.official) == (inspection.id, False)
