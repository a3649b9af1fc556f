"""Ranges of fines and decided amounts on one scale: what the picture on the page and the bars in the document draw.

Positions are shares of the width, 0 at the left edge and 1 at the right one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.models import yuan
from assistant.worksheet import Charge, PenalRule, PenaltyWorksheet, SanctionOut

WIDE = 20
"""From this ratio of the largest to the smallest amount on, the scale is logarithmic."""
NICE = (1, 2, 5)
DOT = 0.028
"""Share of the width that a dot takes."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Amounts in yuan from 0 (or from ``low``, when logarithmic, with 0 at the left edge) to ``high``."""

    low: float
    high: float
    logarithmic: bool

    def at(self, amount: float) -> float:
        """Where an amount stands, between 0 and 1; what lies beyond is at the edge."""
        if self.logarithmic:
            if amount <= self.low:
                return 0.0
            share = math.log(amount / self.low) / math.log(self.high / self.low)
        else:
            share = amount / self.high
        return min(max(share, 0.0), 1.0)

    def ticks(self, most: int = 5) -> list[float]:
        """Round amounts along the scale, the left edge's 0 first."""
        if self.logarithmic:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            powers = [float(10**n) for n in range(first, last + 1) if self.low < 10**n <= self.high]
            return [0.0, *powers[:: max(1, math.ceil(len(powers) / (most - 1)))]]
        step = next(s for s in _nice_numbers() if self.high / s <= most)
        return [step * n for n in range(int(self.high / step) + 1)]


@dataclass(frozen=True, slots=True)
class Band:
    """A range: from ``start`` to ``end`` of the scale; ``open`` when the law sets no upper end."""

    label: str
    words: str
    start: float
    end: float
    open: bool
    fits: bool | None
    tier: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A decided amount at ``at`` of the scale; dots that would hide one another have different ``level``, from 0 up."""

    at: float
    level: int
    charge: Charge


@dataclass(frozen=True, slots=True)
class Range:
    """The picture of one penal article for the unit or for persons."""

    citation: str
    party: str
    scale: Scale
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]


def ranges(sheet: PenaltyWorksheet) -> list[Range]:
    """A picture for each penal article and party whose fine stands in yuan, in the order of the worksheet."""
    found = []
    for rule in sheet.rules:
        people = (*rule.principal, *rule.others)
        for party, sanctions in (("单位", rule.unit), ("个人", people)):
            made = _range(rule, party, sanctions, [c for c in sheet.charges if c.rule == rule.id])
            if made:
                found.append(made)
    return found


def _range(rule: PenalRule, party: str, sanctions: Sequence[SanctionOut], charges: Sequence[Charge]) -> Range | None:
    unit = party == "单位"
    fines = [s for s in sanctions if _in_yuan(s)]
    if not fines:
        return None
    heads = {s.who for s in fines}
    tiers = [t for t in rule.tiers if t.sanction.who in heads and _in_yuan(t.sanction)]
    amounts = [c for c in charges if (c.party == "unit") == unit]
    scale = scale_of([*fines, *(t.sanction for t in tiers)], [c.amount for c in amounts])
    bands = [_band(s, _label(s, len(heads) > 1 or not unit), scale, fits=s.fits) for s in fines]
    bands += [_band(t.sanction, f"{t.name}：{t.factor}", scale, fits=t.chosen, tier=True) for t in tiers]
    return Range(rule.citation, party, scale, tuple(bands), tuple(_dots(amounts, scale)))


def _in_yuan(sanction: SanctionOut) -> bool:
    return sanction.fine_min is not None or sanction.fine_max is not None


def scale_of(sanctions: Iterable[SanctionOut], amounts: Iterable[int]) -> Scale:
    """The scale that holds all ends of the ranges and all amounts."""
    ends = [e for s in sanctions for e in (s.fine_min, s.fine_max) if e]
    marks = [float(a) for a in (*ends, *amounts) if a > 0] or [1.0]
    low, high = min(marks), max(marks)
    if high / low >= WIDE:
        return Scale(10 ** math.floor(math.log10(low) - 0.3), high * 1.25, logarithmic=True)
    return Scale(0.0, high * 1.08, logarithmic=False)


def _band(sanction: SanctionOut, label: str, scale: Scale, *, fits: bool | None, tier: bool = False) -> Band:
    start = scale.at(sanction.fine_min) if sanction.fine_min else 0.0
    end = scale.at(sanction.fine_max) if sanction.fine_max is not None else 1.0
    is_open = sanction.fine_max is None
    return Band(label, amount_words(sanction), start, end, is_open, fits, tier)


def _label(sanction: SanctionOut, named: bool) -> str:
    parts = [sanction.who if named else "", sanction.stage_label, sanction.condition or ""]
    return "，".join(p for p in parts if p)


def amount_words(sanction: SanctionOut) -> str:
    """The fine of a sanction alone: 5万元以上20万元以下; 可以 where the law leaves it open."""
    low, high = sanction.fine_min, sanction.fine_max
    may = "可以罚" if sanction.discretionary else ""
    if low is not None and high is not None:
        return may + (yuan(low) if low == high else f"{yuan(low)}以上{yuan(high)}以下")
    return may + (f"{yuan(high)}以下" if high is not None else f"{yuan(low or 0)}以上")


def _dots(charges: Iterable[Charge], scale: Scale) -> Iterable[Dot]:
    """Dots from the least amount up; those nearer than a dot's width are stacked."""
    taken: list[Dot] = []
    for charge in sorted(charges, key=lambda c: (c.amount, not c.alike, c.case)):
        at = scale.at(charge.amount)
        near = {d.level for d in taken if abs(d.at - at) < DOT}
        level = next(n for n in range(len(taken) + 1) if n not in near)
        taken.append(Dot(at, level, charge))
    return taken


def _nice_numbers() -> Iterable[float]:
    power = 1
    while True:
        yield from (float(n * power) for n in NICE)
        power *= 10
