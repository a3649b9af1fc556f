"""Question → ranked provisions, checks and cases, each with its why.

Recall on words (BM25), on meaning (vectors) and over the graph (recognized tags and scenes lead to what carries them;
a check or case that matches leads to its grounds); fused into one score an entry; then explained.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.entities import Case, Check, Provision
from assistant.knowledge import Knowledge
from assistant.models import Answer, CaseOut, CheckOut, ProvisionOut, case_out, check_out, provision_out
from assistant.question import Question, understand
from kg_build.tagging import Tagger

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts. Set by judgment on a few dozen questions, not yet learned from labels."""

    lexical: float = 0.40
    dense: float = 0.60
    tag: float = 0.20
    scene: float = 0.10
    together: float = 0.40
    check_door: float = 0.35
    case_door: float = 0.20
    penalty_door: float = 0.55
    penal_unasked: float = 0.80
    untold: float = 0.80
    superseded: float = 0.85


@dataclass(slots=True)
class Evidence:
    """What speaks for one entry."""

    lexical: float = 0.0
    dense: float = 0.0
    tags: list[str] = field(default_factory=list)
    doors: list[str] = field(default_factory=list)
    parts: Counter[str] = field(default_factory=Counter)


class Searcher:
    """Answers questions from one snapshot; safe to use from several threads."""

    def __init__(self, knowledge: Knowledge, tagger: Tagger, weights: Weights | None = None) -> None:
        self.knowledge = knowledge
        self.tagger = tagger
        self.weights = weights or Weights()
        self._article_entry = {
            knowledge.provision_by_id[i].iri: n for n, (i, kind) in enumerate(knowledge.entries) if kind == "provision"
        }
        self._kinds = np.array([kind for _, kind in knowledge.entries])
        self._carriers = self._index_carriers()
        self._untold, self._penal = self._modalities()

    def ask(self, text: str, day: datetime.date, *, provisions: int = 20, checks: int = 8, cases: int = 5) -> Answer:
        """Answer a question with the law of ``day``; raise :class:`UsageError` when the question can't be searched."""
        question = understand(text, self.knowledge, self.tagger, day)
        scores, evidence = self.score(question, day)
        notices = list(question.notices)
        if self.knowledge.notice:
            notices.append(self.knowledge.notice)
        return Answer(
            q=text,
            as_of=day,
            provisions=self._provisions(question, scores, evidence, day, provisions),
            checks=self._checks(question, scores, evidence, day, checks),
            cases=self._cases(question, scores, evidence, day, cases),
            understood=self.understood(question),
            notices=notices,
        )

    def score(self, question: Question, day: datetime.date) -> tuple[Scores, dict[int, Evidence]]:
        """The fused score of every entry, and the evidence behind each that has any."""
        base, evidence = self._recall(question)
        fused = self._expand(question, base, evidence)
        self._temper(question, fused, day)
        return fused, evidence

    def _recall(self, question: Question) -> tuple[Scores, dict[int, Evidence]]:
        knowledge, weights = self.knowledge, self.weights
        evidence: dict[int, Evidence] = defaultdict(Evidence)
        lexical = knowledge.lexical.scores(question.text)
        if lexical.max(initial=0) > 0:
            lexical = lexical / lexical.max()
        encoder = knowledge.encoder
        if encoder is not None and knowledge.dense is not None:
            cosine = knowledge.dense.scores(encoder.encode_queries([question.text]))
            near = cosine[cosine > 0]
            # e5 cosines crowd between 0.75 and 0.9: what tells is the place between the nearest and the crowd.
            floor, top = float(np.median(near)), float(near.max())
            dense = np.clip((cosine - floor) / max(top - floor, 1e-6), 0, 1)
            base = weights.lexical * lexical + weights.dense * dense
        else:
            dense = np.zeros_like(lexical)
            base = lexical.copy()
        for index in np.flatnonzero(base > 0.05):
            found = evidence[int(index)]
            found.lexical, found.dense = float(lexical[index]), float(dense[index])
        return base.astype(np.float32), evidence

    def _expand(self, question: Question, base: Scores, evidence: dict[int, Evidence]) -> Scores:
        """Add what the graph knows: concepts, and checks and cases as doors to their grounds."""
        weights, knowledge = self.weights, self.knowledge
        fused = base.copy()
        for concept in question.concepts:
            carriers = self._carriers.get(concept)
            if not carriers:
                continue
            rarity = 1 - math.log(1 + len(carriers)) / math.log(1 + len(knowledge.entries))
            kind = knowledge.concepts[concept].kind
            share = (weights.tag if kind == "RiskTag" else weights.scene) * rarity
            for index in carriers:
                fused[index] += share
                evidence[index].tags.append(concept)
        self._reward_together(question, fused)
        doors: dict[int, float] = defaultdict(float)
        for index in self.top(fused, "check", 12):
            check = knowledge.checks[knowledge.entries[index][0]]
            for place, iri in enumerate(check.basis):
                self._open(iri, weights.check_door * float(fused[index]) * (0.8**place), check.ask, doors, evidence)
        for index in self.top(fused, "case", 6):
            case = knowledge.cases[knowledge.entries[index][0]]
            for iri in case.cited:
                self._open(iri, weights.case_door * float(fused[index]), f"案例：{case.title}", doors, evidence)
        for target, gain in doors.items():
            fused[target] += gain
        if question.wants_penalty:
            penal: dict[int, float] = defaultdict(float)
            for index in self.top(fused, "provision", 5):
                article = knowledge.provision_by_id[knowledge.entries[index][0]]
                for part in knowledge.below(article):
                    for iri in part.penalized_by:
                        gain = weights.penalty_door * float(fused[index])
                        self._open(iri, gain, f"{article.citation}的罚则", penal, evidence)
            for target, gain in penal.items():
                fused[target] += gain
        return fused

    def _reward_together(self, question: Question, fused: Scores) -> None:
        """A question about 有限空间 and 作业审批 means what is about both, not what is about either."""
        tags = [c for c in question.concepts if self.knowledge.concepts[c].kind == "RiskTag" and c in self._carriers]
        if len(tags) < 2:
            return
        shared = Counter(index for tag in tags for index in self._carriers[tag])
        for index, count in shared.items():
            fused[index] += self.weights.together * (count - 1) / (len(tags) - 1)

    def _open(self, iri: str, gain: float, door: str, doors: dict[int, float], evidence: dict[int, Evidence]) -> None:
        provision = self.knowledge.provisions[iri]
        article = self.knowledge.article_of(provision).iri
        target = self._article_entry.get(iri, self._article_entry.get(article))
        if target is None:
            return
        # Many weak doors must not outweigh one strong match: the best counts whole, each further one a fifth.
        doors[target] = max(doors[target], gain) + 0.2 * min(doors[target], gain)
        evidence[target].doors.append(door)
        evidence[target].parts[iri] += 1

    def _temper(self, question: Question, fused: Scores, day: datetime.date) -> None:
        """Lower what is unlikely to be meant, and drop what is not law on the day."""
        fused *= self._factors(day)
        if not question.wants_penalty:
            fused[self._penal] *= self.weights.penal_unasked

    @functools.lru_cache(maxsize=64)  # noqa: B019 - one searcher a snapshot, and few days are asked for
    def _factors(self, day: datetime.date) -> Scores:
        """What each entry's score is multiplied by on a day, whatever the question."""
        weights, knowledge = self.weights, self.knowledge
        factors = np.ones(len(knowledge.entries), dtype=np.float32)
        below = {d.id: weights.superseded if knowledge.superseding(d, day) else 1.0 for d in knowledge.documents.values()}
        for iri, index in self._article_entry.items():
            document = knowledge.provisions[iri].document
            factors[index] = below[document.id] if document.is_in_force(day) and document.applies_here else 0
        factors[self._untold] *= weights.untold
        return factors

    def _modalities(self) -> tuple[list[int], list[int]]:
        """Indexes of articles nothing is told of, and of those that only punish."""
        untold, penal = [], []
        for iri, index in self._article_entry.items():
            told = {p.modality for p in self.knowledge.below(self.knowledge.provisions[iri]) if p.modality}
            if not told:
                untold.append(index)
            elif told == {"penalty"}:
                penal.append(index)
        return untold, penal

    def top(self, scores: Scores, kind: str, limit: int) -> list[int]:
        """Indexes of the best entries of a kind."""
        mine = np.where(self._kinds == kind, scores, 0)
        order = np.argsort(-mine, kind="stable")[:limit]
        return [int(i) for i in order if mine[i] > 0.05]

    def _index_carriers(self) -> dict[str, set[int]]:
        knowledge = self.knowledge
        carriers: dict[str, set[int]] = defaultdict(set)
        for provision in knowledge.provisions.values():
            index = self._article_entry.get(knowledge.article_of(provision).iri)
            if index is not None:
                for concept in (*provision.tags, *provision.scenes):
                    carriers[concept].add(index)
        for check in knowledge.checks.values():
            for concept in (*check.tags, check.scene):
                carriers[concept].add(knowledge.position[(check.id, "check")])
        for case in knowledge.cases.values():
            for concept in (*case.tags, *case.scenes):
                carriers[concept].add(knowledge.position[(case.id, "case")])
        return dict(carriers)

    # --- explaining -------------------------------------------------------------------------------------------------

    def understood(self, question: Question) -> list[str]:
        """What was recognized in the question, in plain words."""
        seen: dict[str, str] = {}
        for mention in question.mentions:
            seen.setdefault(mention.concept_iri, f"“{mention.text}” → {mention.label}")
        return list(seen.values())

    def why(self, question: Question, found: Evidence) -> str:
        """One line a layman understands: what led to this result."""
        reasons = []
        words = {m.concept_iri: m for m in question.mentions}
        told = [f"“{words[t].text}”属于“{words[t].label}”" for t in dict.fromkeys(found.tags) if t in words]
        if told:
            reasons.append("，".join(told[:2]))
        if found.doors:
            door = found.doors[0]
            reasons.append(
                f"由{door}引出" if door.endswith("罚则") or door.startswith("案例") else f"检查项“{door}”以此为依据"
            )
        if found.dense >= 0.7:
            reasons.append("意思与问题相近")
        if found.lexical >= 0.5:
            reasons.append("用词与问题相同")
        return "；".join(reasons) or "与问题有部分相同的用词或意思"

    def _provisions(
        self, question: Question, scores: Scores, evidence: dict[int, Evidence], day: datetime.date, limit: int
    ) -> list[ProvisionOut]:
        knowledge = self.knowledge
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
        order = self.top(scores, "provision", limit + len(taken))
        best = float(scores[order[0]]) if order else 1.0
        for index in order:
            article = knowledge.provision_by_id[knowledge.entries[index][0]]
            if len(shown) >= limit:
                break
            # The row of a table is an entry of its own.
            if article.iri in taken or article.id in shown:
                continue
            part = self._best_part(article, evidence[index], question)
            score = float(scores[index]) / max(best, 1e-6) * (0.99 if shown else 1.0)
            shown[part.id] = provision_out(part, knowledge, day, score=score, why=self.why(question, evidence[index]))
        return list(shown.values())

    def _articles(self, document: str) -> list[Provision]:
        knowledge = self.knowledge
        return [knowledge.provisions[i] for i in knowledge.children.get(knowledge.documents[document].iri, [])]

    def _best_part(self, article: Provision, found: Evidence, question: Question) -> Provision:
        """The paragraph or item that answers, when one clearly does; else the whole article."""
        knowledge = self.knowledge
        if found.parts:
            (iri, count), *rest = found.parts.most_common(2)
            # Doors to several parts mean the article as a whole, unless one part clearly leads.
            return knowledge.provisions[iri] if not rest or count >= 2 * rest[0][1] else article
        wanted = _bigrams(question.text + "".join(knowledge.label(t) for t in found.tags))
        parts = [p for p in knowledge.below(article) if p.iri != article.iri]
        overlaps = sorted(
            ((len(wanted & _bigrams((p.gist or "") + (p.official_text or "") + "".join(p.says))), p.id) for p in parts),
            reverse=True,
        )
        if overlaps and overlaps[0][0] >= 3 and (len(overlaps) == 1 or overlaps[0][0] >= overlaps[1][0] + 2):
            return knowledge.provision_by_id[overlaps[0][1]]
        return article

    def _checks(
        self, question: Question, scores: Scores, evidence: dict[int, Evidence], day: datetime.date, limit: int
    ) -> list[CheckOut]:
        found = []
        for index in self.top(scores, "check", limit):
            check: Check = self.knowledge.checks[self.knowledge.entries[index][0]]
            why = self.why(question, evidence[index])
            found.append(check_out(check, self.knowledge, day, why=why, score=float(scores[index])))
        return [c for c in found if c.basis]

    def _cases(
        self, question: Question, scores: Scores, evidence: dict[int, Evidence], day: datetime.date, limit: int
    ) -> list[CaseOut]:
        found = []
        for index in self.top(scores, "case", limit):
            case: Case = self.knowledge.cases[self.knowledge.entries[index][0]]
            why = self.why(question, evidence[index])
            found.append(case_out(case, self.knowledge, day, why=why, score=float(scores[index])))
        return found


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
