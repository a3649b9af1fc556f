"""Wording that the lesson's Word file and its slides share."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.documents.handout import chinese_day, named
from assistant.models import PenaltyOut
from assistant.stories import Cause, Story
from assistant.training import Objective


def objective_ground(objective: Objective) -> str:
    """The citations under an objective."""
    return f"依据：{named(objective.citations)}"


def one_line(text: str) -> str:
    """Lines joined by a wide space."""
    return "　".join(text.split("\n"))


def penalty_lines(penalties: Iterable[PenaltyOut]) -> list[tuple[str, str]]:
    """Penal provisions with what they say of money and measures; those that say the same are named together."""
    found: dict[str, list[str]] = {}
    for penalty in penalties:
        words = one_line("；".join(penalty.ranges) or penalty.gist or penalty.official_text or "未收录要点，请查原文")
        cited = found.setdefault(words.rstrip("。") + "。", [])
        if penalty.citation not in cited:
            cited.append(penalty.citation)
    return [("、".join(cited), words) for words, cited in found.items()]


def source_line(story: Story) -> str:
    """Who published the case, where and when."""
    when = f"，{chinese_day(story.source.published)}公布" if story.source.published else ""
    url = f"　{story.source.url}" if story.source.url else ""
    return f"来源：{story.source.publisher}《{story.source.title}》{when}{url}"


def where_said(cause: Cause) -> str:
    """What a cause rests on: 案情, 教训, or the provision."""
    return f"{cause.source_label}：{named(cause.citations)}" if cause.citations else cause.source_label
