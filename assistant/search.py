"""Question → ranked provisions, checks and cases, each with its why; or the plain word that nothing here answers it.

:mod:`assistant.features` gathers the evidence, :mod:`assistant.ranking` weighs it, :mod:`assistant.reasons` tells it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from assistant import ranking
from assistant.answerable import Doubt, Sayings, doubt, names_subjects, signs
from assistant.doors import Scores
from assistant.entities import Outside, Provision
from assistant.features import Evidence, Features
from assistant.knowledge import Knowledge
from assistant.models import Answer, CaseOut, CheckOut, Nearest, ProvisionOut, case_out, check_out, provision_out
from assistant.question import Question, understand
from assistant.reasons import Reasons
from kg_build.indexes import Kind
from kg_build.tagging import Tagger

NOTHING = "资料库中没有直接依据。"
UNWRITTEN = "资料库没有写到"
PERHAPS = "资料库里不一定有直接写到这一点的条款。"
GAP = "gap-"
PAIRED = 5
"""Who asks for a fine is shown, among so many first, a duty whose breach the first provision punishes."""
NEAREST = 3
EASE = 3.0
"""How far a learned score must fall behind the best for the shown one to fall to about a third."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with the score of every entry (to be compared within a kind) and the evidence for it."""

    question: Question
    scores: Scores
    evidence: Evidence
    best: dict[str, float]
    """The highest score of each kind."""


