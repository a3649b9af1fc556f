"""Which questions are still open on a finding: one by one, each with why it matters here, and what an answer establishes.

Only what this worksheet turns on is asked: the stages of its sanctions, the tiers of its discretion standards, the further
conditions of its sanctions, the elements of the grounds for no or a lighter penalty.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from assistant.knowledge import Knowledge
from assistant.penalty_law import element_named, elements_of, procedure_of
from assistant.worksheet import Factors, PenaltyWorksheet, SanctionOut, TierOut
from kg_build.errors import UsageError
from kg_build.forms import WHEN_LABELS
from kg_build.practice_penalty_forms import ElementForm, ProcedureForm, QuestionForm

UNKNOWN = "还不知道"


class Why(BaseModel):
    """What depends on an answer, with the citation of the provision that says so."""

    text: str
    citation: str
    ref: str


class Choice(BaseModel):
    """A possible answer; ``sets`` are the fields of :class:`Factors` it establishes."""

    label: str
    sets: dict[str, Any]


class Question(BaseModel):
    """An open question to the officer; a ``date`` is answered with a day instead of a choice."""

    id: str
    kind: Literal["choice", "date"]
    ask: str
    help: str | None = None
    why: list[Why]
    choices: list[Choice] = []

    @property
    def labels(self) -> list[str]:
        """The answers to choose from, with that nothing is known yet."""
        return [*(c.label for c in self.choices), UNKNOWN]


def open_questions(
    knowledge: Knowledge, sheet: PenaltyWorksheet, factors: Factors | None = None, skipped: Collection[str] = ()
) -> list[Question]:
    """The questions still open on a worksheet (assessed with ``factors``), the most telling first.

    ``skipped`` names those that were asked and could not be answered. Empty where the snapshot holds no questions.
    """
    known = factors or Factors()
    return [q for q in questions(knowledge, sheet) if q.id not in skipped and not _answered(q, known)]


def questions(knowledge: Knowledge, sheet: PenaltyWorksheet) -> list[Question]:
    """Every question that this finding turns on, answered or not, in the order of asking."""
    procedure = procedure_of(knowledge)
    if procedure is None:
        return []
    elements = elements_of(knowledge)
    asked = [q for form in procedure.questions if (q := _general(form, sheet, elements))]
    stages = [q for q in asked if q.id in {f.id for f in procedure.questions if f.stages}]
    grounds = [q for q in asked if q not in stages]
    return [*stages, *_tiers(sheet), *_conditions(sheet, procedure), *grounds, *_ended(sheet, procedure)]


def answer(question: Question, given: str, factors: Factors) -> Factors:
    """The factors with what ``given`` (a label, or an ISO date) establishes; an earlier answer to the question is undone.

    Raise :class:`UsageError` when it is no possible answer.
    """
    cleared = {name: None for choice in question.choices for name in choice.sets if name not in ("conditions", "tiers")}
    base = factors.model_copy(update=cleared)
    if given == UNKNOWN:
        return base
    if question.kind == "date":
        try:
            return base.model_copy(update={"ended_on": datetime.date.fromisoformat(given.strip())})
        except ValueError as error:
            raise UsageError(f"日期“{given}”看不懂；请写成 2026-05-01 这样的格式。") from error
    sets = next((c.sets for c in question.choices if c.label == given), None)
    if sets is None:
        raise UsageError(f"“{given}”不是“{question.ask}”的答案；可选：{'、'.join(question.labels)}。")
    merged = {n: {**getattr(base, n), **v} if isinstance(v, dict) else v for n, v in sets.items()}
    return base.model_copy(update=merged)


def _answered(question: Question, known: Factors) -> bool:
    if question.kind == "date":
        return known.ended_on is not None
    for name, value in ((n, v) for c in question.choices for n, v in c.sets.items()):
        held = getattr(known, name)
        if isinstance(value, dict) and set(value) & set(held):
            return True
        if not isinstance(value, dict) and held is not None:
            return True
    return False


def _sanctions(sheet: PenaltyWorksheet) -> Iterable[tuple[str, str, SanctionOut]]:
    """Each sanction and each tier's sanction with the citation and id of what says so."""
    for rule in sheet.rules:
        for sanction in (*rule.unit, *rule.principal, *rule.others):
            yield rule.citation, rule.id, sanction
        for tier in rule.tiers:
            yield tier.standard, tier.ref, tier.sanction


def _general(form: QuestionForm, sheet: PenaltyWorksheet, elements: Sequence[ElementForm]) -> Question | None:
    named: set[str] = {name for a in form.answers for name in a.sets}
    why = [*_by_stage(form, sheet), *_by_ground(named, sheet, elements)]
    if not why:
        return None
    choices = [Choice(label=a.label, sets={str(n): v for n, v in a.sets.items()}) for a in form.answers]
    return Question(id=form.id, kind="choice", ask=form.ask, help=form.help, why=why, choices=choices)


