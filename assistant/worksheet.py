"""The penalty worksheet's values: what an officer has established, and what a decision on a finding rests on."""

from __future__ import annotations

import datetime
from typing import Literal, TypedDict

from pydantic import BaseModel

from assistant.models import CaseOut, PenaltyOut, ProvisionOut

BLANK = "（由执法人员填写）"

State = Literal["met", "unmet", "unknown"]
STATE_LABELS: dict[State, str] = {"met": "已填写：符合", "unmet": "已填写：不符合", "unknown": "尚待证明"}
Accident = Literal["none", "general", "larger", "major", "extraordinary"]
Party = Literal["unit", "principal", "others"]
PARTIES: dict[str, Party] = {"unit": "unit", "agency": "unit", "principal": "principal"}


class Factors(BaseModel, frozen=True, extra="forbid"):
    """What the officer has established of the case; ``None`` is "not established yet", never "no".

    ``conditions`` says of the further conditions of sanctions (拒不执行 …) whether they are met; ``tiers`` names the tier
    (its key) that fits a penal article (its id) and a party.
    """

    rectified: bool | None = None
    overdue: bool | None = None
    minor: bool | None = None
    first_time: bool | None = None
    harm: Literal["none", "slight", "serious"] | None = None
    no_fault: bool | None = None
    serious: bool | None = None
    accident: Accident | None = None
    harm_reduced: bool | None = None
    coerced: bool | None = None
    confessed: bool | None = None
    assisted: bool | None = None
    ended_on: datetime.date | None = None
    conditions: dict[str, bool] = {}
    tiers: dict[str, str] = {}


class SanctionOut(BaseModel):
    """One sanction; ``fits`` says whether its stage and condition are those that were established (``None``: not known).

    ``settled``: the item that was broken already says whether the condition is met.
    """

    who: str
    stage: str
    stage_label: str
    text: str
    measures: list[str]
    condition: str | None
    discretionary: bool
    fine_min: int | None
    fine_max: int | None
    settled: bool = False
    fits: bool | None


class SanctionsByParty(TypedDict):
    """The sanctions on the unit, its principal, and everyone else."""

    unit: list[SanctionOut]
    principal: list[SanctionOut]
    others: list[SanctionOut]


class TierOut(BaseModel):
    """A tier of a discretion standard: under which standard, for which circumstances, what is imposed.

    ``group`` is the choice it belongs to, ``key`` its name there; ``chosen`` says whether the officer found it to fit.
    """

    standard: str
    ref: str
    name: str
    factor: str
    sanction: SanctionOut
    group: str = ""
    key: str = ""
    chosen: bool | None = None


class Proof(BaseModel):
    """A piece of evidence: our advice, or what the cited provisions ask for."""

    text: str
    advice: bool
    citations: list[str] = []
    refs: list[str] = []


class Element(BaseModel):
    """One thing that must be shown, in the words of the gist; what shows it, and what to mind."""

    text: str
    state: State
    state_label: str
    evidence: list[Proof] = []
    doubts: list[str] = []


class LeniencyOut(BaseModel):
    """An entry of a published list of slight violations that lifts or lightens a penal provision, and its conditions."""

    provision: ProvisionOut
    kind: str
    lightens: list[str]
    conditions: list[str]
    applies_here: bool
    elements: list[Element] = []


class PenalRule(BaseModel):
    """The penal provision that holds the sanctions, the items of it that are meant, and its sanctions by party."""

    id: str
    citation: str
    provisions: list[PenaltyOut]
    unit: list[SanctionOut]
    principal: list[SanctionOut]
    others: list[SanctionOut]
    tiers: list[TierOut] = []

    def at(self, stage: str) -> list[SanctionOut]:
        """The sanctions of one stage (``first``, ``overdue``, ``serious`` …)."""
        return [s for s in (*self.unit, *self.principal, *self.others) if s.stage == stage]


class Ground(BaseModel):
    """A ground for no or a lighter penalty: what must be shown (all of it, or any one), and who got it before."""

    provision: ProvisionOut
    effect: str
    needs: Literal["all", "any"] = "all"
    elements: list[Element]
    exception: str | None = None
    precedents: list[CaseOut] = []


class Reminder(BaseModel):
    """A rule of procedure to keep in mind; ``why`` says what in this case calls for it."""

    provision: ProvisionOut
    kind: str = "always"
    why: str | None = None


class DecidedCase(BaseModel):
    """A decided case and how it touches this one."""

    case: CaseOut
    relation: str


class Charge(BaseModel):
    """A fine of a decided case under a penal article (``rule``), in yuan.

    ``alike`` says whether it was imposed under the very provision meant here and no other; ``why`` says what differs.
    """

    rule: str
    party: Party
    amount: int
    case: str
    title: str
    alike: bool
    why: str


class CreditStatement(BaseModel):
    """A sentence on the record of a penalty: with its citations, or with what it stands on when it was not verified."""

    text: str
    verified: bool
    citations: list[str]
    refs: list[str]
    source: str | None = None
    note: str | None = None


class CreditRecord(BaseModel):
    """A record of broken faith, and how it is lifted; ``decide`` is what only the authority can find."""

    label: str
    what: list[CreditStatement]
    period: list[CreditStatement]
    when: list[CreditStatement]
    file: list[CreditStatement]
    where: list[CreditStatement]
    after: list[CreditStatement]
    decide: list[str]


class CreditRepair(BaseModel):
    """Credit repair 信用修复: the right to it, and each kind of record."""

    rights: list[CreditStatement]
    records: list[CreditRecord]
    notice: str | None = None


class Sentence(BaseModel):
    """A sentence of the draft: with its citation and the id it resolves to, or :data:`BLANK` and what to write there."""

    text: str
    citation: str | None = None
    ref: str | None = None
    about: str | None = None


class Reason(BaseModel):
    """One of the four reasons."""

    name: Literal["事理", "法理", "道理", "情理"]
    sentences: list[Sentence]

    @property
    def text(self) -> str:
        """The paragraph as it goes into a document."""
        return "".join(f"{s.about}{s.text}。" if s.about else f"{s.text}（{s.citation}）" for s in self.sentences)


class PenaltyWorksheet(BaseModel):
    """What a decision on one finding rests on. ``cases_total`` counts all that touch it; ``cases`` shows the nearest."""

    subject: str
    check: str | None
    as_of: datetime.date
    severity: Literal["major", "general"] | None
    duties: list[ProvisionOut]
    rules: list[PenalRule]
    criminal: list[PenaltyOut]
    cases: list[DecidedCase]
    cases_total: int
    amounts: str
    charges: list[Charge] = []
    leniency: list[LeniencyOut] = []
    no_penalty: list[Ground]
    mitigation: list[Ground]
    aggravation: list[ProvisionOut] = []
    credit: CreditRepair | None = None
    reminders: list[Reminder]
    reasons: list[Reason]
    notices: list[str]
