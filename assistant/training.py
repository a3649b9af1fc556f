"""Topic → lesson pack: objectives, case stories, rules broken, questions to discuss, a quiz and a simulated inspection."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from assistant.cases import similar_cases
from assistant.entities import Case, Check, Provision
from assistant.knowledge import Knowledge
from assistant.models import CheckOut, ProvisionOut, check_out, penalty_out, provision_out
from assistant.question import clean, understand
from assistant.quiz import Quiz, quiz
from assistant.quiz_question import Cited, QuizQuestion, cited, likeness
from assistant.search import Searcher
from assistant.simulation import Simulation, simulate
from assistant.stories import Story, tell
from kg_build.errors import UsageError

__all__ = ["LessonPack", "Quiz", "QuizQuestion", "Story", "lesson", "quiz"]

FEWEST, MOST = 3, 6
QUESTIONS, OBSERVATIONS = 10, 12
BATCH = 0.6
"""Likeness of titles from which two cases tell one story."""
Part = TypeVar("Part", Quiz, Simulation)
OBJECTIVES = 5
NEAR = 20
"""How many of the nearest articles are read for what binds the audience."""


class Objective(BaseModel):
    """What a trainee can do afterwards, and where that is written."""

    text: str
    citations: list[Cited]


class Discussion(BaseModel):
    """A question for the group, with what a good answer rests on."""

    question: str
    hint: str
    citations: list[Cited]


class LessonPack(BaseModel):
    """A lesson; ``rules`` are all the rules the stories broke, the most often broken first.

    ``quiz`` and ``simulation`` are null where the topic has not enough to ask or to see; ``notices`` say so then.
    """

    topic: str
    audience: str
    as_of: datetime.date
    seed: int
    understood: list[str]
    objectives: list[Objective]
    stories: list[Story]
    rules: list[ProvisionOut]
    checks: list[CheckOut]
    discussion: list[Discussion]
    quiz: Quiz | None
    simulation: Simulation | None
    notices: list[str]


def lesson(
    searcher: Searcher,
    topic: str,
    audience: str,
    day: datetime.date,
    seed: int = 0,
    *,
    stories: int = 5,
    questions: int = QUESTIONS,
    observations: int = OBSERVATIONS,
) -> LessonPack:
    """A lesson on a topic for an audience (班组长, 主要负责人 …) with the law of ``day``; equal seeds give equal lessons.

    Raise :class:`UsageError` when the topic can't be searched or nothing was found on it.
    """
    if not FEWEST <= stories <= MOST:
        raise UsageError(f"一堂课放 {FEWEST} 到 {MOST} 个案例，不能放 {stories} 个；请改案例数。")
    knowledge, listeners = searcher.knowledge, clean(audience) if audience.strip() else "从业人员"
    rng = random.Random(f"{seed}/{topic}/{listeners}")
    answer = searcher.ask(topic, day, provisions=12, checks=12, cases=0)
    cases = _pick_cases(searcher, topic, day, stories, rng)
    broken = _broken(cases, knowledge, day)
    # Penal provisions say what a breach costs; what to learn are the duties.
    duties = [p for p in broken if p.modality != "penalty"]
    found = [knowledge.provision_by_id[p.id] for p in answer.provisions if p.score >= 0.5 and p.in_force]
    bearers = _bearers(searcher, listeners)
    own = _binding(searcher, f"{topic} {listeners}", bearers, day)
    parts = dict.fromkeys([*own, *(part for p in found for part in knowledge.below(p))])
    duties += [p for p in parts if p not in duties and p.modality in ("duty", "prohibition")]
    checks = _pick_checks([knowledge.checks[c.id] for c in answer.checks], duties, knowledge, day)
    if not duties and not cases:
        raise UsageError(f"资料库里没有能围绕“{topic}”备课的条款和案例；请换一个主题，例如“有限空间”“粉尘涉爆”。")
    notices = [*answer.notices]
    if len(cases) < FEWEST:
        notices.append(f"围绕“{answer.q}”只找到 {len(cases)} 个相近的案例，少于 {FEWEST} 个；没有拿不相干的案例凑数。")
    asked = _or_notice(lambda: quiz(knowledge, answer.q, questions, seed, day=day, tagger=searcher.tagger), notices)
    site = _or_notice(lambda: simulate(knowledge, answer.q, observations, seed, day=day, tagger=searcher.tagger), notices)
    return LessonPack(
        topic=answer.q,
        audience=listeners,
        as_of=day,
        seed=seed,
        understood=answer.understood,
        objectives=_objectives(duties, checks, bearers, knowledge, day),
        stories=[tell(case, knowledge, day) for case in cases],
        rules=[provision_out(p, knowledge, day) for p in broken],
        checks=[check_out(c, knowledge, day) for c in checks],
        discussion=_discussion(cases, checks, listeners, knowledge, day, rng),
        quiz=asked,
        simulation=site,
        notices=notices,
    )


def _or_notice(make: Callable[[], Part], notices: list[str]) -> Part | None:
    """A part of the lesson; without it, why it is missing is added to ``notices``."""
    try:
        return make()
    except UsageError as error:
        notices.append(str(error))
        return None


def _pick_cases(searcher: Searcher, topic: str, day: datetime.date, count: int, rng: random.Random) -> list[Case]:
    """The three nearest cases that share the topic's concepts, the rest drawn from the next; the gravest first."""
    knowledge = searcher.knowledge
    concepts = {i for c in understand(topic, knowledge, searcher.tagger, day).concepts for i in knowledge.narrower(c)}
    ranked = [knowledge.cases[c.id] for c in similar_cases(searcher, topic, day, limit=3 * count).cases]
    known = {i for case in knowledge.cases.values() for i in (*case.tags, *case.scenes)}
    if concepts & known:
        ranked = [c for c in ranked if concepts.intersection((*c.tags, *c.scenes))]
    # Of a batch that was published together (同批曝光) one is enough.
    ranked = [c for n, c in enumerate(ranked) if all(likeness(c.title, other.title) < BATCH for other in ranked[:n])]
    chosen, rest = ranked[:FEWEST], ranked[FEWEST : 2 * count]
    chosen += rng.sample(rest, min(len(rest), count - len(chosen))) if len(chosen) == FEWEST else []
    return sorted(chosen, key=lambda c: (-(c.deaths or 0), c.type != "accident", c.id))


