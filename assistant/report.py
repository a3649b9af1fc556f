"""What a finished or running check comes to: score, findings and trend; and how a self-check and an inspection agree.

Pure values. A score never hides a failed item that may be a major hazard: whoever shows it shows those items beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from assistant.checklist import Checklist, ChecklistItem
from assistant.scoring import share
from kg_build.errors import UsageError

Kind = Literal["self_check", "inspection"]
Outcome = Literal["compliant", "noncompliant", "not_applicable"]
State = Literal["found", "assigned", "mended", "verified", "closed"]
Match = Literal["same", "missed", "stricter", "applicability", "incomplete", "only_self_check", "only_inspection"]

KIND_LABELS: dict[Kind, str] = {"self_check": "企业自查", "inspection": "执法检查"}
OUTCOME_LABELS: dict[Outcome, str] = {"compliant": "符合", "noncompliant": "不符合", "not_applicable": "不适用"}
STATE_LABELS: dict[State, str] = {
    "found": "已发现",
    "assigned": "已派单",
    "mended": "已整改",
    "verified": "已复查",
    "closed": "已销号",
}
MATCH_LABELS: dict[Match, str] = {
    "missed": "自查未发现，检查不符合",
    "stricter": "自查不符合，检查符合",
    "applicability": "一方判为不适用",
    "same": "结果一致",
    "incomplete": "两张清单都有，至少一方未检查",
    "only_self_check": "仅自查清单有",
    "only_inspection": "仅检查清单有",
}
"""The worst first."""
FORMULA = (
    "得分＝符合项数÷（符合项数＋不符合项数）×100，取一位小数，其余舍去。各项分量相同；不适用和未检查的项不计入。"
    "强制项、可能构成重大事故隐患的项按同一公式另列。得分只反映清单上的符合比例：有可能构成重大事故隐患的项不符合的，"
    "无论得分高低都要单独列出、立即处理，得分不能作为是否合法、是否处罚的依据。"
)
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def local(moment: datetime.datetime) -> datetime.datetime:
    """A moment in Chinese time; one without a zone is taken to be so already."""
    return moment.astimezone(CHINA) if moment.tzinfo else moment


class Frozen(BaseModel):
    """A value that never changes; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Firm(Frozen):
    """A firm as its documents name it."""

    name: str
    credit_code: str | None = None
    address: str | None = None
    district: str | None = None
    legal_representative: str | None = None
    contact: str | None = None
    phone: str | None = None
    industry: str | None = None

    @property
    def place(self) -> str:
        """The address with the district, said once."""
        address, district = self.address or "", self.district or ""
        return address if district in address else f"{district}　{address}".strip("　")

    @property
    def reached(self) -> str:
        """Whom to call, and the number."""
        return "　".join(p for p in (self.contact, self.phone) if p)


class Photo(Frozen):
    """A photo on file; ``sha256`` (hexadecimal, empty when not kept) is that of the file when it was taken in."""

    path: Path
    caption: str = ""
    taken_at: datetime.datetime | None = None
    sha256: str = ""


class Result(Frozen):
    """The result of one check."""

    check_id: str
    result: Outcome
    note: str = ""
    responsible: str | None = None
    due: datetime.date | None = None
    answered_by: str | None = None
    answered_at: datetime.datetime | None = None
    photos: tuple[Photo, ...] = ()


class HazardLine(Frozen):
    """A hazard as the ledger keeps it; ``reported`` is the day a major one was reported to the authority."""

    id: int
    description: str
    major: bool = False
    state: State = "found"
    responsible: str | None = None
    due: datetime.date | None = None
    found_on: datetime.date | None = None
    closed_on: datetime.date | None = None
    note: str = ""
    check_id: str | None = None
    photos_before: tuple[Photo, ...] = ()
    photos_after: tuple[Photo, ...] = ()
    reported: datetime.date | None = None

    def overdue(self, day: datetime.date) -> bool:
        """Whether it is neither mended nor closed after its last day."""
        return self.state in ("found", "assigned") and self.due is not None and self.due < day


class Ledger(Frozen):
    """The hazards of a firm as they stood on a day."""

    firm: Firm
    as_of: datetime.date
    hazards: tuple[HazardLine, ...] = ()


