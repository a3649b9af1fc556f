"""Prototypes: one learned vector an entry that its own sayings find among all."""

from __future__ import annotations

import numpy as np
import pytest

from kg_build.embedding import Matrix, VectorStore
from kg_build.indexes import Entry
from kg_build.prototypes import fill_prototypes, learn, prototype_text, prototype_texts

DIM, EACH = 16, 12


def unit(rows: np.ndarray) -> Matrix:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def asked(count: int, seed: int = 0) -> tuple[Matrix, np.ndarray]:
    """Sayings of entries that share most of their meaning: one direction for all, a little of its own for each."""
    random = np.random.default_rng(seed)
    own = unit(random.normal(size=(count, DIM)))
    owners = np.repeat(np.arange(count), EACH)
    shared = np.full(DIM, 2.0)
    return unit(shared + own[owners] + 0.15 * random.normal(size=(count * EACH, DIM))), owners


def found(vectors: Matrix, prototypes: Matrix) -> np.ndarray:
    return np.argmax(vectors @ prototypes.T, axis=1)


def entry(name: str, *says: str) -> Entry:
    return Entry(name, "provision", name, (name,), says)


def test_sayings_find_their_own_prototype_better_than_their_own_mean() -> None:
    vectors, owners = asked(30)
    means = unit(np.stack([vectors[owners == n].mean(axis=0) for n in range(30)]))
    learned = learn(vectors, owners, 30, np.zeros((0, DIM), np.float32))
    assert np.linalg.norm(learned, axis=1) == pytest.approx(1.0, abs=1e-5)

    def margin(prototypes: Matrix) -> float:
        near = vectors @ prototypes.T
        own = near[np.arange(len(owners)), owners].copy()
        near[np.arange(len(owners)), owners] = -1
        return float((own - near.max(axis=1)).mean())

    assert margin(learned) > 1.5 * margin(means)
    assert np.mean(found(vectors, learned) == owners) > 0.98


def test_one_learned_beside_known_ones_does_not_take_their_sayings() -> None:
    vectors, owners = asked(20)
    whole = learn(vectors, owners, 20, np.zeros((0, DIM), np.float32))
    # The last two come in later: numbers 0 and 1 are learned, the others known.
    later = learn(vectors, (owners + 2) % 20, 2, whole[:18])
    both = np.concatenate([whole[:18], later])
    assert np.mean(found(vectors, both) == owners) >= 0.95 * np.mean(found(vectors, whole) == owners)


class _Words:
    """An encoder of one axis a character."""

    name, dim = "words", 32

    def encode_passages(self, texts: list[str]) -> Matrix:
        rows = np.full((len(texts), self.dim), 0.1, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for character in text:
                row[ord(character) % self.dim] += 1
        return unit(rows)

    encode_queries = encode_passages


def store_for(entries: list[Entry]) -> VectorStore:
    store = VectorStore("words", 32)
    store.fill([p for e in entries for p in e.passages], _Words(), lambda *_: None)  # type: ignore[arg-type]
    return store


def silent(*_: object) -> None:
    pass


def test_only_what_has_no_prototype_is_learned_and_an_entry_nobody_asks_for_has_none() -> None:
    entries = [entry("a", "动火要批吗", "谁批动火"), entry("b", "罚多少钱", "怎么罚"), entry("c")]
    store = store_for(entries)
    assert fill_prototypes(store, entries, store.matrix, silent) == 2
    assert prototype_text(entries[2]) == ""
    assert len(prototype_texts(entries)) == 2
    kept = store.codes(prototype_texts(entries))
    assert fill_prototypes(store, entries, store.matrix, silent) == 0
    # One that is asked for in another way is another one; the rest stay as they are.
    changed = [entries[0], entry("b", "罚多少钱", "会不会罚款"), entry("d", "复审多久一次")]
    store.fill([p for e in changed for p in e.passages], _Words(), silent)  # type: ignore[arg-type]
    assert fill_prototypes(store, changed, store.matrix, silent) == 2
    assert np.array_equal(store.codes(prototype_texts(entries))[0], kept[0])
    assert fill_prototypes(store, changed, store.matrix, silent, anew=True) == 3
