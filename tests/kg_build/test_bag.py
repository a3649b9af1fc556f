"""The learned encoder of characters: needs neither torch nor the embedded engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg_build.bag import BagEncoder, BagIndex, grams, shipped_bag
from kg_build.dense import Rows
from kg_build.embedding import VectorStore
from kg_build.prototypes import prototype_text, prototype_texts
from kg_build.snapshot import shipped_vectors
from kg_build.vectors import findable


@pytest.fixture(scope="module")
def encoder() -> BagEncoder:
    return BagEncoder(shipped_bag())


def test_signs_do_not_count_and_beginning_and_end_do() -> None:
    assert np.array_equal(grams("动火，要批吗？"), grams("动火要批吗"))
    assert len(set(grams("动火")) - set(grams("动火票"))) == 2, "火 and 动火 as the end"
    assert len(grams("")) == 1, "only that nothing stands between beginning and end"


def test_vectors_are_of_unit_length_and_nothing_known_is_nowhere(encoder: BagEncoder) -> None:
    vectors = encoder.encode(["电焊工没有证上岗罚多少", "焊工无证作业怎么处罚", "食堂今天吃什么菜", "✈✈"])
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert not vectors[3].any()


def test_an_index_written_answers_as_before(encoder: BagEncoder, tmp_path: Path) -> None:
    says = ["动火要谁批准", "特种作业证几年复审", "灭火器多久检查一次"]
    codes = np.rint(encoder.encode(says) * 127).astype(np.int8)
    index = BagIndex(encoder, Rows(codes, np.array([0, 1, 3])), 4)
    index.save(tmp_path)
    for question, own in zip(("动火谁来批准", "特种作业证多少年复审一次", "灭火器几个月检查"), (0, 1, 3), strict=True):
        near = BagIndex.load(tmp_path).nearness(question)
        assert np.array_equal(near, index.nearness(question))
        assert int(np.argmax(near)) == own
        assert near[2] == pytest.approx(float(near[[0, 1, 3]].mean()), abs=0.01), (
            "who is not asked for is neither near nor far"
        )


def test_sayings_find_their_own_entry_by_the_shipped_prototypes(encoder: BagEncoder) -> None:
    entries = [e for e in findable() if e.says]
    store = VectorStore(encoder.name, encoder.dim)
    store.read(shipped_vectors("bag"))
    assert not store.missing(prototype_texts(entries)), "run hegui vectors"
    prototypes = store.matrix([prototype_text(e) for e in entries])
    chosen = range(0, len(entries), 40)
    vectors = encoder.encode([entries[n].says[0] for n in chosen])
    assert np.mean(np.argmax(vectors @ prototypes.T, axis=1) == np.array(chosen)) > 0.8
