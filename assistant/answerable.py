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

SIGNS = (
    "near_told",
    "near_said",
    "near_said_second",
    "words_told",
    "words_said",
    "check_near",
    "outside",
    "outside_words",
    "ahead",
    "known",
)


LIKELY = 0.5
"""From here on it is said that the thing asked for may not be written anywhere here."""
BARE = 0.6
"""A question of which so much is recognized words names a subject of the corpus."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question that perhaps nothing here answers: how likely (0–1), and the entry of the outside subject it is about.

    Where it is not ``sure``, the nearest provisions may well answer it.
    """

    probability: float
    outside: int | None
    sure: bool


def signs(
    question: Question,
    evidence: Evidence,
    best: Sequence[int],
    kinds: NDArray[np.str_],
    outside_near: Scores | None = None,
) -> Scores:
    """What tells an answerable question from another: one value a name of ``SIGNS``.

    ``outside_near`` is the nearness of outside subjects, where it is not that of the evidence (when learning).
    """
    # Law of another day counts too: the subject is one that the corpus holds.
    provisions, outside = kinds == "provision", kinds == "outside"

    def most(name: str, among: NDArray[np.bool_]) -> float:
        return float(evidence.column(name)[among].max(initial=0.0))

    chosen = list(best) or [0]
    away = most("near_best", outside) if outside_near is None else float(outside_near.max(initial=0.0))
    return np.array(
        [
            most("near_told", provisions),
            most("near_said", provisions),
            float(evidence.column("near_said_second")[chosen].max()),
            most("words_told", provisions),
            most("words_said", provisions),
            most("check_near", provisions),
            away,
            max(most("words_said", outside), most("words_told", outside)),
            max(most("near_told", provisions), most("near_said", provisions)) - away,
            float(bool(question.concepts)),
        ],
        dtype=np.float32,
    )


def doubt(
    question: Question, evidence: Evidence, best: Sequence[int], kinds: NDArray[np.str_], far: NDArray[np.bool_]
) -> Doubt | None:
    """The doubt that anything answers; ``None`` when something probably does."""
    judgment = learned.read().get("answerable")
    if judgment is None or evidence.near is None or _names_subjects(question):
        return None
    values = signs(question, evidence, best, kinds)
    weights = np.array([judgment["weights"][name] for name in SIGNS], dtype=np.float32)
    probability = float(1 / (1 + np.exp(values @ weights + judgment["bias"])))
    about, kind = None, "far"
    nearest = nearest_outside(evidence, kinds)
    if nearest is not None:
        near = evidence.column("near_best")
        kind = "far" if far[nearest] else "gap"
        if float(near[nearest]) > float(near[kinds == "provision"].max()):
            about = nearest
    sure = probability >= judgment["limit"][kind]
    return Doubt(probability, about, sure) if sure or (about is not None and probability >= LIKELY) else None


def nearest_outside(evidence: Evidence, kinds: NDArray[np.str_]) -> int | None:
    """The entry nearest to the question among what the corpus does not hold."""
    outside = np.flatnonzero(kinds == "outside")
    return int(outside[np.argmax(evidence.column("near_best")[outside])]) if len(outside) else None


def _names_subjects(question: Question) -> bool:
    """Whether the question is hardly more than names of what the corpus is about: 有限空间, 动火作业要求."""
    places = {at for m in question.mentions for at in range(m.start, m.end)}
    return len(places) >= BARE * len(question.text)