class Tally(Frozen):
    """How many items have which result."""

    compliant: int = 0
    noncompliant: int = 0
    not_applicable: int = 0
    unanswered: int = 0

    @property
    def total(self) -> int:
        """All items."""
        return self.compliant + self.noncompliant + self.not_applicable + self.unanswered

    @property
    def score(self) -> float | None:
        """Share of the compliant among the items that apply and were answered, 0 to 100; ``None`` when there are none.

        Cut, not rounded, to one decimal: a list with a failed item never shows 100.
        """
        judged = self.compliant + self.noncompliant
        return share(self.compliant, judged)


class Score(Frozen):
    """What a check scored: all items, the mandatory ones, and those whose failure may be a major hazard."""

    number: int
    kind: Kind
    day: datetime.date
    all: Tally
    mandatory: Tally
    major: Tally


class TrendLine(Frozen):
    """A score with the change in points against the check of the same kind before it."""

    score: Score
    change: float | None
    current: bool


class LinkTally(Frozen):
    """The counts of a key link."""

    link: str
    tally: Tally
    major_failed: int


class SceneTally(LinkTally):
    """The counts of a scene, and of its key links; ``link`` is empty."""

    scene: str
    links: tuple[LinkTally, ...]


class Finding(Frozen):
    """A failed item, its result, and the hazard entered for it (if any)."""

    item: ChecklistItem
    result: Result
    hazard: HazardLine | None = None

    @property
    def major(self) -> bool:
        """Whether it may be a major hazard: by the checklist, or as entered in the ledger."""
        return self.item.severity == "major" or bool(self.hazard and self.hazard.major)

    @property
    def responsible(self) -> str | None:
        """Who is to mend it."""
        return self.result.responsible or (self.hazard.responsible if self.hazard else None)

    @property
    def due(self) -> datetime.date | None:
        """The last day to mend it."""
        return self.result.due or (self.hazard.due if self.hazard else None)

    @property
    def text(self) -> str:
        """What was found; empty when nobody wrote it down."""
        return self.result.note.strip() or (self.hazard.description.strip() if self.hazard else "")


