"""A few sayings of an entry stand for all of them in the index."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.service import Assistant
from kg_build.kept import MOST, representatives
from kg_build.vectors import findable


def codes(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.rint(127 * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.int8)


def test_of_sayings_that_ask_alike_one_is_kept() -> None:
    rows = representatives(codes(0, 2, 4, 90, 92, 94, 180), np.zeros(7, np.int64), 3)
    # One of each bundle, and the one that stands alone.
    assert [row // 3 for row in rows] == [0, 1, 2]


def test_an_owner_with_few_keeps_all_and_owners_do_not_mix() -> None:
    owners = np.array([3, 3, 5, 5, 5, 9])
    rows = representatives(codes(0, 90, 0, 1, 90, 45), owners, 2)
    assert rows.tolist() == [0, 1, 2, 4, 5] or rows.tolist() == [0, 1, 3, 4, 5]
    assert representatives(codes(), np.zeros(0, np.int64)).tolist() == []


def test_what_was_asked_of_itself_is_kept_beside_the_few() -> None:
    always = np.array([False, True, False, False, False, False, False])
    rows = representatives(codes(0, 2, 4, 90, 92, 94, 180), np.zeros(7, np.int64), 3, always=always)
    assert 1 in rows
    assert {row // 3 for row in rows} == {0, 1, 2}


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 360)), max_size=30), st.integers(1, 6))
def test_as_many_as_may_be_kept_are_of_every_owner(rows: list[tuple[int, float]], most: int) -> None:
    rows.sort()
    owners = np.array([owner for owner, _ in rows], np.int64)
    kept = representatives(codes(*(degree for _, degree in rows)), owners, most)
    assert kept.tolist() == sorted(set(kept.tolist()))
    for owner in set(owners.tolist()):
        assert (owners[kept] == owner).sum() == min(most, (owners == owner).sum())


def test_what_is_shown_of_an_entry_is_kept_of_what_the_corpus_says(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    entries = {(e.id, e.kind): e for e in findable()}
    for pair, shown in zip(knowledge.entries, knowledge.says, strict=True):
        entry = entries[pair]
        few = 0 if entry.kind == "outside" else min(MOST, len(entry.says))
        assert few <= len(shown) <= few + len(entry.asked)
        assert set(shown) <= set(entry.says)
        if entry.kind != "outside":
            assert set(entry.asked) <= set(shown)
    provision = max(knowledge.provisions.values(), key=lambda p: len(p.says))
    assert set(provision.says) <= {s for says in knowledge.says for s in says}
