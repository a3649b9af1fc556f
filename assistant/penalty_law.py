"""What general penalty law says of any finding: grounds for no or a lighter penalty, reminders, the four reasons.

Every legal sentence is a gist of the snapshot with its citation; what the snapshot lacks is left out.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

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
    Proof,
    Reason,
    Reminder,
    Sentence,
    State,
)
from kg_build.practice_penalty_forms import ElementForm, EvidenceForm, ProcedureForm

OTHER_CASES = "，或者有"


def procedure_of(knowledge: Knowledge) -> ProcedureForm | None:
    """Where general penalty law says what bears on every finding, if the snapshot holds it."""
    return knowledge.practice.of(ProcedureForm) if knowledge.practice.has(ProcedureForm) else None


def elements_of(knowledge: Knowledge) -> Sequence[ElementForm]:
    """What must be shown for grounds of no or a lighter penalty, and what shows it."""
    return knowledge.practice.of(EvidenceForm).elements if knowledge.practice.has(EvidenceForm) else ()


def element_named(text: str, known: Sequence[ElementForm]) -> ElementForm | None:
    """The element that a text names, in whatever words."""
    return next((e for e in known if any(word in text for word in e.words)), None)


def state_of(element: ElementForm | None, factors: Factors) -> State:
    """Whether the established factors show an element."""
    value = getattr(factors, element.factor) if element else None
    if element is None or value is None:
        return "unknown"
    return "met" if value in element.met_by else "unmet"


class PenaltyLaw:
    """The law of penalties as the snapshot holds it on a day; what was no law that day is left out."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day
        self.procedure = procedure_of(knowledge)
        self.elements = elements_of(knowledge)

    def provision(self, name: str) -> Provision | None:
        """The provision with that id, if it has a gist and was law on the day."""
        found = self.knowledge.provision_by_id.get(name)
        return found if found and found.gist and found.document.is_in_force(self.day) else None

    def provisions(self, names: Iterable[str]) -> list[Provision]:
        """Those of some provisions that have a gist and were law on the day."""
        return [p for p in map(self.provision, names) if p]

    def sentences(self, names: Iterable[str]) -> list[Sentence]:
        """The gists of some provisions as cited sentences."""
        found = self.provisions(names)
        return [Sentence(text=p.gist, citation=p.citation, ref=p.id) for p in found if p and p.gist]

    def no_penalty(self, factors: Factors) -> list[Ground]:
        """The grounds for no penalty."""
        names = self.procedure.no_penalty if self.procedure else ()
        return [ground for name in names for ground in self.grounds(name, factors)]

    def mitigation(self, factors: Factors) -> list[Ground]:
        """The grounds for a lighter penalty."""
        names = self.procedure.mitigation if self.procedure else ()
        return [ground for name in names for ground in self.grounds(name, factors)]

    def element(self, text: str, factors: Factors) -> Element:
        """A thing that must be shown: whether it is, what shows it, and what to mind."""
        known = element_named(text, self.elements)
        state = state_of(known, factors)
        proofs = []
        for proof in known.evidence if known else ():
            basis = [self.knowledge.provision_by_id[i] for i in proof.basis if i in self.knowledge.provision_by_id]
            shown = [p.citation if p.document.applies_here else f"{p.citation}（外省市，只供参考）" for p in basis]
            proofs.append(Proof(text=proof.text, advice=not basis, citations=shown, refs=[p.id for p in basis]))
        doubts = list(known.doubts) if known else []
        return Element(text=text, state=state, state_label=STATE_LABELS[state], evidence=proofs, doubts=doubts)

    def condition(self, text: str, factors: Factors) -> Element:
        """A condition of a list: established only where it says one thing, or several joined by 并 or 且, in known words."""
        parts = [p for p in re.split(r"、|，|并且?", text) if p]
        known = [element_named(part, self.elements) for part in parts]
        first = self.element(text, factors)
        states = {state_of(e, factors) for e in known}
        state: State = "unknown"
        if "或者" not in text and not re.search(r"\d|近.年", text) and None not in known:
            state = "unmet" if "unmet" in states else "met" if states == {"met"} else "unknown"
        return first.model_copy(update={"state": state, "state_label": STATE_LABELS[state]})

    def grounds(self, name: str, factors: Factors) -> list[Ground]:
        """The grounds a provision names: each clause 甲、乙并丙的，不予处罚 of its gist, taken apart."""
        provision = self.provision(name)
        found: list[Ground] = []
        if provision is None or provision.gist is None:
            return found
        cases = [c for c in self.knowledge.cases.values() if c.type == "no_penalty" and provision.iri in c.cited]
        precedents = [case_out(c, self.knowledge, self.day) for c in sorted(cases, key=lambda c: c.id)[:3]]
        for clause in provision.gist.rstrip("。").split("；"):
            conditions, split, effect = clause.rpartition("的，")
            if split:
                shown = provision_out(provision, self.knowledge, self.day)
                elements = [self.element(text, factors) for text in _conditions(conditions)]
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
    for form in law.procedure.reminders if law.procedure else ():
        provision = law.provision(form.at)
        if provision is None or (form.kind == "crime" and not criminal):
            continue
        why = None
        if form.kind == "crime":
            why = f"本项还关联{'、'.join(p.citation for p in criminal)}。"
        elif form.kind == "several_rules" and len(rules) > 1:
            why = f"本项关联 {len(rules)} 条罚则：{'、'.join(r.citation for r in rules)}；是否同一个违法行为由执法人员认定。"
        elif form.kind == "limitation" and factors.ended_on:
            why = _limits(provision, factors.ended_on, law.day)
        elif form.kind == "limitation_start" and factors.ended_on:
            why = f"填写的终了之日是{factors.ended_on}，到{law.day}为{(law.day - factors.ended_on).days}天。"
        elif form.kind == "hearing":
            why = _hearing(provision, rules)
        found.append(Reminder(provision=provision_out(provision, law.knowledge, law.day), kind=form.kind, why=why))
    return found


