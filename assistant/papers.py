"""Records → the values that documents are made from: pure, no database, no page.

A record keeps what the forms of an official inspection need as :class:`Details`; times without a zone are Chinese time.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from assistant.inspection_forms import Visit
from assistant.planning import Visit as PastVisitValue
from assistant.records.errors import RecordValueError
from assistant.records.forms import AnswerOut, EnterpriseOut, HazardOut, InspectionOut
from assistant.records.inspections import PastVisit
from assistant.records.more_forms import PhotoOut
from assistant.report import CheckReport, Firm, HazardLine, Photo, Result, Score, local
from kg_build.practice_forms import PlanningForm

PathOf = Callable[[PhotoOut], Path]
"""Where the file of a photo lies."""
BY_PLAN = "plan"
BY_PLAN_LABEL = "年度检查计划"
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
MOST_PEOPLE = 20
LABELS = {
    "authority": "检查机关",
    "inspectors": "执法人员",
    "departments": "参加部门",
    "accompanied": "陪同人员",
    "campaign": "专项检查",
    "reason_note": "事由说明",
    "place": "检查地点",
    "note": "备注",
    "told": "告知情况和对方意见",
    "order_number": "责令限期整改指令书文号",
    "review_place": "复查地点",
    "measures": "现场处理措施",
    "measures_number": "现场处理措施决定书文号",
    "review_number": "整改复查意见书文号",
    "review_told": "复查的其他情况",
}


class Details(BaseModel):
    """What the forms of one official inspection need.

    ``reason`` is ``plan`` or the id of a trigger of the planning rules, ``reason_label`` how it was called then,
    ``planned`` whether the inspection counts against the bounds of a plan. ``starts`` and ``ends`` are those of the scheme,
    ``began`` and ``ended`` those on site. ``order_due`` is the last day to mend where an item has none of its own.
    ``measures`` are ids of the measures that were ordered on site; ``reviewed`` is when it was looked at again.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    authority: Short = ""
    inspectors: tuple[tuple[Short, Short], ...] = ()
    departments: tuple[Short, ...] = ()
    reason: Short = BY_PLAN
    reason_label: Short = BY_PLAN_LABEL
    reason_note: Short = ""
    campaign: Short = ""
    planned: bool = True
    starts: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    place: Short = ""
    method: tuple[Short, ...] = ()
    note: Long = ""
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    accompanied: tuple[Short, ...] = ()
    told: Long = ""
    order_number: Short = ""
    order_due: datetime.date | None = None
    review_place: Short = ""
    measures: tuple[Short, ...] = ()
    measures_number: Short = ""
    reviewed: datetime.datetime | None = None
    review_number: Short = ""
    review_told: Long = ""

    @property
    def reason_text(self) -> str:
        """The reason as the forms say it."""
        whole = "　".join(p for p in (self.reason_label, self.campaign and f"专项检查：{self.campaign}") if p)
        return f"{whole}（{self.reason_note}）" if self.reason_note else whole

    def lacking(self) -> list[str]:
        """What the scheme still needs before it can be approved."""
        found = [] if self.authority else ["检查机关"]
        found += [] if self.inspectors else ["执法人员"]
        found += [] if all(number for _, number in self.inspectors) else ["每名执法人员的执法证号"]
        found += [] if self.starts else ["检查时间"]
        found += [] if self.place else ["检查地点"]
        return found

    def kept(self) -> dict[str, Any]:
        """As a record keeps it."""
        return self.model_dump(mode="json")


def details_of(kept: Mapping[str, Any]) -> Details:
    """Details as entered or kept; raise :class:`RecordValueError` for what can't be kept."""
    try:
        found = Details.model_validate(kept)
    except ValidationError as error:
        at = str(error.errors()[0]["loc"][0])
        raise RecordValueError(f"{LABELS.get(at, at)}的写法不对或者太长；请改正后再保存。") from error
    if len(found.inspectors) > MOST_PEOPLE or len(found.departments) > MOST_PEOPLE or len(found.accompanied) > MOST_PEOPLE:
        raise RecordValueError(f"执法人员、参加部门、陪同人员各最多 {MOST_PEOPLE} 个；请删去一些。")
    for first, last in ((found.starts, found.ends), (found.began, found.ended)):
        if first and last and last < first:
            raise RecordValueError("结束时间早于开始时间；请改正。")
    return found


