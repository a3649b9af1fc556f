"""What is lost when a few ``says`` stand for all of an entry's: ``python -m bench.kept`` (about two minutes).

For the answerable train and dev questions: how often a right provision comes first, or among the first five, by the nearest
saying and by it and the prototype together, with all ``says`` and with some kept of each entry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.fitting import told
from bench.labelled import taught
from kg_build.embedding import EMBEDDED, EmbeddedEncoder, Matrix, shipped_encoder
from kg_build.kept import MOST, representatives
from kg_build.prototypes import prototype_rows
from kg_build.vectors import findable, shipped_store

MEASURED = (4, 8, MOST, 32)


def main() -> None:
    """Print a line for all ``says``, and one for each number kept."""
    encoder = EmbeddedEncoder(shipped_encoder())
    store, entries = shipped_store(encoder, EMBEDDED), findable()
    ids = np.array([e.id for e in entries])
    provisions = np.array([e.kind == "provision" for e in entries])
    asked = [q for q in taught() if np.isin(ids, list(q.right)).any()]
    right = np.array([np.isin(ids, list(q.right)) for q in asked])
    questions = encoder.encode_queries([q.q for q in asked])
    owned = [(s, n) for n, e in enumerate(entries) for s in e.says]
    codes, owners = store.codes([s for s, _ in owned]), np.array([n for _, n in owned])
    learned = prototype_rows(entries)
    prototypes = _best(questions, store.matrix([t for t, _ in learned]), np.array([n for _, n in learned]), len(entries))

    def places(near: Matrix) -> list[int]:
        near = np.where(provisions, near, -np.inf)
        best = np.where(right, near, -np.inf).max(axis=1)
        return [int(p) for p in 1 + (near > best[:, None]).sum(axis=1)]

    for most in (None, *MEASURED):
        rows = np.arange(len(owners)) if most is None else representatives(codes, owners, most)
        vectors = store.matrix([owned[row][0] for row in rows])
        said = _best(questions, vectors, owners[rows], len(entries))
        name = "all" if most is None else f"at most {most}"
        both = told(places(said + prototypes))
        print(
            f"{name:11} {len(rows):6} says, {codes[rows].nbytes / 1e6:5.1f} MB  {told(places(said))}  with prototypes {both}"
        )


def _best(questions: Matrix, vectors: Matrix, owners: NDArray[np.int64], size: int) -> Matrix:
    """Cosine of each question to the nearest vector of each entry; -1 where it has none."""
    found = np.full((len(questions), size), -1, np.float32)
    known, starts = np.unique(owners, return_index=True)
    for at in range(0, len(questions), 100):
        near = questions[at : at + 100] @ vectors.T
        found[at : at + 100, known] = np.maximum.reduceat(near, starts, axis=1)
    return found


if __name__ == "__main__":
    main()
