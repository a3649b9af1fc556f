"""A situation in plain words → similar published cases, what they violated, what it cost; and what they have in common."""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel

from assistant.models import CaseOut, ProvisionOut, case_out, provision_out, yuan
from assistant.search import Searcher

SURELY = 0.9
"""How sure it must be that a situation is about something else, for no case to be shown."""


class CommonProvision(BaseModel):
    """A provision that several of the similar cases broke."""

    provision: ProvisionOut
    cases: int


class SimilarCases(BaseModel):
    """Similar cases with what they share and what they cost."""

    q: str
    as_of: datetime.date
    cases: list[CaseOut]
    common: list[CommonProvision]
    amounts: str
    understood: list[str]
    notices: list[str]


def similar_cases(
    searcher: Searcher, text: str, day: datetime.date, *, limit: int = 8, kinds: Sequence[str] = (), shanghai: bool = False
) -> SimilarCases:
    """Cases like the situation ``text``; ``kinds`` and ``shanghai`` narrow them.

    A case is similar by its words and meaning, by the tags and scenes it shares, and because it broke a provision that
    the situation would break. Raise :class:`UsageError` when the text can't be searched.
    """
    knowledge = searcher.knowledge
    ranked = searcher.rank(text, day)
    question, scores = ranked.question, ranked.scores
    unsure = searcher.doubt(ranked)
    elsewhere = unsure is not None and unsure.outside is not None and unsure.probability >= SURELY
    found = []
    likely = {knowledge.entries[index][0] for index in searcher.top(scores, "provision", 8)}
    for index in () if elsewhere else searcher.top(scores, "case", len(knowledge.cases)):
        case = knowledge.cases[knowledge.entries[index][0]]
        if (kinds and case.type not in kinds) or (shanghai and not case.in_shanghai):
            continue
        why = searcher.why(ranked, index)
        shared = [p for p in (knowledge.article_of(knowledge.provisions[i]) for i in case.cited) if p.id in likely]
        if shared:
            why += f"；都涉及{shared[0].citation}"
        found.append(case_out(case, knowledge, day, why=why, score=searcher.shown(ranked, index)))
        if len(found) == limit:
            break
    counted = Counter(i for out in found for i in {p.id for p in (*out.violated, *out.corresponds)})
    common = [
        CommonProvision(provision=provision_out(knowledge.provision_by_id[i], knowledge, day), cases=n)
        for i, n in counted.most_common(8)
        if n >= 2
    ]
    notices = list(question.notices)
    if not found:
        notices.append("资料库中没有相近的案例；可以换个说法，写明作业、设备或后果。")
    return SimilarCases(
        q=text,
        as_of=day,
        cases=found,
        common=common,
        amounts=_amounts(found),
        understood=searcher.reasons.understood(question),
        notices=notices,
    )


def _amounts(cases: Sequence[CaseOut]) -> str:
    published = sorted(c.amount for c in cases if c.amount is not None)
    if not published:
        return "这些案例没有公布对单位的罚款数额。"
    silent = len(cases) - len(published)
    tail = f"；另有 {silent} 件未公布数额" if silent else ""
    if len(published) == 1:
        return f"公布对单位罚款数额的 1 件，为{yuan(published[0])}{tail}。"
    middle = statistics.median(published)
    span = f"{yuan(published[0])}至{yuan(published[-1])}"
    return f"公布对单位罚款数额的 {len(published)} 件，{span}，中位数{yuan(middle)}{tail}。"
