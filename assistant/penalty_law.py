"""What general penalty law says of any finding: grounds for no or a lighter penalty, reminders, the four reasons.

Every legal sentence is a gist of the snapshot with its citation; places the snapshot lacks are left out.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence

from assistant.entities import Case, Check, Provision
from assistant.knowledge import Knowledge
from assistant.models import case_out, provision_out
from assistant.worksheet import (
    BLANK,
    STATE_LABELS,
    Element,
    Factors,
    Ground,
    PenalRule,
    Reason,
    Reminder,
    Sentence,
    State,
)
from kg_build.errors import CitationError

LAW = "行政处罚法"
NO_PENALTY = ("第三十三条第一款", "第三十三条第二款")
MITIGATION = ("第三十二条",)
REMINDERS = ("第二十八条第一款", "第二十九条", "第三十六条第一款", "第三十六条第二款", "第六十三条第一款", "第六十四条")
REFERRAL = "第二十七条第一款"
PRINCIPLES = ("第五条", "第六条")
HEARD = ("第四十五条",)
OTHER_CASES = "，或者有"

FACTORS: tuple[tuple[str, Callable[[Factors], bool | None]], ...] = (
    ("没有造成危害后果", lambda f: None if f.harm is None else f.harm == "none"),
    ("危害后果轻微", lambda f: None if f.harm is None else f.harm != "serious"),
    ("初次", lambda f: f.first_time),
    ("消除或者减轻", lambda f: f.harm_reduced),
    ("胁迫|诱骗", lambda f: f.coerced),
    ("供述", lambda f: f.confessed),
    ("立功", lambda f: f.assisted),
    ("主观过错", lambda f: f.no_fault),
    ("轻微", lambda f: f.minor),
    ("改正", lambda f: f.rectified),
)


def _element(text: str, factors: Factors) -> Element:
    value = next((read(factors) for pattern, read in FACTORS if re.search(pattern, text)), None)
    state: State = "unknown" if value is None else "met" if value else "unmet"
    return Element(text=text, state=state, state_label=STATE_LABELS[state])


class PenaltyLaw:
    """The Administrative Penalty Law as the snapshot holds it on a day; places it lacks are left out."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day

    def provision(self, at: str) -> Provision | None:
        """The provision with a gist at a place."""
        try:
            document, locator = self.knowledge.names.split(f"{LAW} {at}")
        except CitationError:
            return None
        found = self.knowledge.provision_by_id.get(f"{document}/{locator.path}")
        return found if found and found.gist and found.document.is_in_force(self.day) else None

    def sentences(self, *places: str) -> list[Sentence]:
        """The gists at some places as cited sentences."""
        found = (self.provision(at) for at in places)
        return [Sentence(text=p.gist, citation=p.citation, ref=p.id) for p in found if p and p.gist]

    def grounds(self, at: str, factors: Factors) -> list[Ground]:
        """The grounds a provision names: each clause 甲、乙并丙的，不予处罚 of its gist, taken apart."""
        provision = self.provision(at)
        found: list[Ground] = []
        if provision is None or provision.gist is None:
            return found
        cases = [c for c in self.knowledge.cases.values() if c.type == "no_penalty" and provision.iri in c.cited]
        precedents = [case_out(c, self.knowledge, self.day) for c in sorted(cases, key=lambda c: c.id)[:3]]
        for clause in provision.gist.rstrip("。").split("；"):
            conditions, split, effect = clause.rpartition("的，")
            if split:
                shown = provision_out(provision, self.knowledge, self.day)
                elements = [_element(text, factors) for text in _conditions(conditions)]
                ground = Ground(provision=shown, effect=effect, elements=elements, precedents=precedents)
                found.append(ground.model_copy(update={"needs": "any" if OTHER_CASES in conditions else "all"}))
            elif found:
                found[-1].exception = clause
        return found


def _conditions(text: str) -> list[str]:
    """甲、乙并丙 taken apart; alternatives after 或者有 (法律、法规、规章规定的其他情形) stay whole."""
    first, _, other = text.partition(OTHER_CASES)
    parts = [p for p in re.split(r"、|，|并且?", first.removeprefix("当事人")) if p]
    return [*parts, *([other] if other else [])]


