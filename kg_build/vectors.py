"""The vectors and prototypes that travel with the shipped corpus: made by one command, checked on a sample."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from kg_build import corpus as corpus_module
from kg_build.bag import NAME, BagEncoder, shipped_bag
from kg_build.embedding import EMBEDDED, EmbeddedEncoder, VectorStore, shipped_encoder
from kg_build.errors import SnapshotError
from kg_build.indexes import Entry, entries
from kg_build.nodes import grow
from kg_build.prototypes import fill_prototypes, prototype_texts
from kg_build.snapshot import shipped_vectors, silent


def findable(folder: Path | None = None) -> list[Entry]:
    """Every entry of the corpus."""
    loaded = corpus_module.load(folder or corpus_module.default_folder())
    tree, _ = grow(loaded)
    return entries(tree, loaded)


def refresh_shipped(folder: Path | None = None) -> tuple[int, int]:
    """Encode what has no vector yet, drop what is no longer needed; return (all, newly encoded).

    Where an entry has no prototype yet, all are learned anew: none then depends on what was there before.
    """
    encoder = EmbeddedEncoder(shipped_encoder())
    store = shipped_store(encoder, EMBEDDED)
    found = findable(folder)
    texts, learned = [p for e in found for p in e.passages], prototype_texts(found)
    encoded = store.fill(texts, encoder, silent)
    if store.missing(learned):
        fill_prototypes(store, found, store.matrix, silent, anew=True)
    store.write(shipped_vectors(), [*texts, *learned])
    characters = BagEncoder(shipped_bag())
    alike = shipped_store(characters, NAME)
    if alike.missing(learned):
        fill_prototypes(alike, found, characters.encode, silent, anew=True)
    alike.write(shipped_vectors(NAME), learned)
    return len(set(texts)), encoded


def check_shipped(sample: int, folder: Path | None = None, seed: int = 0) -> float:
    """The smallest cosine between shipped and freshly made vectors over a random sample.

    Raise :class:`SnapshotError` when a text of the corpus has no shipped vector.
    """
    encoder = EmbeddedEncoder(shipped_encoder())
    store = shipped_store(encoder, EMBEDDED)
    found = findable(folder)
    texts = sorted({p for e in found for p in e.passages})
    learned = prototype_texts(found)
    alike = shipped_store(BagEncoder(shipped_bag()), NAME)
    missing = [*store.missing([*texts, *learned]), *alike.missing(learned)]
    if missing:
        named = missing[0].strip()[:20]
        raise SnapshotError(f"随资料发布的向量缺 {len(missing)} 条（如“{named}…”）；请执行 hegui vectors 后提交。")
    chosen = random.Random(seed).sample(texts, min(sample, len(texts)))
    return float(np.min(np.sum(store.matrix(chosen) * encoder.encode_passages(chosen), axis=1)))


def shipped_store(encoder: EmbeddedEncoder | BagEncoder, name: str) -> VectorStore:
    """What travels with the corpus of an encoder's vectors."""
    store = VectorStore(encoder.name, encoder.dim)
    store.read(shipped_vectors(name))
    return store
