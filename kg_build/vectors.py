"""The vectors that travel with the shipped corpus: made by one command, checked on a sample."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from kg_build import corpus as corpus_module
from kg_build.embedding import EmbeddedEncoder, VectorStore, shipped_encoder
from kg_build.errors import SnapshotError
from kg_build.indexes import entries
from kg_build.nodes import grow
from kg_build.snapshot import shipped_vectors, silent


def passages(folder: Path | None = None) -> list[str]:
    """Every text of the corpus that gets a vector."""
    loaded = corpus_module.load(folder or corpus_module.default_folder())
    tree, _ = grow(loaded)
    return [p for e in entries(tree, loaded) for p in e.passages]


def refresh_shipped(folder: Path | None = None) -> tuple[int, int]:
    """Encode what has no vector yet, drop what is no longer needed; return (all, newly encoded)."""
    encoder = EmbeddedEncoder(shipped_encoder())
    store = VectorStore(encoder.name, encoder.dim)
    store.read(shipped_vectors())
    texts = passages(folder)
    encoded = store.fill(texts, encoder, silent)
    store.write(shipped_vectors(), texts)
    return len(set(texts)), encoded


def check_shipped(sample: int, folder: Path | None = None, seed: int = 0) -> float:
    """The smallest cosine between shipped and freshly made vectors over a random sample.

    Raise :class:`SnapshotError` when a text of the corpus has no shipped vector.
    """
    encoder = EmbeddedEncoder(shipped_encoder())
    store = VectorStore(encoder.name, encoder.dim)
    store.read(shipped_vectors())
    texts = sorted(set(passages(folder)))
    missing = store.missing(texts)
    if missing:
        raise SnapshotError(f"随资料发布的向量缺 {len(missing)} 条（如“{missing[0][:20]}…”）；请执行 hegui vectors 后提交。")
    chosen = random.Random(seed).sample(texts, min(sample, len(texts)))
    return float(np.min(np.sum(store.matrix(chosen) * encoder.encode_passages(chosen), axis=1)))
