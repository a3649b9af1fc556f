"""Vectors: how near every entry is to a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg_build.dense import GROUPS, DenseIndex, Nearness

ALL = tuple(Nearness.__dataclass_fields__)


def codes(*rows: list[float]) -> np.ndarray:
    table = np.array(rows, dtype=np.float32).reshape(-1, 2)
    return np.rint(table * 127 / np.abs(table).max(axis=1, keepdims=True)).astype(np.int8)


def cosine(a: list[float], b: list[float]) -> float:
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture
def dense() -> DenseIndex:
    # Entry 0 says one thing in two parts and is asked for in four ways; entry 2 is asked for in one; entry 1 has nothing.
    groups = {
        "told": (codes([1, 0], [0, 1]), [0, 2]),
        "parts": (codes([1, 0.5], [1, -1]), [0, 0]),
        "says": (codes([1, 1], [1, 0.2], [1, 0.6], [-1, 0], [0, 1]), [0, 0, 0, 0, 2]),
        "prototypes": (codes([1, 0.3], [-0.3, 1]), [0, 2]),
    }
    return DenseIndex.build(groups, 3)


def unit(x: float, y: float) -> np.ndarray:
    return np.array([x, y], dtype=np.float32) / np.hypot(x, y)


def test_an_entry_is_as_near_as_the_nearest_of_its_texts(dense: DenseIndex) -> None:
    near = dense.nearness(unit(1, 0))
    assert near.told[0] == pytest.approx(1.0, abs=0.01)
    for found, wanted in ((near.said, [1, 0.2]), (near.second, [1, 0.6]), (near.third, [1, 1])):
        assert found[0] == pytest.approx(cosine([1, 0], wanted), abs=0.01)
    assert near.second[2] == near.third[2] == near.said[2]


def test_the_mean_counts_every_saying(dense: DenseIndex) -> None:
    near = dense.nearness(unit(1, 0))
    assert near.mean[0] == pytest.approx(float(near.says[near.owners == 0].mean()))
    assert near.mean[0] < near.third[0]


def test_a_part_can_be_nearer_than_the_whole_but_never_farther(dense: DenseIndex) -> None:
    to_part = dense.nearness(unit(1, 0.5))
    assert to_part.part[0] == pytest.approx(1.0, abs=0.01)
    assert to_part.told[0] < to_part.part[0]
    assert dense.nearness(unit(1, 0)).part[0] == dense.nearness(unit(1, 0)).told[0]
    assert to_part.part[2] == to_part.told[2]


def test_an_entry_without_texts_is_neither_near_nor_far(dense: DenseIndex) -> None:
    near = dense.nearness(unit(1, 0))
    assert near.told[1] == pytest.approx(0.5, abs=0.01)
    assert near.said.min() <= near.said[1] <= near.said.max()


def test_an_entry_is_as_near_as_its_prototype(dense: DenseIndex) -> None:
    near = dense.nearness(unit(0, 1))
    assert near.learned[2] == pytest.approx(cosine([0, 1], [-0.3, 1]), abs=0.01)
    assert near.learned[0] < near.learned[1] < near.learned[2]


def test_the_says_of_an_entry_are_told_apart(dense: DenseIndex) -> None:
    near = dense.nearness(unit(0, 1))
    assert near.owners.tolist() == [0, 0, 0, 0, 2]
    assert dense.says_near(near, 2).tolist() == pytest.approx([1.0])
    assert dense.says_near(near, 0).tolist() == near.says[:4].tolist()
    assert dense.says_near(near, 1).shape == (0,)
    vectors, owners = dense.says
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1.0] * 5)
    assert owners.tolist() == [0, 0, 0, 0, 2]


def test_the_says_of_the_likeliest_entries_alone_are_compared() -> None:
    random = np.random.default_rng(0)
    rows = codes(*random.normal(size=(60, 2)).tolist())
    owners = sorted(random.integers(0, 20, 60).tolist())
    known = sorted(set(owners))
    groups = dict.fromkeys(("told", "parts", "says"), (rows, owners))
    groups["prototypes"] = (codes(*(rows[owners.index(o)].tolist() for o in known)), known)
    whole, few = (DenseIndex.build(groups, 20, looked_at=n).nearness(unit(1, 2)) for n in (20, 5))
    compared = sorted(set(few.owners.tolist()))
    assert compared == sorted(np.argsort(-whole.learned)[:5].tolist())
    for name in ("said", "second", "third", "mean"):
        assert np.array_equal(getattr(few, name)[compared], getattr(whole, name)[compared])
        others = [n for n in range(20) if n not in compared]
        assert np.array_equal(getattr(few, name)[others], few.learned[others])
    assert np.array_equal(whole.learned, few.learned)
    # What was not compared is compared when it is asked for.
    index = DenseIndex.build(groups, 20, looked_at=5)
    for entry in known:
        assert np.allclose(index.says_near(few, entry), whole.says[whole.owners == entry])


def test_a_saved_index_answers_as_before(dense: DenseIndex, tmp_path: Path) -> None:
    dense.save(tmp_path)
    again = DenseIndex.load(tmp_path)
    assert again is not None
    for name in ALL:
        before, after = (getattr(i.nearness(unit(1, 3)), name) for i in (dense, again))
        assert np.array_equal(before, after)


def test_an_index_of_nothing_says_nothing(tmp_path: Path) -> None:
    nothing = (np.zeros((0, 2), np.int8), [])
    near = DenseIndex.build(dict.fromkeys(GROUPS, nothing), 2).nearness(unit(1, 0))
    assert near.told.tolist() == near.said.tolist() == near.mean.tolist() == [0.0, 0.0]
    assert DenseIndex.load(tmp_path) is None