class CheckReport(Frozen):
    """A self-check or an inspection with its checklist, results (by check id) and hazards."""

    kind: Kind
    number: int
    firm: Firm
    title: str
    as_of: datetime.date
    started: datetime.datetime
    finished: datetime.datetime | None = None
    people: tuple[str, ...] = ()
    checklist: Checklist
    results: dict[str, Result] = {}
    hazards: tuple[HazardLine, ...] = ()
    previous: tuple[Score, ...] = ()
    code_url: str | None = None

    @model_validator(mode="after")
    def _results_fit(self) -> CheckReport:
        known = {i.id for i in self.checklist.items()}
        for key, result in self.results.items():
            if key != result.check_id or key not in known:
                raise ValueError(f"检查结果“{key}”对不上清单里的检查项；请用做这次检查时的清单。")
        return self

    @property
    def day(self) -> datetime.date:
        """The day it was finished, or begun."""
        return local(self.finished or self.started).date()

    def outcome(self, item: ChecklistItem) -> Outcome | None:
        """The result of an item, if it has one."""
        found = self.results.get(item.id)
        return found.result if found else None

    def tally(self, items: Sequence[ChecklistItem]) -> Tally:
        """The counts of some items."""
        counts = {outcome: sum(self.outcome(i) == outcome for i in items) for outcome in get_args(Outcome)}
        return Tally(**counts, unanswered=len(items) - sum(counts.values()))

    @property
    def score(self) -> Score:
        """What it scored; see :data:`FORMULA`."""
        items = self.checklist.items()
        return Score(
            number=self.number,
            kind=self.kind,
            day=self.day,
            all=self.tally(items),
            mandatory=self.tally([i for i in items if i.nature == "mandatory"]),
            major=self.tally([i for i in items if i.severity == "major"]),
        )

    @property
    def scenes(self) -> tuple[SceneTally, ...]:
        """Counts by scene and key link, in order."""
        found = []
        for group in self.checklist.groups:
            links = []
            for link in group.links:
                items = [i for p in link.points for i in p.items]
                links.append(LinkTally(link=link.link, tally=self.tally(items), major_failed=self._major_failed(items)))
            items = [i for k in group.links for p in k.points for i in p.items]
            found.append(
                SceneTally(
                    scene=group.scene,
                    link="",
                    links=tuple(links),
                    tally=self.tally(items),
                    major_failed=self._major_failed(items),
                )
            )
        return tuple(found)

    def _major_failed(self, items: Sequence[ChecklistItem]) -> int:
        return sum(i.severity == "major" and self.outcome(i) == "noncompliant" for i in items)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The failed items in order, those that may be major hazards first."""
        entered = {h.check_id: h for h in reversed(self.hazards) if h.check_id}
        failed = [
            Finding(item=i, result=self.results[i.id], hazard=entered.get(i.id))
            for i in self.checklist.items()
            if self.outcome(i) == "noncompliant"
        ]
        return tuple(sorted(failed, key=lambda f: not f.major))

    @property
    def unanswered(self) -> tuple[ChecklistItem, ...]:
        """The items nobody has answered yet."""
        return tuple(i for i in self.checklist.items() if i.id not in self.results)

    @property
    def trend(self) -> tuple[TrendLine, ...]:
        """This score after the earlier ones, oldest first."""
        lines: list[TrendLine] = []
        last: dict[Kind, float] = {}
        for score in [*sorted(self.previous, key=lambda s: (s.day, s.number)), self.score]:
            value, before = score.all.score, last.get(score.kind)
            change = round(value - before, 1) if value is not None and before is not None else None
            lines.append(TrendLine(score=score, change=change, current=False))
            if value is not None:
                last[score.kind] = value
        return (*lines[:-1], lines[-1].model_copy(update={"current": True}))


class Pair(Frozen):
    """One check as the firm and as the inspectors judged it."""

    item: ChecklistItem
    self_check: Outcome | None
    inspection: Outcome | None
    match: Match


class Agreement(Frozen):
    """How a self-check and an inspection agree (双向衔接)."""

    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Match, int]:
        """How many checks agree or differ in which way, the worst first."""
        return {m: sum(p.match == m for p in self.pairs) for m in MATCH_LABELS}

    @property
    def share(self) -> float | None:
        """Percentage of the checks judged by both whose results are the same (cut to one decimal); ``None`` without any."""
        both = [p for p in self.pairs if p.self_check and p.inspection]
        return share(sum(p.match == "same" for p in both), len(both))


def agreement(self_check: CheckReport, inspection: CheckReport) -> Agreement:
    """Lay a self-check beside an inspection of the same firm; raise :class:`UsageError` when they can't be compared."""
    if (self_check.kind, inspection.kind) != ("self_check", "inspection"):
        raise UsageError("双向衔接要一次企业自查对一次执法检查；请重新选择两次检查。")
    firms = (self_check.firm, inspection.firm)
    codes = [f.credit_code for f in firms]
    if codes[0] != codes[1] if all(codes) else firms[0].name.strip() != firms[1].name.strip():
        raise UsageError(f"自查的“{firms[0].name}”和检查的“{firms[1].name}”不是同一家企业；请重新选择。")
    inspected = {i.id: i for i in inspection.checklist.items()}
    checked = {i.id: i for i in self_check.checklist.items()}
    pairs = []
    for key, item in {**inspected, **{k: v for k, v in checked.items() if k not in inspected}}.items():
        own, theirs = self_check.outcome(item), inspection.outcome(item)
        match = _match(own, theirs) if key in inspected and key in checked else _only(key in checked)
        pairs.append(Pair(item=item, self_check=own, inspection=theirs, match=match))
    days = {"自查": self_check.as_of, "检查": inspection.as_of}
    told = "、".join(f"{who}按{day}的规定" for who, day in days.items())
    notes = (f"{told}编制，依据可能不同。",) if len(set(days.values())) > 1 else ()
    return Agreement(pairs=tuple(pairs), notes=notes)


def _only(checked: bool) -> Match:
    return "only_self_check" if checked else "only_inspection"


def _match(own: Outcome | None, theirs: Outcome | None) -> Match:
    if own is None or theirs is None:
        return "incomplete"
    if own == theirs:
        return "same"
    if theirs == "noncompliant":
        return "missed"
    return "applicability" if "not_applicable" in (own, theirs) else "stricter"
