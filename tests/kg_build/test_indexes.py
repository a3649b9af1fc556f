"""Words and vectors: what the indexes say of every entry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg_build.indexes import DenseIndex, LexicalIndex, Tokenizer

TEXTS = ["动火作业前要清理可燃物", "有限空间作业前先通风再检测", "叉车司机要持证"]


@pytest.fixture
def words(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(TEXTS, ["动火作业", "有限空间"], tmp_path)
    return LexicalIndex.load(tmp_path, Tokenizer(["动火作业", "有限空间"]))


def unit(*rows: list[float]) -> np.ndarray:
    table = np.array(rows, dtype=np.float32)
    return table / np.linalg.norm(table, axis=1, keepdims=True)


@pytest.fixture
def dense() -> DenseIndex:
    # Entry 0 says one thing and is asked for in two ways; entry 2 is asked for in one; entry 1 has nothing.
    return DenseIndex.build(unit([1, 0], [0, 1]), [0, 2], unit([1, 1], [1, 0.2], [0, 1]), [0, 0, 2], 3)


def test_coverage_is_a_share_and_grows_with_what_is_covered(words: LexicalIndex) -> None:
    whole, half = words.coverage("叉车司机"), words.coverage("叉车司机 请假回家")
    assert np.all((whole >= 0) & (whole <= 1))
    assert int(whole.argmax()) == 2
    assert half[2] < whole[2]


def test_words_that_nothing_holds_cover_nothing(words: LexicalIndex) -> None:
    assert not words.coverage("离婚彩礼").any()


def test_an_entry_is_as_near_as_the_nearest_of_its_texts(dense: DenseIndex) -> None:
    near = dense.nearness(unit([1, 0]))
    assert near.told[0] == pytest.approx(1.0)
    assert near.said[0] == pytest.approx(float(unit([1, 0.2])[0, 0]))
    assert near.second[0] == pytest.approx(float(unit([1, 1])[0, 0]))
    assert near.second[2] == near.said[2]


def test_an_entry_without_texts_is_neither_near_nor_far(dense: DenseIndex) -> None:
    near = dense.nearness(unit([1, 0]))
    assert near.told[1] == pytest.approx(0.5)
    assert near.said.min() <= near.said[1] <= near.said.max()


def test_the_says_of_an_entry_are_told_apart(dense: DenseIndex) -> None:
    near = dense.nearness(unit([0, 1]))
    assert near.says[dense.says_of(0)].shape == (2,)
    assert near.says[dense.says_of(2)].tolist() == pytest.approx([1.0])
    assert near.says[dense.says_of(1)].shape == (0,)


def test_a_saved_index_answers_as_before(dense: DenseIndex, tmp_path: Path) -> None:
    dense.save(tmp_path)
    again = DenseIndex.load(tmp_path)
    assert again is not None
    for name in ("told", "said", "second", "says"):
        before, after = (getattr(i.nearness(unit([1, 3])), name) for i in (dense, again))
        assert np.allclose(before, after)
