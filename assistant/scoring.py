"""How a filled checklist is scored: the share of what is fulfilled among what applies and was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def share(good: int, of: int) -> float | None:
    """``good`` of ``of`` in percent; cut, not rounded, to one decimal, so that a list with a failed item never shows 100."""
    return 1000 * good // of / 10 if of else None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A score (0–100, ``None`` where nothing that applies was answered) with the counts it comes from.

    ``failed_major`` stands beside the score, never averaged into it: one major hazard is enough to stop work.
    """

    score: float | None
    compliant: int
    failed: int
    failed_major: int
    not_applicable: int


def score(results: Mapping[str, str], major: Mapping[str, bool]) -> Reckoned:
    """Score results (check → compliant, noncompliant or not_applicable); ``major`` tells the checks for major hazards."""
    good = sum(r == "compliant" for r in results.values())
    bad = [c for c, r in results.items() if r == "noncompliant"]
    return Reckoned(
        share(good, good + len(bad)), good, len(bad), sum(major.get(c, False) for c in bad), len(results) - good - len(bad)
    )
