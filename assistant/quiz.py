"""Topic → quiz: questions made from the snapshot's provisions, sanctions and checks, each with a key that cites one."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable

from pydantic import BaseModel

from assistant.entities import Check, Provision
from assistant.knowledge import Knowledge
from assistant.question import clean
from assistant.quiz_families import Families
from assistant.quiz_question import Draft, QuizQuestion, likeness
from kg_build.errors import UsageError
from kg_build.tagging import Tagger

MAX_COUNT = 200
ALIKE = 0.7
FEW = 12
# The turn each kind of question takes, so that a quiz is mixed whatever its length.
TURNS = (
    "governs/single",
    "items/multiple",
    "number/judgement",
    "fine/single",
    "number/single",
    "major/judgement",
    "grounds/multiple",
    "fine/judgement",
    "major/single",
)


class Quiz(BaseModel):
    """A quiz; ``notices`` say so when fewer questions could be made than asked."""

    topic: str
    as_of: datetime.date | None
    seed: int
    asked: int
    questions: list[QuizQuestion]
    understood: list[str]
    notices: list[str]


def quiz(
    knowledge: Knowledge,
    topic: str,
    count: int,
    seed: int = 0,
    *,
    day: datetime.date | None = None,
    tagger: Tagger | None = None,
) -> Quiz:
    """Up to ``count`` questions on a topic with the law of ``day`` (all that is not repealed, without one).

    The same snapshot, topic and seed give the same quiz. Raise :class:`UsageError` when there is nothing to ask about.
    """
    if not 1 <= count <= MAX_COUNT:
        raise UsageError(f"一次可以出 1 到 {MAX_COUNT} 道题，不能出 {count} 道；请改题数。")
    words = clean(topic)
    provisions, checks, understood = material(knowledge, words, tagger or Tagger.from_graph(knowledge.graph))
    families = Families(knowledge, provisions, checks, day)
    queues: dict[str, list[Draft]] = {turn: [] for turn in TURNS}
    for draft in sorted(families.drafts(), key=lambda d: (d.fact, d.words)):
        queues[f"{draft.family}/{draft.kind}"].append(draft)
    for turn, queue in queues.items():
        random.Random(f"{seed}/{turn}").shuffle(queue)
    questions: list[QuizQuestion] = []
    asked: dict[str, str] = {}
    while len(questions) < count and any(queues.values()):
        for queue in queues.values():
            question = _next(queue, asked, seed) if len(questions) < count else None
            if question:
                questions.append(question.model_copy(update={"number": len(questions) + 1}))
    if not questions:
        raise UsageError(f"资料库里没有能围绕“{words}”出题的条款；请换一个主题，例如“有限空间”“粉尘涉爆”“动火作业”。")
    notices = []
    if len(questions) < count:
        notices.append(f"围绕“{words}”只能出 {len(questions)} 道互不重复、有条款可依的题，少于要求的 {count} 道。")
    return Quiz(topic=words, as_of=day, seed=seed, asked=count, questions=questions, understood=understood, notices=notices)


def _next(queue: list[Draft], asked: dict[str, str], seed: int) -> QuizQuestion | None:
    """The next question of a queue that asks a new fact in words unlike those before."""
    while queue:
        draft = queue.pop()
        if draft.fact in asked or any(likeness(draft.words, words) > ALIKE for words in asked.values()):
            continue
        question = draft.make(random.Random(f"{seed}/{draft.family}/{draft.kind}/{draft.fact}"))
        if question:
            asked[draft.fact] = draft.words
            return question
    return None


def material(knowledge: Knowledge, topic: str, tagger: Tagger) -> tuple[list[Provision], list[Check], list[str]]:
    """What the snapshot holds on a topic: provisions, checks, and how the topic was understood.

    What carries the topic's tags or scenes, the grounds of such checks, and the penal provisions for any of these; where
    the topic names no concept, what shares its words.
    """
    mentions = [m for m in tagger.tag(topic) if m.kind in ("tag", "scene")]
    concepts = {i for m in mentions for i in knowledge.narrower(m.concept_iri)}
    provisions = [p for p in knowledge.provisions.values() if concepts.intersection((*p.tags, *p.scenes))]
    checks = [c for c in knowledge.checks.values() if concepts.intersection((*c.tags, c.scene))]
    if not provisions and not checks:
        provisions, checks = _by_words(knowledge, topic)
    grounds = [knowledge.provisions[i] for c in checks for i in c.basis]
    found = {p.iri: p for p in (*provisions, *grounds)}
    penal = {i for p in found.values() for i in p.penalized_by} | {i for c in checks for i in c.penalized_by}
    found |= {i: knowledge.provisions[i] for i in penal}
    understood = list(dict.fromkeys(f"“{m.text}” → {m.label}" for m in mentions))
    return list(found.values()), checks, understood


def _by_words(knowledge: Knowledge, topic: str) -> tuple[list[Provision], list[Check]]:
    scores = knowledge.lexical.scores(topic)
    best = sorted(((float(s), knowledge.entries[n]) for n, s in enumerate(scores) if s > 0), reverse=True)[:FEW]
    articles = [knowledge.provision_by_id[i] for _, (i, kind) in best if kind == "provision"]
    provisions: Iterable[Provision] = (p for a in articles for p in knowledge.below(a))
    return list(provisions), [knowledge.checks[i] for _, (i, kind) in best if kind == "check"]
