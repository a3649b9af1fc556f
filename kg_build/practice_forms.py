"""The typed forms of corpus/practice: how supervision is done, as data (documented in docs/corpus.md).

One form a file name. A :class:`Citation` is written as in a check's basis and stands as the id of its provision in a
snapshot; the labels of an ``applies`` stand as IRIs there, and a :class:`NumberForm` that names a threshold has its value.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from kg_build.forms import AppliesForm, CheckedForm, Form, Slug, Text


class Citation(str):
    """A citation: “简称 位置” in the corpus, the id of the provision in a snapshot."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Any text that is not empty; whether it names a provision is proved when the corpus is checked."""
        text = core_schema.str_schema(min_length=1, strip_whitespace=True)
        return core_schema.no_info_after_validator_function(cls, text)


class PracticeForm(Form):
    """One file under corpus/practice; ``NAME`` is the name of the file."""

    NAME: ClassVar[str]

    title: Text
    note: Text | None = None


class SourcedForm(Form):
    """What stands on a provision of the corpus (``basis``), on a text read elsewhere (``checked``), or on neither: then it
    is ``verified: false`` and ``source`` says where it comes from.
    """

    basis: list[Citation] = Field(default_factory=list)
    checked: CheckedForm | None = None
    verified: bool = True
    source: Text | None = None

    @model_validator(mode="after")
    def _stands_on_something(self) -> SourcedForm:
        if self.verified and not self.basis and self.checked is None:
            raise ValueError("要有依据 basis 或核对所用文本 checked；没有核对过的写 verified: false")
        if not self.verified and self.source is None:
            raise ValueError("没有核对的（verified: false）要用 source 写明从哪里来")
        return self


class NumberForm(Form):
    """A number with its unit: written here, or that of a threshold of a provision (``threshold``, ``measure`` and, where
    several have that measure, ``of`` or ``condition``). Where both are written they must agree.
    """

    value: float | None = Field(default=None, ge=0)
    unit: Text | None = None
    threshold: Citation | None = None
    measure: Text | None = None
    of: Text | None = None
    condition: Text | None = None

    @model_validator(mode="after")
    def _says_a_number(self) -> NumberForm:
        if self.value is None and self.threshold is None:
            raise ValueError("要写数值 value，或写明取自哪一条的 threshold")
        if self.threshold is not None and self.measure is None:
            raise ValueError("写了 threshold，就要用 measure 写明是其中哪个量")
        if self.threshold is None and self.unit is None:
            raise ValueError("写了 value，就要写单位 unit")
        return self


PERIODS: dict[str, tuple[int, int]] = {
    "年": (12, 0),
    "半年": (6, 0),
    "季度": (3, 0),
    "个月": (1, 0),
    "月": (1, 0),
    "周": (0, 7),
    "日": (0, 1),
    "天": (0, 1),
}
"""Months and days of a unit of time that a period may have; working days are not among them, they need a calendar."""


class PeriodForm(NumberForm):
    """A span of time: ``3 年``, or as often as ``2 次/年``."""

    def interval(self) -> tuple[int, int]:
        """The span in (months, days); raise :class:`ValueError` in Chinese for a unit that is no span of time."""
        unit, value = self.unit or "", self.value or 0
        often = unit.removeprefix("次/")
        if often not in PERIODS:
            raise ValueError(f"“{unit}”不是时间单位；可用：{'、'.join(PERIODS)}，或“次/年”这样的次数")
        months, days = PERIODS[often]
        factor = 1 / value if often != unit and value else value
        whole = round(months * factor), round(days * factor)
        if not value or (abs(whole[0] - months * factor) > 1e-9 or abs(whole[1] - days * factor) > 1e-9):
            raise ValueError(f"{value:g}{unit} 折不成整月或整日")
        return whole


Level = Literal["A", "B", "C", "D"]


class BoundForm(SourcedForm):
    """A bound that a plan of inspections keeps: how many visits a unit may have in a year (``yearly_limit``), that city and
    district do not both visit it (``one_agency``), or that matters are put together in one visit (``merge``).
    """

    kind: Literal["yearly_limit", "one_agency", "merge"]
    rule: Text
    value: int | None = Field(default=None, ge=1)
    refusal: Text

    @model_validator(mode="after")
    def _limit_has_a_number(self) -> BoundForm:
        if (self.kind == "yearly_limit") != (self.value is not None):
            raise ValueError("次数上限（yearly_limit）要写 value，其他的不写")
        return self


class FrequencyForm(SourcedForm):
    """How often the units of a level are visited by plan: ``visits`` in every ``years`` years; ``key`` for key units."""

    level: Level
    key: bool = False
    visits: int = Field(ge=0)
    years: int = Field(default=1, ge=1)
    rule: Text


