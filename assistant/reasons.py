"""Tells what led to a result: in one line a layman understands, and by the part of the article that is meant."""

from __future__ import annotations

from assistant.entities import Provision
from assistant.features import Evidence, Features
from assistant.knowledge import Knowledge
from assistant.question import Question

MOST = 3
CLOSE = 60
"""Among how many of all entries a check or case must be, to be told as what led to a result."""
LEAD = 0.03
"""By how much (cosine) the part that answers best must lead the next, to stand for its article."""


class Reasons:
    """Explains results over one snapshot."""

    def __init__(self, knowledge: Knowledge, features: Features) -> None:
        self.knowledge = knowledge
        self._carriers = {concept: frozenset(found.tolist()) for concept, found in features.carriers.items()}

    def understood(self, question: Question) -> list[str]:
        """What was recognized in the question, in plain words."""
        seen: dict[str, str] = {}
        for mention in question.mentions:
            seen.setdefault(mention.concept_iri, f"“{mention.text}” → {mention.label}")
        return list(seen.values())

    def why(self, question: Question, evidence: Evidence, index: int) -> str:
        """What led to an entry, the most telling first."""
        reasons = []
        words = {m.concept_iri: m for m in question.mentions}
        mine = [m for iri, m in words.items() if index in self._carriers.get(iri, ())]
        if mine:
            # The longest words say most; one line for each of them.
            said_of = {m.text: m.label for m in sorted(mine, key=lambda m: -len(m.text))}
            told = [f"问到“{t}”" if t == label else f"“{t}”属于“{label}”" for t, label in list(said_of.items())[:2]]
            reasons.append("，".join(told))
        said, near = self._said(evidence, index)
        told_near = float(evidence.column("near_told")[index]) if evidence.near else 0.0
        if said and near >= told_near:
            reasons.append(f"和常见的问法“{said}”意思相近")
        reasons += self._doors(evidence, index)
        if not reasons and evidence.near is not None:
            reasons.append("规定的内容与问题意思相近")
        if evidence.column("words_told")[index] >= 0.35:
            reasons.append("用词与问题相同")
        return "；".join(reasons[:MOST]) or "与问题有部分相同的用词或意思"

    def part(self, evidence: Evidence, index: int) -> Provision:
        """The paragraph or item that answers, when one clearly does; else the whole article."""
        knowledge = self.knowledge
        article = knowledge.provision_by_id[knowledge.entries[index][0]]
        if evidence.near is None or knowledge.dense is None:
            return article
        says, cosines = knowledge.says[index], knowledge.dense.says_near(evidence.near, index)
        parts = {s: p for p in knowledge.below(article) for s in p.says}
        best: dict[str, float] = {}
        for said, cosine in zip(says, cosines.tolist(), strict=True):
            if said in parts:
                best[parts[said].id] = max(best.get(parts[said].id, -1.0), cosine)
        order = sorted(best, key=lambda i: -best[i])
        if not order or best[order[0]] < float(evidence.near.told[index]):
            return article
        if len(order) > 1 and best[order[0]] - best[order[1]] < LEAD:
            return article
        return knowledge.provision_by_id[order[0]]

    def _said(self, evidence: Evidence, index: int) -> tuple[str | None, float]:
        knowledge = self.knowledge
        if evidence.near is None or knowledge.dense is None or not knowledge.says[index]:
            return None, 0.0
        cosines = knowledge.dense.says_near(evidence.near, index)
        return knowledge.says[index][int(cosines.argmax())], float(cosines.max())

    def _doors(self, evidence: Evidence, index: int) -> list[str]:
        knowledge, found = self.knowledge, []
        duty = int(evidence.opened_by["penalty"][index])
        if duty >= 0:
            found.append(f"是{knowledge.provision_by_id[knowledge.entries[duty][0]].citation}的罚则")
        check = int(evidence.opened_by["check"][index])
        if check >= 0 and self._is_near(evidence, check):
            found.append(f"检查项“{knowledge.checks[knowledge.entries[check][0]].ask}”以此为依据")
        case = int(evidence.opened_by["case"][index])
        if case >= 0 and self._is_near(evidence, case):
            found.append(f"案例“{knowledge.cases[knowledge.entries[case][0]].title}”违反这一条")
        return found

    def _is_near(self, evidence: Evidence, door: int) -> bool:
        """Whether a door is among the nearest of all entries: a far one led nowhere."""
        column = evidence.column("near_best" if evidence.near is not None else "words_told")
        return int((column > column[door]).sum()) < CLOSE