class Searcher:
    """Answers questions from one snapshot; safe to use from several threads."""

    def __init__(self, knowledge: Knowledge, tagger: Tagger, weights: ranking.Ranking | None = None) -> None:
        self.knowledge = knowledge
        self.tagger = tagger
        self.features = Features(knowledge)
        self.ranking = weights or ranking.shipped()
        self.reasons = Reasons(knowledge, self.features)
        self.kinds = np.array([kind for _, kind in knowledge.entries])
        # What is missing inside a scene is told from what is no matter of safety at work by its id.
        self.far = np.array([not i.startswith(GAP) for i, _ in knowledge.entries])
        self._sayings = Sayings(self.kinds, self.far)
        self._punished: dict[int, list[int]] = {}
        for duty, penal in self.features.penalties():
            # What makes a hazard a major one puts no duty on anyone.
            if not any(part.major_hazard for part in knowledge.below(knowledge.provision_by_id[knowledge.entries[duty][0]])):
                self._punished.setdefault(penal, []).append(duty)
        # The law that punishes says what it punishes; what lies under it only says it in more detail.
        for penal, duties in self._punished.items():
            self._punished[penal] = [d for d in duties if self._same_document(d, penal)] or duties
        self._of_kind = {kind: np.flatnonzero(self.kinds == kind) for kind in ("provision", "check", "case", "outside")}

    def ask(self, text: str, day: datetime.date, *, provisions: int = 20, checks: int = 8, cases: int = 5) -> Answer:
        """Answer a question with the law of ``day``; raise :class:`UsageError` when the question can't be searched."""
        ranked = self.rank(text, day)
        question = ranked.question
        notices = list(question.notices)
        unsure = self.doubt(ranked)
        nearest = self._nearest(ranked, unsure, day) if unsure and unsure.sure else None
        if unsure and not unsure.sure:
            notices.insert(0, self._told_unsure(unsure))
        if nearest:
            told = f"{NOTHING}这个问题像是在问“{nearest.topic}”，{nearest.where}。" if nearest.topic else NOTHING
            notices.insert(0, told)
        if self.knowledge.notice:
            notices.append(self.knowledge.notice)
        return Answer(
            q=text,
            as_of=day,
            answered=nearest is None,
            nearest=nearest,
            provisions=[] if nearest else self._provisions(ranked, day, provisions),
            checks=[] if nearest else self._checks(ranked, day, checks),
            cases=[] if nearest else self._cases(ranked, day, cases),
            understood=self.reasons.understood(question),
            notices=notices,
        )

    def rank(self, text: str, day: datetime.date) -> Ranked:
        """Score every entry for a question; what is not law on the day is out."""
        question = understand(text, self.knowledge, self.tagger, day)
        evidence = self.features.evidence(question, day)
        scores = self.ranking.scores(evidence, self.kinds, vectors=evidence.near is not None)
        scores[~self.features.lawful(day)] = -np.inf
        if question.wants_penalty:
            self._pair(scores)
        best = {kind: float(scores[mine].max(initial=-np.inf)) for kind, mine in self._of_kind.items()}
        return Ranked(question, scores, evidence, best)

    def _pair(self, scores: Scores) -> None:
        first = self.top(scores, "provision", PAIRED)
        duties = [d for d in self._punished.get(first[0], ()) if np.isfinite(scores[d])] if len(first) == PAIRED else []
        if duties and not set(duties) & set(first):
            # Behind all but the last: what stands before it may be what was asked for.
            scores[max(duties, key=lambda d: float(scores[d]))] = (scores[first[-2]] + scores[first[-1]]) / 2

    def _same_document(self, one: int, other: int) -> bool:
        entries, provisions = self.knowledge.entries, self.knowledge.provision_by_id
        return provisions[entries[one][0]].document is provisions[entries[other][0]].document

    def top(self, scores: Scores, kind: Kind, limit: int) -> list[int]:
        """Indexes of the best entries of a kind."""
        mine = self._of_kind[kind]
        mine = mine[np.isfinite(scores[mine])]
        return [int(mine[n]) for n in np.argsort(-scores[mine], kind="stable")[:limit]]

    def doubt(self, ranked: Ranked) -> Doubt | None:
        """Why nothing here answers the question; ``None`` when something does."""
        question = ranked.question
        if question.cited or question.cited_documents or question.possible or question.notices:
            return None
        if ranked.evidence.near is None or names_subjects(question):
            return None
        best = self._leading(ranked)
        # What is missing is missing from the law in force: what an earlier law said answers for its own day.
        first = self.knowledge.provision_by_id[self.knowledge.entries[best[0]][0]] if best else None
        if first and not first.document.is_in_force(datetime.date.today()):
            return None
        return doubt(ranked.evidence, self._signs(ranked, best), self.kinds, self.far)

    def signs(self, ranked: Ranked) -> Scores:
        """What tells whether the question can be answered."""
        return self._signs(ranked, self._leading(ranked))

    def _leading(self, ranked: Ranked) -> list[int]:
        return self.top(ranked.scores, "provision", 5)

    def _signs(self, ranked: Ranked, best: list[int]) -> Scores:
        covered = self.features.covered(ranked.question, best[0]) if best else 0.0
        stating = self.features.states_amount(ranked.question)
        return signs(ranked.question, ranked.evidence, best, self.kinds, self._sayings, covered, stating)

    def why(self, ranked: Ranked, index: int) -> str:
        """One line a layman understands: what led to this result."""
        return self.reasons.why(ranked.question, ranked.evidence, index)

    def _told_unsure(self, unsure: Doubt) -> str:
        topic = self._topic(unsure)
        if topic is None:
            return f"{PERHAPS}下面是最接近的，请对照内容再用。"
        return f"{UNWRITTEN}“{topic.topic}”，{topic.where}。下面是最接近的条款，不一定答得上这一点。"

    def _topic(self, unsure: Doubt) -> Outside | None:
        return None if unsure.outside is None else self.knowledge.outside[self.knowledge.entries[unsure.outside][0]]

    def _nearest(self, ranked: Ranked, unsure: Doubt, day: datetime.date) -> Nearest:
        knowledge = self.knowledge
        topic = self._topic(unsure)
        found = []
        for index in self.top(ranked.scores, "provision", NEAREST):
            provision = knowledge.provision_by_id[knowledge.entries[index][0]]
            score, why = self.shown(ranked, index), self.why(ranked, index)
            found.append(provision_out(provision, knowledge, day, score=score, why=why))
        scenes = [m.label for m in ranked.question.mentions if m.kind in ("scene", "tag", "topic")]
        checks = (knowledge.checks[knowledge.entries[i][0]] for i in self.top(ranked.scores, "check", 2))
        scenes += [knowledge.label(check.scene) for check in checks]
        return Nearest(
            topic=topic.topic if topic else None,
            where=topic.where if topic else None,
            subjects=list(dict.fromkeys(scenes))[:NEAREST],
            provisions=found,
        )

    def shown(self, ranked: Ranked, index: int) -> float:
        """A score between 0 and 1: 1 for the best of its kind."""
        best = ranked.best[self.knowledge.entries[index][1]]
        return float(np.exp((float(ranked.scores[index]) - best) / EASE))

    def _provisions(self, ranked: Ranked, day: datetime.date, limit: int) -> list[ProvisionOut]:
        knowledge, question = self.knowledge, ranked.question
        shown: dict[str, ProvisionOut] = {}
        for provision in question.cited:
            shown[provision.id] = provision_out(provision, knowledge, day, score=1.0, why="问题直接引用了这一条")
        for provision in question.possible:
            why = "问题写的条款不能完全对上，这是最接近的一条"
            shown.setdefault(provision.id, provision_out(provision, knowledge, day, score=1.0, why=why))
        for document in question.cited_documents:
            if len(question.text) <= len(knowledge.documents[document].title) + 8:
                for provision in self._articles(document)[: max(0, limit - len(shown))]:
                    shown[provision.id] = provision_out(provision, knowledge, day, score=1.0, why="问题点名了这份文件")
        taken = {knowledge.article_of(knowledge.provision_by_id[i]).iri for i in shown}
        ceiling = 0.99 if shown else 1.0
        for index in self.top(ranked.scores, "provision", limit + len(taken)):
            article = knowledge.provision_by_id[knowledge.entries[index][0]]
            if len(shown) >= limit:
                break
            # The row of a table is an entry of its own.
            if article.iri in taken or article.id in shown:
                continue
            part = self.reasons.part(ranked.evidence, index)
            score = ceiling * self.shown(ranked, index)
            shown[part.id] = provision_out(part, knowledge, day, score=score, why=self.why(ranked, index))
        return list(shown.values())

    def _articles(self, document: str) -> list[Provision]:
        knowledge = self.knowledge
        return [knowledge.provisions[i] for i in knowledge.children.get(knowledge.documents[document].iri, [])]

    def _checks(self, ranked: Ranked, day: datetime.date, limit: int) -> list[CheckOut]:
        found = []
        for index in self.top(ranked.scores, "check", limit):
            check = self.knowledge.checks[self.knowledge.entries[index][0]]
            score, why = self.shown(ranked, index), self.why(ranked, index)
            found.append(check_out(check, self.knowledge, day, why=why, score=score))
        return [c for c in found if c.basis]

    def _cases(self, ranked: Ranked, day: datetime.date, limit: int) -> list[CaseOut]:
        found = []
        for index in self.top(ranked.scores, "case", limit):
            case = self.knowledge.cases[self.knowledge.entries[index][0]]
            score, why = self.shown(ranked, index), self.why(ranked, index)
            found.append(case_out(case, self.knowledge, day, why=why, score=score))
        return found