class TriggerForm(SourcedForm):
    """What gives a visit outside the plan; ``beyond`` says whether it may go past the yearly limit."""

    id: Slug
    label: Text
    rule: Text
    beyond: bool


class PlanningForm(PracticeForm):
    """planning.yaml: bounds, frequencies and triggers of inspections."""

    NAME = "planning"

    publish_by: NumberForm | None = None
    bounds: list[BoundForm]
    frequencies: list[FrequencyForm]
    triggers: list[TriggerForm]

    @model_validator(mode="after")
    def _covers_everything_once(self) -> PlanningForm:
        kinds = [b.kind for b in self.bounds]
        if sorted(kinds) != ["merge", "one_agency", "yearly_limit"]:
            raise ValueError("bounds 要恰好写 yearly_limit、one_agency、merge 各一项")
        pairs = [(f.level, f.key) for f in self.frequencies]
        if sorted(pairs) != sorted((level, key) for level in "ABCD" for key in (False, True)):
            raise ValueError("frequencies 要对 A、B、C、D 四级、重点与非重点单位各写一项")
        _unique([t.id for t in self.triggers], "triggers 的编号")
        limit = next(b.value for b in self.bounds if b.kind == "yearly_limit") or 0
        over = [f for f in self.frequencies if f.visits > limit * f.years]
        if over:
            raise ValueError(f"{over[0].level} 级的频次超过了每年 {limit} 次的上限")
        return self


class LevelForm(Form):
    """A level of the portrait: from ``least`` points upward."""

    level: Level
    label: Text
    least: float
    meaning: Text


class PointsForm(SourcedForm):
    """What an event adds to or takes from the points for ``months``; ``limit`` bounds what all events of the item count.

    ``group``: of the items of one group only the best counts. ``needs``: it counts only while an event of that kind does.
    ``worst``: while it lasts, the level is no better than this.
    ``absent``: no event but the lack of these events in the last ``months`` gives the points.
    """

    event: Slug
    label: Text
    points: float
    limit: float | None = Field(default=None, ge=0)
    months: int = Field(ge=1)
    worst: Level | None = None
    group: Slug | None = None
    needs: Slug | None = None
    absent: list[Slug] = Field(default_factory=list)
    why: Text
    lift: Text | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> PointsForm:
        if self.points == 0:
            raise ValueError("points 不能是 0")
        if self.limit is not None and self.limit < abs(self.points):
            raise ValueError("上限 limit 小于一次的分值")
        if self.points > 0 and self.worst:
            raise ValueError("加分项不能限制等级 worst")
        return self


class PortraitForm(PracticeForm):
    """portrait.yaml: the scheme of the portrait A, B, C, D. A supervisor may replace it by a file of his own."""

    NAME = "portrait"

    start: float
    top: float
    bottom: float
    levels: list[LevelForm]
    items: list[PointsForm] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> PortraitForm:
        if [level.level for level in self.levels] != ["A", "B", "C", "D"]:
            raise ValueError("levels 要按 A、B、C、D 的次序各写一级")
        leasts = [level.least for level in self.levels]
        if leasts != sorted(set(leasts), reverse=True) or leasts[-1] > self.bottom:
            raise ValueError("各级的起点分 least 要从 A 到 D 递减，D 级的起点不高于最低分 bottom")
        if not self.bottom <= self.start <= self.top:
            raise ValueError("起始分 start 要在最低分 bottom 和最高分 top 之间")
        _unique([item.event for item in self.items], "items 的 event")
        known = {item.event for item in self.items}
        unknown = sorted({e for i in self.items for e in (*i.absent, *([i.needs] if i.needs else []))} - known)
        if unknown:
            raise ValueError(f"absent 或 needs 里的“{unknown[0]}”不是 items 里的 event")
        return self


class ObligationForm(SourcedForm):
    """A duty that comes back: every ``period`` after it was done, or by the date that a certificate or report states
    (no ``period``); ``ahead`` is how long before that date the application is due; ``amount`` the least due each time.

    ``whom`` says in words what the ontology can't tell of a firm; ``subject`` of what there is one due date each;
    ``remind_days`` is our advice, not law.
    """

    id: Slug
    label: Text
    act: Text
    period: PeriodForm | None = None
    ahead: PeriodForm | None = None
    amount: NumberForm | None = None
    subject: Text | None = None
    whom: Text | None = None
    note: Text | None = None
    remind_days: int = Field(ge=0)
    applies: AppliesForm = AppliesForm()
    evidence: list[Text] = Field(default_factory=list)


class ObligationsForm(PracticeForm):
    """obligations.yaml: the duties of the 期限台账."""

    NAME = "obligations"

    obligations: list[ObligationForm] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids(self) -> ObligationsForm:
        _unique([o.id for o in self.obligations], "obligations 的编号")
        return self


def _unique(ids: list[str], what: str) -> None:
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise ValueError(f"{what}“{twice[0]}”重复")