def reminders(
    law: PenaltyLaw, rules: Sequence[PenalRule], criminal: Sequence[Provision], factors: Factors
) -> list[Reminder]:
    """The rules of procedure to keep in mind with this finding."""
    found = []
    for at in (*([REFERRAL] if criminal else []), *REMINDERS):
        provision = law.provision(at)
        if provision is None:
            continue
        why = None
        if at == REFERRAL:
            why = f"本项还关联{'、'.join(p.citation for p in criminal)}。"
        elif at == "第二十九条" and len(rules) > 1:
            why = f"本项关联 {len(rules)} 条罚则。"
        elif at == "第三十六条第二款" and factors.ended_on:
            why = f"填写的终了之日是{factors.ended_on}，到{law.day}为{(law.day - factors.ended_on).days}天。"
        elif at == "第六十三条第一款":
            why = _hearing(provision, rules)
        found.append(Reminder(provision=provision_out(provision, law.knowledge, law.day), why=why))
    return found


def _hearing(provision: Provision, rules: Iterable[PenalRule]) -> str | None:
    """The measures of the rules that the gist on hearings names."""
    named = [word for word in re.split(r"[、，]|或者", provision.gist or "") if len(word) >= 4]
    measures = {m for r in rules for s in (*r.unit, *r.principal, *r.others) for m in s.measures}
    hit = sorted(m for m in measures if any(word in m for word in named))
    return f"本表所列措施中的“{'”“'.join(hit)}”与该款所列种类对应。" if hit else None


def reasons(
    law: PenaltyLaw,
    check: Check | None,
    duties: Sequence[Provision],
    rules: Sequence[PenalRule],
    *,
    accidents: Sequence[Case],
    lessons: Sequence[Case],
) -> list[Reason]:
    """The four-reasons draft: only cited sentences and blanks. ``accidents`` and ``lessons`` come nearest first."""
    knowledge = law.knowledge
    facts = [Sentence(text=BLANK, about="违法行为的时间、地点、经过和证据：")]
    if check:
        scene, link, point = (knowledge.label(c) for c in (check.scene, check.link, check.point))
        text = f"检查项“{check.ask}”属于{scene}的“{link}”环节，风险点是“{point}”。"
        facts.append(Sentence(text=text, citation=duties[0].citation, ref=duties[0].id))
    facts += [_told(f"同类情形曾造成{c.deaths}人死亡：{c.facts}", c) for c in accidents[:1]]
    rule = []
    for provision in duties:
        gist = provision_out(provision, knowledge, law.day).gist
        rule += [Sentence(text=" ".join(gist.split("\n")), citation=provision.citation, ref=provision.id)] if gist else []
    for penal in rules:
        rule += [Sentence(text=p.gist, citation=p.citation, ref=p.id) for p in penal.provisions if p.gist]
        ranges = "；".join(s.text for s in (*penal.unit, *penal.principal, *penal.others))
        if ranges and all(p.id != penal.id for p in penal.provisions):
            rule.append(Sentence(text=f"罚则的幅度：{ranges}。", citation=penal.citation, ref=penal.id))
    rule.append(Sentence(text=BLANK, about="本案事实符合上述条款的理由："))
    sense = law.sentences(*PRINCIPLES) + [_told(case.lesson, case) for case in lessons[:2]]
    sense.append(Sentence(text=BLANK, about="本案与同类案件情节的异同、处罚与危害程度是否相当："))
    feeling = law.sentences(*NO_PENALTY, *MITIGATION, *HEARD)
    feeling.append(Sentence(text=BLANK, about="当事人的改正情况、陈述申辩和其他可以考虑的情形："))
    return [
        Reason(name="事理", sentences=facts),
        Reason(name="法理", sentences=rule),
        Reason(name="道理", sentences=sense),
        Reason(name="情理", sentences=feeling),
    ]


def _told(text: str, case: Case) -> Sentence:
    return Sentence(text=text, citation=f"案例：{case.title}，{case.publisher}《{case.source_title}》", ref=case.id)
