"""Likeness by characters: what is written alike is near, whoever owns it, and what was saved reads the same."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg_build.grams import GramIndex, grams

TEXTS = ["动火作业要审批", "动火前要办票", "下污水池先测气", "叉车司机要持证", "ABC粉末"]
OWNERS = [0, 0, 2, 3, 3]


@pytest.fixture(scope="module")
def index() -> GramIndex:
    return GramIndex.build(TEXTS, OWNERS, 5)


def test_a_text_is_its_characters_and_neighbors_without_signs() -> None:
    one = grams("动火，作业")
    assert one == grams("动火作业")
    assert sum(one.values()) == 4 + 3
    assert grams("Ab") == grams("aB")
    assert not grams("，。 ")


def test_the_most_alike_text_of_an_owner_counts(index: GramIndex) -> None:
    found = index.likeness("动火作业要审批")
    assert found.shape == (5,)
    assert found[0] == pytest.approx(1, abs=1e-3)
    assert found[1] == found[4] == 0
    assert found.argmax() == 0
    assert index.likeness("污水池测不测气").argmax() == 2


def test_a_question_of_unknown_characters_is_like_nothing(index: GramIndex) -> None:
    assert not index.likeness("齉龘").any()
    assert not index.likeness("").any()
    assert not index.likeness("？！").any()


def test_nothing_indexed_is_like_nothing(tmp_path: Path) -> None:
    empty = GramIndex.build([], [], 3)
    empty.save(tmp_path / "a.npz")
    assert GramIndex.load(tmp_path / "a.npz").likeness("动火").tolist() == [0, 0, 0]


@given(st.text(alphabet="动火作业要审批票污水池测气" + string.ascii_letters, max_size=30))
def test_cosines_lie_between_nothing_and_the_same(asked: str) -> None:
    found = GramIndex.build(TEXTS, OWNERS, 5).likeness(asked)
    assert np.all(found >= 0)
    assert np.all(found <= 1.001)


def test_what_was_saved_reads_the_same(index: GramIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "a.npz")
    read = GramIndex.load(tmp_path / "a.npz")
    for asked in ("动火要办票吗", "池子", "ABC"):
        np.testing.assert_array_equal(read.likeness(asked), index.likeness(asked))
