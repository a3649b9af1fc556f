"""Whether the corpus answers a question at all: a logistic judgment on the evidence, learned by ``bench.learn``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.features import Evidence, Scores
from assistant.question import Question
from assistant.ranking import WEIGHTS

SIGNS = (
    "near_told",
    "near_said",
    "near_said_second",
    "words_told",
    "words_said",
    "check_near",
    "outside",
    "outside_words",
    "known",
    "length",
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question that nothing here answers: how sure that is (0–1), and the entry of the outside subject it is about."""

    probability: float
    outside: int | None


def signs(
    question: Question, evidence: Evidence, best: Sequence[int], kinds: NDArray[np.str_], lawful: NDArray[np.bool_]
) -> Scores:
    """What tells an answerable question from another: one value a name of ``SIGNS``."""
    provisions, outside = (kinds == "provision") & lawful, kinds == "outside"

    def most(name: str, among: NDArray[np.bool_]) -> float:
        return float(evidence.column(name)[among].max(initial=0.0))

    chosen = list(best) or [0]
    return np.array(
        [
            most("near_told", provisions),
            most("near_said", provisions),
            float(evidence.column("near_said_second")[chosen].max()),
            most("words_told", provisions),
            most("words_said", provisions),
            most("check_near", provisions),
            most("near_best", outside),
            max(most("words_said", outside), most("words_told", outside)),
            float(bool(question.concepts)),
            min(len(question.text), 40) / 40,
        ],
        dtype=np.float32,
    )


def doubt(
    question: Question, evidence: Evidence, best: Sequence[int], kinds: NDArray[np.str_], lawful: NDArray[np.bool_]
) -> Doubt | None:
    """The doubt that anything answers; ``None`` when something probably does."""
    learned = json.loads(WEIGHTS.read_text(encoding="utf-8")).get("answerable")
    if learned is None or evidence.near is None:
        return None
    values = signs(question, evidence, best, kinds, lawful)
    weights = np.array([learned["weights"][name] for name in SIGNS], dtype=np.float32)
    probability = float(1 / (1 + np.exp(values @ weights + learned["bias"])))
    if probability < learned["limit"]:
        return None
    outside = np.flatnonzero(kinds == "outside")
    about = None
    if len(outside):
        near = evidence.column("near_best")
        nearest = int(outside[np.argmax(near[outside])])
        if float(near[nearest]) > float(near[(kinds == "provision") & lawful].max()):
            about = nearest
    return Doubt(probability, about)