def _limits(provision: Provision, ended: datetime.date, day: datetime.date) -> str | None:
    """When each limitation period of a provision runs out, counted from the day on which the violation ended."""
    told = []
    for limit in provision.thresholds:
        if limit.unit == "年" and limit.value == int(limit.value):
            runs_out = _years_later(ended, int(limit.value))
            passed = "已过" if runs_out < day else "未过"
            condition = f"（{limit.condition}）" if limit.condition else ""
            told.append(f"满{limit.value:g}年{condition}是{runs_out}，到{day}{passed}")
    return f"从终了之日{ended}起算，{'；'.join(told)}。是否在期限内已被发现，由执法人员认定。" if told else None


def _years_later(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _hearing(provision: Provision, rules: Iterable[PenalRule]) -> str:
    """The measures of the rules that the gist on hearings names; whether a fine is large is for the officer to find."""
    stems: set[str] = set()
    for word in re.split(r"[、，]|或者", provision.gist or ""):
        if word.startswith("责令"):
            stems |= {word[2:4], word[4:6]} - {""}
        elif len(word) >= 4 and not word.startswith(("其他", "法定")):
            stems.add(word if len(word) == 4 else word[:2])
    measures = {m for r in rules for s in (*r.unit, *r.principal, *r.others) for m in s.measures}
    hit = sorted(m for m in measures if any(stem in m for stem in stems))
    told = f"本表所列措施中的“{'”“'.join(hit)}”与该款所列种类对应；" if hit else ""
    return f"{told}拟作的罚款、没收是否达到较大数额，由执法人员按现行标准核对。"


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
    form = law.procedure
    sense = law.sentences(form.principles if form else ()) + [_told(case.lesson, case) for case in lessons[:2]]
    sense.append(Sentence(text=BLANK, about="本案与同类案件情节的异同、处罚与危害程度是否相当："))
    feeling = law.sentences([*form.no_penalty, *form.mitigation, *form.heard] if form else ())
    feeling.append(Sentence(text=BLANK, about="当事人的改正情况、陈述申辩和其他可以考虑的情形："))
    return [
        Reason(name="事理", sentences=facts),
        Reason(name="法理", sentences=rule),
        Reason(name="道理", sentences=sense),
        Reason(name="情理", sentences=feeling),
    ]


def _told(text: str, case: Case) -> Sentence:
    return Sentence(text=text, citation=f"案例：{case.title}，{case.publisher}《{case.source_title}》", ref=case.id)
