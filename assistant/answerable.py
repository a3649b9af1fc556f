"""Whether the corpus answers a question at all: a logistic judgment on the evidence, learned by ``bench.learn``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant import learned
from assistant.doors import Scores
from assistant.features import Evidence
from assistant.question import Question
from kg_build.prototypes import TEMPERATURE

AGAINST = "outside"
"""What names begin with that speak against an answer."""
SIGNS = (
    "near_told",
    "near_said",
    "near_said_second",
    "near_said_third",
    "near_said_tenth",
    "words_told",
    "words_said",
    "check_near",
    "known",
    "ahead",
    "ahead_three",
    "outside",
    "outside_third",
    "outside_fifth",
    "outside_far",
    "outside_gap",
    "outside_words",
    "outside_share_ten",
    "outside_share_forty",
    "outside_share",
    "learned",
    "outside_learned",
    "outside_learned_share",
    "bag",
    "outside_bag",
    "outside_bag_share",
    "bag_first",
    "covered",
    "amount",
    "outside_amount",
    "outside_amount_share",
    "case",
    "outside_case",
)
PROVISION, FAR, GAP = 1, 2, 3
WIDTH = 40
"""How many of the nearest ``says`` are looked at."""
SHARP = 0.02
"""By how much a cosine falls for its weight in ``outside_share`` to fall to about a third."""
LIKELY = 0.7
"""From here on it is said that the thing asked for may not be written anywhere here."""
BARE = 0.6
"""A question of which so much is recognized words names a subject of the corpus."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question that perhaps nothing here answers: how likely (0–1), and the entry of the outside subject it is about
    where one is nearer than all that is written.

    Where it is not ``sure``, the nearest provisions may well answer it.
    """

    probability: float
    outside: int | None
    sure: bool


class Sayings:
    """What the nearest ``says`` tell, by whose they are: provisions', or of subjects that the corpus does not hold.

    ``far`` tells of every entry whether it is no matter of safety at work; the other outside subjects are gaps within it.
    """

    def __init__(self, kinds: NDArray[np.str_], far: NDArray[np.bool_]) -> None:
        outside = kinds == "outside"
        self._groups = np.select([kinds == "provision", outside & far, outside], [PROVISION, FAR, GAP])

    def signs(self, near: Scores, owners: NDArray[np.int64]) -> dict[str, float]:
        """What the cosines of ``says`` to a question tell; ``owners`` are the entries they belong to."""
        groups = self._groups[owners]
        far, gap = near[groups == FAR], near[groups == GAP]
        provision, outside = _largest(near[groups == PROVISION]), _largest(np.concatenate([far, gap]))
        together = np.concatenate([provision, outside])
        order = np.argsort(-together, kind="stable")[:WIDTH]
        away = (order >= len(provision)).astype(np.float32)
        weight = np.exp((together[order] - together[order[0]]) / SHARP) if len(order) else np.zeros(0, np.float32)
        return {
            "near_said_third": _at(provision, 3),
            "near_said_tenth": _at(provision, 10),
            "outside": _at(outside, 1),
            "outside_third": _at(outside, 3),
            "outside_fifth": _at(outside, 5),
            "outside_far": float(far.max(initial=0.0)),
            "outside_gap": float(gap.max(initial=0.0)),
            "outside_share_ten": float(away[:10].mean()) if len(order) else 0.0,
            "outside_share_forty": float(away.mean()) if len(order) else 0.0,
            "outside_share": float(weight @ away / weight.sum()) if len(order) else 0.0,
            "ahead": _at(provision, 1) - _at(outside, 1),
            "ahead_three": float(np.mean(provision[:3]) - np.mean(outside[:3])) if len(provision) and len(outside) else 0.0,
        }


def _own(name: str, near: Scores, provisions: NDArray[np.bool_], outside: NDArray[np.bool_]) -> dict[str, float]:
    """What the cosines of all prototypes to a question tell."""
    best, away = float(near[provisions].max(initial=0.0)), float(near[outside].max(initial=0.0))
    weight = np.exp((near - max(best, away)) / TEMPERATURE)
    against = float(weight[outside].sum())
    share = against / (against + float(weight[provisions].sum()))
    return {name: best, f"outside_{name}": away, f"outside_{name}_share": share}


def _largest(values: Scores) -> Scores:
    """The largest ``WIDTH`` values, the largest first."""
    kept = np.partition(values, -WIDTH)[-WIDTH:] if len(values) > WIDTH else values
    return np.sort(kept)[::-1]


def _at(values: Scores, place: int) -> float:
    """The value at a place from 1, of fewer the last, of none 0."""
    return float(values[min(place, len(values)) - 1]) if len(values) else 0.0


def signs(
    question: Question,
    evidence: Evidence,
    best: Sequence[int],
    kinds: NDArray[np.str_],
    sayings: Sayings,
    covered: float,
    stating: NDArray[np.bool_] | None,
) -> Scores:
    """What tells an answerable question from another: one value a name of ``SIGNS``.

    ``best`` are the entries put first; ``covered`` says what share of the question the very first has words for;
    ``stating``, where an amount is asked for, which entries state one of that kind.
    """
    # Law of another day counts too: the subject is one that the corpus holds.
    provisions, outside = kinds == "provision", kinds == "outside"

    def most(name: str, among: NDArray[np.bool_]) -> float:
        return float(evidence.column(name)[among].max(initial=0.0))

    told = {}
    if evidence.near is not None:
        told = sayings.signs(evidence.near.says, evidence.near.owners)
        told |= _own("learned", evidence.near.learned, provisions, outside)
    told |= _own("bag", evidence.column("bag"), provisions, outside)
    told |= {
        "near_told": most("near_told", provisions),
        "near_said": most("near_said", provisions),
        "near_said_second": float(evidence.column("near_said_second")[list(best) or [0]].max()),
        "bag_first": float(evidence.column("bag")[best[0]]) if best else 0.0,
        "covered": covered,
        "words_told": most("words_told", provisions),
        "words_said": most("words_said", provisions),
        "check_near": most("check_near", provisions),
        "known": float(bool(question.concepts)),
        "outside_words": max(most("words_said", outside), most("words_told", outside)),
    }
    if stating is not None and best:
        first = float(stating[best[0]])
        told |= {"amount": first, "outside_amount": 1 - first, "outside_amount_share": 1 - float(stating[list(best)].mean())}
    if "case" in question.intents:
        likest = most("near_best", kinds == "case")
        told |= {"case": likest, "outside_case": 1 - likest}
    return np.array([told.get(name, 0.0) for name in SIGNS], dtype=np.float32)


def doubt(evidence: Evidence, values: Scores, kinds: NDArray[np.str_], far: NDArray[np.bool_]) -> Doubt | None:
    """The doubt, by the values of ``SIGNS``, that anything answers; ``None`` when something probably does."""
    judgment = learned.read().get("answerable")
    if judgment is None:
        return None
    weights = np.array([judgment["weights"][name] for name in SIGNS], dtype=np.float32)
    probability = float(1 / (1 + np.exp(values @ weights + judgment["bias"])))
    about, kind = None, "far"
    nearest = nearest_outside(evidence, kinds)
    if nearest is not None:
        kind = "far" if far[nearest] else "gap"
        near = evidence.column("near_best")
        if float(near[nearest]) > float(near[kinds == "provision"].max()):
            about = nearest
    sure = probability >= judgment["limit"][kind]
    return Doubt(probability, about, sure) if sure or probability >= LIKELY else None


def nearest_outside(evidence: Evidence, kinds: NDArray[np.str_]) -> int | None:
    """The entry nearest to the question among what the corpus does not hold."""
    outside = np.flatnonzero(kinds == "outside")
    return int(outside[np.argmax(evidence.column("near_best")[outside])]) if len(outside) else None


def names_subjects(question: Question) -> bool:
    """Whether the question is hardly more than names of what the corpus is about: 有限空间, 动火作业要求."""
    places = {at for m in question.mentions for at in range(m.start, m.end)}
    return len(places) >= BARE * len(question.text)
