"""Records become the values of documents: nothing is lost, times are Chinese, what can't be kept is refused."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from assistant import papers
from assistant.records import EnterpriseForm, EnterpriseOut, RecordValueError
from assistant.records.forms import AnswerOut, HazardOut, InspectionOut
from assistant.records.inspections import PastVisit
from assistant.records.more_forms import PhotoOut
from assistant.service import Assistant
from kg_build.practice_forms import PlanningForm
from tests.assistant.records.made import NOON, small_checklist

KEPT = {"id": 7, "version": 1, "created_at": NOON, "updated_at": NOON}
DAY = datetime.date(2026, 12, 1)


def path_of(photo: PhotoOut) -> Path:
    return Path("/photos") / f"{photo.sha256}.jpg"


def photo(stage: str = "found", name: str = "a") -> PhotoOut:
    told = {"enterprise_id": 1, "media_type": "image/jpeg", "name": f"{name}.jpg", "size": 1, "width": 1, "height": 1}
    told |= {"inspection_id": 7, "check_id": "t-permit", "hazard_id": None, "taken_by": "赵一", "created_at": NOON}
    return PhotoOut(id=1, sha256=name, stage=stage, **told)  # type: ignore[arg-type]


def firm() -> EnterpriseOut:
    form = EnterpriseForm(name="轮毂厂", district="嘉定区", address="某某路1号", contact="李四", phone="021-1")
    more = {"level": None, "points": None, "leveled_on": None}
    return EnterpriseOut(**KEPT, **form.model_dump(), **more)


def inspection(*, finished: bool = True, **details: object) -> InspectionOut:
    return InspectionOut(
        **KEPT,
        enterprise_id=1,
        kind="inspection",
        title="动火检查",
        as_of=datetime.date(2026, 11, 23),
        snapshot_key="k",
        total=3,
        created_by="赵一",
        finished_at=NOON if finished else None,
        code="c",
        approved_by=None,
        approved_at=None,
        score=None,
        failed=1,
        failed_major=1,
        withdrawn_at=None,
        withdrawn_why=None,
        checklist=small_checklist(),
        counts={},
        details=details,
    )


def answer(check: str = "t-permit", result: str = "noncompliant") -> AnswerOut:
    told = {"inspection_id": 7, "answered_by": "钱二", "responsible": "张三", "due": DAY}
    return AnswerOut(**KEPT, check_id=check, result=result, note="没有票", **told)  # type: ignore[arg-type]


def test_details_are_kept_and_read_back_unchanged() -> None:
    made = papers.details_of(
        {
            "authority": " 某局 ",
            "inspectors": [("赵一", "01"), ["钱二", ""]],
            "starts": "2026-11-23T09:05",
            "order_due": "2026-12-20",
            "unknown": 1,
        }
    )
    assert made.authority == "某局"
    assert made.inspectors == (("赵一", "01"), ("钱二", ""))
    assert papers.details_of(made.kept()) == made
    assert papers.details_of({}) == papers.Details()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"authority": "长" * 201}, "检查机关"),
        ({"told": "长" * 4001}, "告知情况"),
        ({"inspectors": [("赵", "1")] * 21}, "最多 20 个"),
        ({"starts": "2026-11-23T09:00", "ends": "2026-11-23T08:59"}, "早于开始"),
        ({"began": "2026-11-23T09:00", "ended": "2026-11-22T10:00"}, "早于开始"),
    ],
)
def test_details_that_cannot_be_kept_are_refused_by_name(told: dict[str, object], said: str) -> None:
    with pytest.raises(RecordValueError, match=said):
        papers.details_of(told)


def test_a_scheme_tells_what_it_lacks() -> None:
    assert papers.Details().lacking() == ["检查机关", "执法人员", "检查时间", "检查地点"]
    full = papers.details_of(
        {"authority": "某局", "inspectors": [("赵一", "1")], "starts": "2026-11-23T09:00", "place": "车间"}
    )
    assert full.lacking() == []
    unnumbered = full.model_copy(update={"inspectors": (("赵一", ""),)})
    assert unnumbered.lacking() == ["每名执法人员的执法证号"]


def test_the_scheme_tells_the_planned_time_and_the_record_the_real_one() -> None:
    made = papers.details_of({"starts": "2026-11-23T09:00", "ends": "2026-11-23T12:00"})
    planned, real = papers.visit_of(made, on_site=False), papers.visit_of(made, on_site=True)
    assert (planned.starts, planned.ends) == (made.starts, made.ends)
    assert (real.starts, real.ends) == (made.starts, None)
    went = papers.details_of({**made.kept(), "began": "2026-11-23T09:20", "ended": "2026-11-23T11:00"})
    real = papers.visit_of(went, on_site=True)
    assert (real.starts, real.ends) == (went.began, went.ended)


def test_the_reason_names_campaign_and_note() -> None:
    made = papers.Details(reason_label="举报投诉", campaign="粉尘", reason_note="编号12")
    assert made.reason_text == "举报投诉　专项检查：粉尘（编号12）"
    assert papers.Details().reason_text == papers.BY_PLAN_LABEL


def test_a_report_carries_results_photos_people_and_times() -> None:
    held = inspection(inspectors=[("赵一", "01")], began="2026-11-23T09:20", ended="2026-11-23T11:00")
    made = papers.report_of(
        firm(), held, {"t-permit": answer()}, path_of, photos={"t-permit": [photo()]}, code_url="http://x/c"
    )
    assert made.people == ("赵一", "钱二")
    assert made.firm.place == "嘉定区　某某路1号"
    assert made.started == datetime.datetime(2026, 11, 23, 9, 20)
    assert made.finished == datetime.datetime(2026, 11, 23, 11, 0)
    result = made.results["t-permit"]
    assert (result.note, result.responsible, result.due, result.answered_by) == ("没有票", "张三", DAY, "钱二")
    assert result.photos[0].path == Path("/photos/a.jpg")
    assert result.photos[0].sha256 == "a"
    assert made.score.major.noncompliant == 1
    assert papers.report_of(firm(), inspection(finished=False, ended="2026-11-23T11:00"), {}, path_of).finished is None


def test_a_hazard_tells_photos_before_from_those_after() -> None:
    told = {"enterprise_id": 1, "inspection_id": 7, "check_id": "t-permit", "description": "没有票", "major": True}
    told |= {"state": "closed", "responsible": "张三", "due": DAY, "note": "已补", "scene": None, "basis": None, "fix": None}
    told |= {"found_on": DAY, "found_by": "赵一", "reported_on": DAY, "reported_to": "区局"}
    late = datetime.datetime(2026, 12, 1, 20, 0, tzinfo=datetime.UTC)
    made = papers.hazard_of(
        HazardOut(**KEPT, **told, closed_at=late),  # type: ignore[arg-type]
        [photo("found", "a"), photo("mended", "b"), photo("verified", "c")],
        path_of,
    )
    assert [p.sha256 for p in made.photos_before] == ["a"]
    assert [p.sha256 for p in made.photos_after] == ["b", "c"]
    assert made.closed_on == datetime.date(2026, 12, 2)
    assert made.reported == DAY


def test_what_counts_against_a_plan_is_told_by_the_rules(assistant: Assistant) -> None:
    rules = assistant.knowledge.practice.of(PlanningForm)
    for trigger in rules.triggers:
        made = papers.past_visit(PastVisit(3, DAY, "某局", True, trigger=trigger.id), rules)
        assert made.planned is not trigger.beyond
    assert papers.past_visit(PastVisit(3, DAY, "某局", True), rules).planned
    assert not papers.past_visit(PastVisit(3, DAY, "某局", False, inspection_id=1), rules).planned