def _broken(cases: Iterable[Case], knowledge: Knowledge, day: datetime.date) -> list[Provision]:
    """The provisions the cases broke (or that correspond today), the most often broken first."""
    counts: dict[str, int] = {}
    for case in cases:
        for iri in dict.fromkeys((*case.violates, *case.corresponds)):
            counts[iri] = counts.get(iri, 0) + 1
    provisions = [knowledge.provisions[i] for i in counts]
    in_force = [p for p in provisions if p.document.is_in_force(day)]
    return sorted(in_force, key=lambda p: (-counts[p.iri], p.id))


def _pick_checks(
    found: Sequence[Check], duties: Sequence[Provision], knowledge: Knowledge, day: datetime.date
) -> list[Check]:
    """Checks to practice on site: those found for the topic whose grounds the stories broke come first."""
    broken = {p.iri for p in duties}
    live = [c for c in found if any(knowledge.provisions[i].document.is_in_force(day) for i in c.basis)]
    return sorted(live, key=lambda c: not broken.intersection(c.basis))[:6]


def _bearers(searcher: Searcher, audience: str) -> set[str]:
    """The audience in the words provisions use for who is bound."""
    roles = {m.concept_iri: m.label for m in searcher.tagger.tag(audience) if m.kind == "role"}
    return {audience, *roles.values()}


def _binding(searcher: Searcher, text: str, bearers: set[str], day: datetime.date) -> list[Provision]:
    """Of the articles nearest to a text the parts that bind the audience."""
    knowledge = searcher.knowledge
    ranked = searcher.rank(text, day)
    near = (knowledge.provision_by_id[knowledge.entries[i][0]] for i in searcher.top(ranked.scores, "provision", NEAR))
    return [p for article in near for p in knowledge.below(article) if any(b in (p.bearer or "") for b in bearers)]


def _objectives(
    duties: Sequence[Provision], checks: Sequence[Check], bearers: set[str], knowledge: Knowledge, day: datetime.date
) -> list[Objective]:
    """What the audience itself must do first, then what it must know, recognize and check."""
    own = sorted(duties, key=lambda p: not any(b in (p.bearer or "") for b in bearers))
    found: list[Objective] = []
    for provision in own:
        gist = _told(provision, knowledge, day)
        if not gist or len(found) == OBJECTIVES - 1:
            continue
        aim = "认得出这种重大事故隐患" if provision.major_hazard else "说得清这条要求"
        heading = f"（{provision.heading}）" if provision.heading else ""
        found.append(Objective(text=f"{aim}{heading}：{gist}", citations=cited([provision])))
    if checks:
        grounds = [knowledge.provisions[i] for i in checks[0].basis]
        law = [p for p in grounds if p.document.is_in_force(day)]
        found.append(Objective(text=f"能在现场查明：{checks[0].ask}", citations=cited(law)))
    return found


def _told(provision: Provision, knowledge: Knowledge, day: datetime.date) -> str:
    """What a provision requires, on one line; empty where the snapshot holds no gist of it."""
    return " ".join((provision_out(provision, knowledge, day).gist or "").split("\n"))


def _discussion(
    cases: Sequence[Case],
    checks: Sequence[Check],
    audience: str,
    knowledge: Knowledge,
    day: datetime.date,
    rng: random.Random,
) -> list[Discussion]:
    """For each story one question of one of three kinds, then one on the trainee's own workplace."""
    found = []
    for case in cases:
        kinds = [_what_was_missed(case, knowledge, day), _what_it_costs(case, knowledge, day)]
        possible = [d for d in kinds if d]
        found += [rng.choice(possible)] if possible else []
    for check in checks[:2]:
        grounds = [p for p in (knowledge.provisions[i] for i in check.basis) if p.document.is_in_force(day)]
        question = f"你是{audience}，在自己的岗位上查“{check.ask}”，答案是“否”，接下来怎么做？"
        found.append(Discussion(question=question, hint=check.fix, citations=cited(grounds)))
    return found


def _what_was_missed(case: Case, knowledge: Knowledge, day: datetime.date) -> Discussion | None:
    for provision in _broken([case], knowledge, day):
        gist = _told(provision, knowledge, day)
        if gist and provision.modality != "penalty":
            question = f"“{case.title}”：哪一步做到了就不会走到这个结果？是谁该做的？"
            return Discussion(question=question, hint=f"{gist}{case.lesson}", citations=cited([provision]))
    return None


def _what_it_costs(case: Case, knowledge: Knowledge, day: datetime.date) -> Discussion | None:
    basis = [knowledge.provisions[i] for i in case.penalty_basis]
    basis += [knowledge.provisions[i] for p in _broken([case], knowledge, day) for i in p.penalized_by]
    for provision in basis:
        ranges = penalty_out(provision, knowledge, day).ranges
        if ranges and provision.document.is_in_force(day):
            question = f"“{case.title}”：按今天的规定，单位和个人各要承担什么？限期内改好和逾期不改差在哪里？"
            return Discussion(question=question, hint="；".join(ranges) + "。", citations=cited([provision]))
    return None
