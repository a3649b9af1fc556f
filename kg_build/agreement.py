"""Does a gist agree with the official text? Numbers and amounts must be the text's; the wording must not be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import cn2an

from kg_build.forms import FineForm, ProvisionForm

_DIGITS = r"(?:\d+(?:\.\d+)?|[〇零一二两三四五六七八九十百千]+)"
_UNITS = (
    "元|日|天|个月|月|年|周岁|岁|小时|分钟|人|名|次|倍|吨|千克|公斤|米|厘米|毫米|平方米|立方米|级|档|家|册|份|%|℃"
    "|mm|cm|m|kg|t|h|min|kPa|MPa|V|mA|Ω"
)
_NUMBER = re.compile(rf"(百分之)?({_DIGITS})\s*(万|亿|千(?![克瓦伏米焦帕]))?\s*(?:余|多)?(?=({_UNITS})?)")
_REFERENCE = re.compile(rf"第\s*[（(]?{_DIGITS}[）)]?\s*(?:条|款|项|目|章|节|号)(?:之{_DIGITS})?|[（(]{_DIGITS}[）)]")
LONGEST_RUN = 32
"""Longest run of identical characters a gist may share with its text (names and set phrases are shorter)."""
SHINGLE, FEWEST_SHINGLES, MOST_SHARED = 8, 12, 0.8
"""A gist of at least twelve 8-character pieces may share at most four fifths of them with its text."""


def _value(digits: str, scale: str | None) -> float | None:
    try:
        number = float(digits) if digits[0].isdigit() else float(cn2an.cn2an(digits, "smart"))
    except ValueError:
        return None
    return number * {"千": 1_000, "万": 10_000, "亿": 100_000_000}.get(scale or "", 1)


def numbers(text: str, *, with_unit: bool) -> set[float]:
    """The numbers of a text as values; ``with_unit`` leaves out bare Chinese numerals that are mere words (一般, 之一)."""
    found = set()
    plain = _REFERENCE.sub(" ", text)
    for match in _NUMBER.finditer(plain):
        if with_unit and not match[4] and not match[1] and not match[3] and not match[2][0].isdigit():
            continue
        value = _value(match[2], match[3])
        if value is not None:
            found.add(value)
    return found


def disagreements(form: ProvisionForm, official: str, around: str = "") -> Iterator[str]:
    """What in a gist or its data the official text does not bear out; ``around`` is what the text refers to."""
    yield from figure_disagreements(form, numbers(official + around, with_unit=False))
    yield from copied(form.gist, official)


def copied(gist: str, official: str) -> Iterator[str]:
    """In which way a gist is a copy of its text, if it is."""
    run = longest_common_run(gist, official)
    if len(run) > LONGEST_RUN:
        yield f"要点与原文连续 {len(run)} 字相同（“{run[:12]}…”）；请用自己的话概括。"
    share = shingle_share(gist, official)
    if share > MOST_SHARED:
        yield f"要点有 {share:.0%} 的 {SHINGLE} 字片段与原文相同；请用自己的话概括。"


def figure_disagreements(form: ProvisionForm, allowed: Collection[float]) -> Iterator[str]:
    """The numbers of a gist, its sanctions, thresholds and tiers that are not among the text's numbers."""
    for value in sorted(numbers(form.gist, with_unit=True) - set(allowed)):
        yield f"要点里的数字 {value:g} 在原文中找不到；请与原文核对。"
    fines = [s.fine for s in form.sanctions] + [t.fine for t in form.discretion]
    for value in sorted({n for fine in fines for n in _fine_numbers(fine)} - set(allowed)):
        yield f"处罚数据里的数字 {value:g} 在原文中找不到；请与原文核对。"
    given = {n for t in form.thresholds for n in (t.value, t.upto) if n is not None}
    for value in sorted(given - set(allowed)):
        yield f"阈值数据里的数字 {value:g} 在原文中找不到；请与原文核对。"


def shingle_share(ours: str, theirs: str) -> float:
    """Which share of the :data:`SHINGLE`-character pieces of ``ours`` also stands in ``theirs`` (0 for short texts)."""
    mine = shingles(ours, SHINGLE)
    return len(mine & shingles(theirs, SHINGLE)) / len(mine) if len(mine) >= FEWEST_SHINGLES else 0.0


def shingles(text: str, size: int) -> set[str]:
    """The pieces of ``size`` characters of a text without its punctuation."""
    plain = "".join(c for c in text if c.isalnum())
    return {plain[i : i + size] for i in range(len(plain) - size + 1)}


def _fine_numbers(fine: FineForm | None) -> set[float]:
    if fine is None:
        return set()
    values = (fine.min, fine.max, fine.min_times, fine.max_times, fine.min_pct, fine.max_pct)
    return {float(v) for v in values if v}


def longest_common_run(ours: str, theirs: str) -> str:
    """The longest substring of ``ours`` that also stands in ``theirs``."""
    best = ""
    start = 0
    for end in range(1, len(ours) + 1):
        while start < end and ours[start:end] not in theirs:
            start += 1
        if end - start > len(best):
            best = ours[start:end]
    return best
