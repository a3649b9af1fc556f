"""Stories tell cases in their own words: the order of events, the causes, and what each rests on."""

from __future__ import annotations

import re

import pytest

from assistant.entities import Case
from assistant.knowledge import Knowledge
from assistant.service import Assistant
from assistant.stories import CAUSES_NOTE, TIMED_NOTE, UNTIMED_NOTE, Story, cause_tree, tell, timeline
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def stories(knowledge: Knowledge) -> list[tuple[Case, Story]]:
    return [(case, tell(case, knowledge, TODAY)) for case in sorted(knowledge.cases.values(), key=lambda c: c.id)]


def case_named(knowledge: Knowledge, words: str) -> Case:
    return next(c for c in knowledge.cases.values() if words in c.title)


def plain(text: str) -> str:
    """A text without its asides, which may speak of the publication (（年份没有标）)."""
    return re.sub("（[^）]*）", "", text)


def facts_of(story: Story, level: str) -> str:
    assert story.causes
    (found,) = [x for x in story.causes.levels if x.level == level]
    return "".join(c.text for c in found.causes if c.source == "facts")


def test_a_timeline_tells_the_facts_in_order_and_adds_no_word(stories: list[tuple[Case, Story]]) -> None:
    for case, story in stories:
        at = 0
        for event in story.timeline.events:
            if event.kind == "event":
                for clause in event.what.rstrip("。").split("，"):
                    there = case.facts.find(clause, at)
                    # An aside about the publication （年份没有标） is dropped from within a clause.
                    assert there >= at or clause not in case.facts, (case.id, clause)
                    at = max(at, there)
                assert event.when == "" or event.when in event.what


def test_a_timeline_says_whether_the_publication_gives_times(stories: list[tuple[Case, Story]]) -> None:
    notes = {story.timeline.timed: story.timeline.note for _, story in stories}
    assert notes == {True: TIMED_NOTE, False: UNTIMED_NOTE}
    for _, story in stories:
        assert story.timeline.timed == any(c.isdigit() for e in story.timeline.events for c in e.when)


def test_a_timeline_ends_with_the_harm_and_what_came_of_it(knowledge: Knowledge) -> None:
    events = timeline(case_named(knowledge, "昆山中荣")).events
    assert [e.kind for e in events[-2:]] == ["harm", "outcome"]
    assert "死亡97人、受伤163人" in events[-2].what


def test_what_a_report_concluded_is_no_event(knowledge: Knowledge) -> None:
    told = "".join(e.what for e in timeline(case_named(knowledge, "江南造船")).events)
    assert "V6阀门没有关严" in told
    assert "报告还指出" not in told


def test_every_cause_cites_the_case_or_a_provision_it_broke(stories: list[tuple[Case, Story]]) -> None:
    for case, story in stories:
        rules = {r.id: r for r in story.rules}
        for cause in (c for level in (story.causes.levels if story.causes else ()) for c in level.causes):
            if cause.citations:
                assert {c.id for c in cause.citations} <= set(rules)
                assert cause.source in ("violated", "corresponds")
                assert cause.text == " ".join((rules[cause.citations[0].id].gist or "").split())
            else:
                words = plain(case.facts if cause.source == "facts" else case.lesson)
                assert all(part in words for part in plain(cause.text).rstrip("。").split("，")), (case.id, cause.text)


def test_what_the_publication_cites_and_what_we_compare_are_told_apart(
    stories: list[tuple[Case, Story]], knowledge: Knowledge
) -> None:
    seen = set()
    for case, story in stories:
        violated = {knowledge.provisions[i].id for i in case.violates}
        for cause in (c for level in (story.causes.levels if story.causes else ()) for c in level.causes if c.citations):
            seen.add(cause.source)
            assert (cause.citations[0].id in violated) == (cause.source == "violated")
    assert seen == {"violated", "corresponds"}


@pytest.mark.parametrize(
    ("case", "level", "words"),
    [
        ("江南造船", "direct", "V6阀门没有关严"),
        ("江南造船", "management", "没有办理有限空间作业审批"),
        ("江南造船", "management", "分工和交底不清"),
        ("昆山中荣", "direct", "引发除尘系统和车间的连环爆炸"),
        ("昆山中荣", "indirect", "没有泄爆装置"),
        ("安阳凯信达", "indirect", "消防设施缺失"),
        ("安阳凯信达", "management", "没有及时组织疏散"),
        ("老港基地", "direct", "提前抽出盲板"),
        ("老港基地", "indirect", "没有采取任何防护"),
        ("胶州路", "management", "转包分包"),
    ],
)
def test_causes_stand_on_the_level_their_words_speak_of(knowledge: Knowledge, case: str, level: str, words: str) -> None:
    assert words in facts_of(tell(case_named(knowledge, case), knowledge, TODAY), level)


def test_the_number_of_dead_is_the_result_and_no_cause(stories: list[tuple[Case, Story]], knowledge: Knowledge) -> None:
    tree = tell(case_named(knowledge, "安阳凯信达"), knowledge, TODAY).causes
    assert tree
    assert "死亡42人" in tree.result
    assert tree.note == CAUSES_NOTE
    assert not any("42人死亡" in c.text for level in tree.levels for c in level.causes)


def test_a_case_without_penalty_has_no_tree_of_causes(stories: list[tuple[Case, Story]]) -> None:
    assert all((story.causes is None) == (case.type == "no_penalty") for case, story in stories)


def test_a_case_that_is_no_accident_says_so(knowledge: Knowledge) -> None:
    case = next(c for c in knowledge.cases.values() if c.type == "enforcement")
    assert "不是事故" in cause_tree(case, [], set()).note
