"""One learned vector an entry, its prototype: near to it is a question that is asked like this entry's and no other's.

A single saying lies near a question by chance, and a mean over all of them lies where many entries' means lie. Prototypes
are learned so that every saying finds its own among all (softmax over cosines): what sets an entry apart counts, what it
shares with others does not. They are kept beside the vectors, by the sayings they were learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kg_build.embedding import Matrix, Progress, VectorStore
from kg_build.indexes import Entry

VectorsOf = Callable[[Sequence[str]], Matrix]
TEMPERATURE = np.float32(0.05)
RATE = 2e-3
ROUNDS = 3
BATCH = 512
STEPS = 60
"""A small corpus goes through more rounds, until there are so many steps."""
ASKED = 5
"""What was asked by who had not read it counts as often as so many sayings: it is asked as others will ask."""


def prototype_text(entry: Entry) -> str:
    """What a store of vectors keeps an entry's prototype by; empty where nothing is said."""
    return "\n".join(("", *entry.says)) if entry.says else ""


def prototype_rows(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """What the prototype of each entry that has one is kept by, with the entry's number."""
    return [(t, n) for n, e in enumerate(entries) if (t := prototype_text(e))]


def prototype_texts(entries: Sequence[Entry]) -> list[str]:
    """What the prototypes of all entries are kept by, each once."""
    return list(dict.fromkeys(t for t, _ in prototype_rows(entries)))


def fill_prototypes(
    store: VectorStore, entries: Sequence[Entry], vectors_of: VectorsOf, progress: Progress, *, anew: bool = False
) -> int:
    """Learn the prototypes that the store lacks beside those it has (``anew``: all); return how many were.

    ``vectors_of`` gives the unit vectors of ``says``.
    """
    with_says = {t: entries[n] for t, n in prototype_rows(entries)}
    texts = list(with_says)
    wanted = texts if anew else store.missing(texts)
    if not wanted:
        return 0
    progress(f"学习 {len(wanted)} 项的问法", 0.0)
    known = [t for t in texts if t not in set(wanted)]
    order = {t: n for n, t in enumerate((*wanted, *known))}
    said = [(s, order[t]) for t, e in with_says.items() for s in (*e.says, *(e.asked * (ASKED - 1)))]
    vectors = vectors_of([s for s, _ in said])
    owners = np.array([owner for _, owner in said], np.int64)
    for text, vector in zip(wanted, learn(vectors, owners, len(wanted), store.matrix(known)), strict=True):
        store.put(text, vector)
    return len(wanted)


def learn(vectors: Matrix, owners: NDArray[np.int64], size: int, known: Matrix) -> Matrix:
    """Prototypes 0 to ``size`` for unit vectors (n, dim) and their owners; those after them are ``known`` and stay.

    Minimizes the cross-entropy of each vector's own prototype under a softmax over the cosines to all, by Adam in a few
    rounds, from the mean of an owner's vectors on.
    """
    mine = np.flatnonzero(owners < size)
    weights = np.zeros((size, vectors.shape[1]), np.float32)
    np.add.at(weights, owners[mine], vectors[mine])
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    others = _log_sum(vectors, known)
    random = np.random.default_rng(0)
    first, second, step = np.zeros_like(weights), np.zeros_like(weights), 0
    batches = max(1, len(vectors) // BATCH)
    rounds = max(ROUNDS, -(-STEPS // batches))
    for _ in range(rounds):
        for rows in np.array_split(random.permutation(len(vectors)), batches):
            gradient = _gradient(weights, vectors[rows], owners[rows], others[rows])
            rate, step = RATE * (1 - step / (rounds * batches)), step + 1
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True), dtype=np.float32)


def _gradient(weights: Matrix, vectors: Matrix, owners: NDArray[np.int64], others: Matrix) -> Matrix:
    """Of the mean cross-entropy, by the weights, whose length does not count."""
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    unit = weights / lengths
    logits = vectors @ unit.T / TEMPERATURE
    most = np.maximum(logits.max(axis=1), others)[:, None]
    shares = np.exp(logits - most)
    shares /= shares.sum(axis=1, keepdims=True) + np.exp(others[:, None] - most)
    mine = np.flatnonzero(owners < len(weights))
    shares[mine, owners[mine]] -= 1
    slope = shares.T @ vectors / (TEMPERATURE * np.float32(len(vectors)))
    return np.asarray((slope - np.einsum("ij,ij->i", slope, unit)[:, None] * unit) / lengths, dtype=np.float32)


def _log_sum(vectors: Matrix, known: Matrix) -> Matrix:
    """For each vector the logarithm of what the known prototypes add to the softmax's denominator."""
    if not len(known):
        return np.full(len(vectors), -np.inf, np.float32)
    found = []
    for start in range(0, len(vectors), BATCH):
        logits = vectors[start : start + BATCH] @ known.T / TEMPERATURE
        most = logits.max(axis=1, keepdims=True)
        found.append(most[:, 0] + np.log(np.exp(logits - most).sum(axis=1)))
    return np.asarray(np.concatenate(found), dtype=np.float32)