def firm_of(firm: EnterpriseOut) -> Firm:
    """A firm as its documents name it."""
    return Firm(**{name: getattr(firm, name) for name in Firm.model_fields})


def visit_of(details: Details, *, on_site: bool) -> Visit:
    """The inspection as the forms tell it; ``on_site`` with the times it really took, where they were written down."""
    starts, ends = details.starts, details.ends
    if on_site:
        starts, ends = details.began or (None if details.ended else starts), details.ended
    return Visit(
        authority=details.authority,
        inspectors=details.inspectors,
        accompanied=details.accompanied,
        departments=details.departments,
        reason=details.reason_text,
        starts=starts,
        ends=ends,
        place=details.place,
        method=details.method,
    )


def second_visit_of(details: Details) -> Visit:
    """The visit that looks at what was mended, by the same inspectors as far as was written down."""
    changed = {"starts": details.reviewed, "ends": None, "place": details.review_place}
    return visit_of(details, on_site=False).model_copy(update=changed)


def photo_of(photo: PhotoOut, path_of: PathOf) -> Photo:
    """A photo on file; when it was kept stands for when it was taken."""
    return Photo(path=path_of(photo), caption=photo.taken_by, taken_at=photo.created_at, sha256=photo.sha256)


def result_of(answer: AnswerOut, photos: Sequence[PhotoOut], path_of: PathOf) -> Result:
    """The result of one check with its photos."""
    return Result(
        check_id=answer.check_id,
        result=answer.result,
        note=answer.note,
        responsible=answer.responsible,
        due=answer.due,
        answered_by=answer.answered_by,
        answered_at=answer.updated_at,
        photos=tuple(photo_of(p, path_of) for p in photos),
    )


def hazard_of(hazard: HazardOut, photos: Sequence[PhotoOut], path_of: PathOf) -> HazardLine:
    """A hazard of the ledger with its photos (``found`` before, the others after it was mended)."""
    return HazardLine(
        id=hazard.id,
        description=hazard.description,
        major=hazard.major,
        state=hazard.state,
        responsible=hazard.responsible,
        due=hazard.due,
        found_on=hazard.found_on,
        closed_on=local(hazard.closed_at).date() if hazard.closed_at else None,
        note=hazard.note,
        check_id=hazard.check_id,
        photos_before=tuple(photo_of(p, path_of) for p in photos if p.stage == "found"),
        photos_after=tuple(photo_of(p, path_of) for p in photos if p.stage != "found"),
        reported=hazard.reported_on,
    )


def report_of(
    firm: EnterpriseOut,
    inspection: InspectionOut,
    answers: Mapping[str, AnswerOut],
    path_of: PathOf,
    *,
    photos: Mapping[str, Sequence[PhotoOut]] | None = None,
    hazards: Sequence[HazardLine] = (),
    previous: Sequence[Score] = (),
    code_url: str | None = None,
) -> CheckReport:
    """A self-check or an inspection as its report tells it; without ``photos`` only its results."""
    details = details_of(inspection.details)
    named = [name for name, _ in details.inspectors]
    people = dict.fromkeys([*(named or [inspection.created_by]), *(a.answered_by for a in answers.values())])
    return CheckReport(
        kind=inspection.kind,
        number=inspection.id,
        firm=firm_of(firm),
        title=inspection.title,
        as_of=inspection.as_of,
        started=details.began or inspection.created_at,
        finished=(details.ended or inspection.finished_at) if inspection.finished_at else None,
        people=tuple(people),
        checklist=inspection.checklist,
        results={key: result_of(a, (photos or {}).get(key, ()), path_of) for key, a in answers.items()},
        hazards=tuple(hazards),
        previous=tuple(previous),
        code_url=code_url,
    )


def past_visit(past: PastVisit, rules: PlanningForm) -> PastVisitValue:
    """An earlier or planned inspection as planning counts it."""
    beyond = {t.id for t in rules.triggers if t.beyond}
    counts = past.planned and past.trigger not in beyond
    return PastVisitValue(str(past.enterprise_id), past.day, past.authority, counts)
