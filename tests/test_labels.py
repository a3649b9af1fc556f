"""The labelled sets are sound, and the measures taken on them mean what they say."""

from __future__ import annotations

import pytest

from assistant.knowledge import Knowledge
from assistant.service import Assistant
from bench.labelled import Labelled, hit, interval, ndcg, questions, read_lines, reciprocal_rank
from kg_build.indexes import Entry
from kg_build.vectors import findable


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def found() -> list[Entry]:
    return findable()


def every() -> list[Labelled]:
    return [q for split in ("train", "free", "dev", "test", "fresh") for q in questions(split)]


def test_there_are_enough_questions_and_enough_that_nothing_answers() -> None:
    assert len(every()) >= 400
    assert sum(bool(q.unanswerable) for q in every()) >= 60
    assert len({q.q for q in every()}) == len(every())


def test_no_scene_of_the_test_sets_was_learned_from() -> None:
    learned, tested = (
        {q.scene for split in splits for q in questions(split) if q.scene != "无"}
        for splits in (("train", "free", "dev"), ("test", "fresh"))
    )
    assert learned
    assert tested
    assert not learned & tested


def test_every_label_names_something_that_can_be_found(knowledge: Knowledge) -> None:
    held = {i for i, kind in knowledge.entries if kind == "provision"}
    missing = {i for q in every() for i in q.right | q.partly if i not in held and i not in knowledge.provision_by_id}
    assert not missing


def test_a_question_that_nothing_answers_has_no_right_answer() -> None:
    assert not [q.id for q in every() if q.unanswerable and q.right]


def test_situations_and_citations_name_what_the_corpus_holds(knowledge: Knowledge) -> None:
    assert all(r["case"] in knowledge.cases for r in read_lines("situations.jsonl"))
    rows = read_lines("citations.jsonl")
    assert all(r.get("missing") or r["article"] in knowledge.provision_by_id for r in rows)


def test_no_saying_of_the_corpus_is_a_test_question(found: list[Entry]) -> None:
    said = {s.rstrip("？?。") for entry in found for s in entry.says}
    assert not [q.id for split in ("test", "fresh") for q in questions(split) if q.q.rstrip("？?。") in said]


def test_no_question_of_the_corpus_is_like_a_test_question(found: list[Entry]) -> None:
    def pairs(text: str) -> set[str]:
        plain = "".join(c for c in text if c.isalnum())
        return {plain[n : n + 2] for n in range(len(plain) - 1)}

    tested = [pairs(q.q) for split in ("test", "fresh") for q in questions(split)]
    asked = {s: pairs(s) for entry in found for s in entry.asked}
    assert asked
    assert not [s for s, mine in asked.items() if any(len(mine & t) >= 0.6 * len(mine | t) for t in tested)]


def test_the_measures() -> None:
    right, partly = frozenset({"b"}), frozenset({"a"})
    assert [hit(["a", "b"], right, k) for k in (1, 2)] == [0.0, 1.0]
    assert reciprocal_rank(["a", "b"], right) == 0.5
    assert reciprocal_rank(["a"], right) == 0.0
    assert ndcg(["b", "a"], right, partly) == 1.0
    assert 0 < ndcg(["a", "b"], right, partly) < 1
    mean, low, high = interval([0.0, 1.0] * 50)
    assert low < mean == 0.5 < high