def _by_stage(form: QuestionForm, sheet: PenaltyWorksheet) -> list[Why]:
    met: dict[str, tuple[str, list[str]]] = {}
    for citation, ref, sanction in _sanctions(sheet):
        if sanction.stage in form.stages:
            stages = met.setdefault(ref, (citation, []))[1]
            if sanction.stage not in stages:
                stages.append(sanction.stage)
    found = []
    for ref, (citation, stages) in met.items():
        told = "”“".join(WHEN_LABELS[s] for s in WHEN_LABELS if s in stages)
        text = f"决定适用“{told}”中的哪一个阶段" if len(stages) > 1 else f"“{told}”的罚则以此为条件"
        found.append(Why(text=text, citation=citation, ref=ref))
    return found


def _by_ground(named: set[str], sheet: PenaltyWorksheet, elements: Sequence[ElementForm]) -> list[Why]:
    """The grounds and list entries with an element that one of the factors ``named`` shows."""
    found: dict[tuple[str, str], Why] = {}
    for ground in (*sheet.no_penalty, *sheet.mitigation):
        for element in ground.elements:
            form = element_named(element.text, elements)
            if form and form.factor in named:
                text = f"“{element.text}”是{ground.effect}的要件"
                if ground.needs == "any":
                    text = f"“{element.text}”是{ground.effect}的情形之一"
                key = (ground.provision.id, text)
                found[key] = Why(text=text, citation=ground.provision.citation, ref=ground.provision.id)
    for entry in sheet.leniency:
        for condition in entry.conditions:
            form = element_named(condition, elements)
            if form and form.factor in named:
                where = "" if entry.applies_here else "（外省市，只供参考）"
                text = f"“{condition}”是清单{where}{entry.kind}的条件"
                key = (entry.provision.id, text)
                found[key] = Why(text=text, citation=entry.provision.citation, ref=entry.provision.id)
    return list(found.values())


def _tiers(sheet: PenaltyWorksheet) -> list[Question]:
    """Which tier fits, for each penal article and party that a discretion standard grades; tiers of other stages are out."""
    groups: dict[str, list[TierOut]] = {}
    titles: dict[str, str] = {}
    for rule in sheet.rules:
        for tier in rule.tiers:
            if tier.sanction.fits is not False:
                groups.setdefault(tier.group, []).append(tier)
                titles[tier.group] = f"{rule.citation}对{tier.sanction.who}"
    found = []
    for group, tiers in groups.items():
        standards = {t.ref: t.standard for t in tiers}
        why = [
            Why(text=f"裁量基准把{titles[group]}的处罚分了 {len(tiers)} 档", citation=citation, ref=ref)
            for ref, citation in standards.items()
        ]
        choices = [Choice(label=_tier_label(t), sets={"tiers": {group: t.key}}) for t in tiers]
        ask = f"{titles[group]}的处罚，本案事实符合裁量基准的哪一档？"
        help_ = "按档次写的事实逐项对照；都不符合或者证据不够的，选“还不知道”。"
        found.append(Question(id=f"tier:{group}", kind="choice", ask=ask, help=help_, why=why, choices=choices))
    return found


def _tier_label(tier: TierOut) -> str:
    condition = f"（{tier.sanction.condition}）" if tier.sanction.condition else ""
    return f"{tier.name}：{tier.factor}{condition} → {tier.sanction.text.split('：', 1)[-1]}"


def _conditions(sheet: PenaltyWorksheet, procedure: ProcedureForm) -> list[Question]:
    """Whether the further conditions of sanctions are met (拒不执行 …)."""
    found: dict[str, Question] = {}
    tiers = {id(t.sanction) for r in sheet.rules for t in r.tiers}
    for citation, ref, sanction in _sanctions(sheet):
        condition = sanction.condition
        if condition is None or sanction.settled or id(sanction) in tiers:
            continue
        if condition.startswith(tuple(procedure.not_asked)):
            continue
        why = Why(text=f"决定“{sanction.text}”能不能适用", citation=citation, ref=ref)
        question = found.setdefault(
            condition,
            Question(
                id=f"condition:{condition}",
                kind="choice",
                ask=f"是否属于“{condition}”？",
                help="罚则以此为条件，由执法人员按证据认定。",
                why=[],
                choices=[
                    Choice(label="属于", sets={"conditions": {condition: True}}),
                    Choice(label="不属于", sets={"conditions": {condition: False}}),
                ],
            ),
        )
        if why not in question.why:
            question.why.append(why)
    return list(found.values())


def _ended(sheet: PenaltyWorksheet, procedure: ProcedureForm) -> list[Question]:
    limits = [r.provision for r in sheet.reminders if r.kind in ("limitation", "limitation_start")]
    why = [Why(text="决定追究时效从哪天起算、到哪天为止", citation=p.citation, ref=p.id) for p in limits]
    form = procedure.ended_on
    return [Question(id=form.id, kind="date", ask=form.ask, help=form.help, why=why)] if why else []
