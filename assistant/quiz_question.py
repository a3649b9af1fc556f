"""What a quiz question is, and the tools its families share: likeness of texts, numbers in texts, shuffled options."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel

from assistant.entities import Provision

LETTERS = "ABCDEF"
TRUE, FALSE = "对", "错"
Kind = Literal["single", "multiple", "judgement"]

_UNITS = (
    "个工作日|个月|小时|分钟|万元|亿元|工作日|平方米|立方米|mg/m3|kPa|MPa|min|mA|mm|cm|km|kg|kV|lx|年|日|天|元|倍|人|名|次|级"
    "|米|吨|%|℃|h|m|t|V"
)
QUANTITY = re.compile(rf"(?<![\d.A-Za-z/第月～~—-])(\d+(?:\.\d+)?)({_UNITS})(?![A-Za-z\d~～—-])")


class Cited(BaseModel, frozen=True):
    """A provision by its id in the snapshot and as people cite it."""

    id: str
    citation: str


class Option(BaseModel, frozen=True):
    """A possible answer."""

    key: str
    text: str


class QuizQuestion(BaseModel):
    """A question; ``answer`` holds the keys of the right options, ``citations`` where that is written."""

    number: int = 0
    kind: Kind
    family: str
    stem: str
    options: list[Option]
    answer: list[str]
    explanation: str
    citations: list[Cited]


Make = Callable[[random.Random], QuizQuestion | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that can be made: the fact it asks, its words (to tell likeness), and how to make it."""

    family: str
    kind: Kind
    fact: str
    words: str
    make: Make


def cited(provisions: Iterable[Provision]) -> list[Cited]:
    """Provisions as the key of a question."""
    return [Cited(id=p.id, citation=p.citation) for p in provisions]


@lru_cache(maxsize=8192)
def _pairs(text: str) -> frozenset[str]:
    plain = re.sub(r"\W", "", text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def likeness(one: str, other: str) -> float:
    """How much of the shorter text's character pairs the longer one has."""
    a, b = _pairs(one), _pairs(other)
    return len(a & b) / max(1, min(len(a), len(b)))


def quantities(text: str) -> list[tuple[str, str]]:
    """The (number, unit) pairs of a text; years of dates, numbers of standards and spans are none."""
    return [(n, unit) for n, unit in QUANTITY.findall(text) if not (unit == "年" and len(n) == 4)]


def choice(
    family: str,
    kind: Kind,
    stem: str,
    right: Sequence[str],
    wrong: Sequence[str],
    why: str,
    key: Sequence[Provision],
    rng: random.Random,
) -> QuizQuestion | None:
    """A question with its options shuffled; ``None`` when two options would read alike."""
    texts = [*right, *wrong]
    if len(set(texts)) < len(texts):
        return None
    rng.shuffle(texts)
    options = [Option(key=letter, text=text) for letter, text in zip(LETTERS, texts, strict=False)]
    answer = [o.key for o in options if o.text in right]
    return QuizQuestion(
        kind=kind, family=family, stem=stem, options=options, answer=answer, explanation=why, citations=cited(key)
    )


def judgement(family: str, stem: str, right: bool, why: str, key: Sequence[Provision]) -> QuizQuestion:
    """A statement to be judged."""
    options = [Option(key=TRUE, text="正确"), Option(key=FALSE, text="错误")]
    return QuizQuestion(
        kind="judgement",
        family=family,
        stem=stem,
        options=options,
        answer=[TRUE if right else FALSE],
        explanation=why,
        citations=cited(key),
    )
