"""What comparing the ``says`` of the likeliest entries alone loses and saves: ``uv run python -m bench.nearness``.

For how many entries are looked at: which of the nearest sayings of all are still found, on the train and dev questions, and
how long one question takes beside looking at all of them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from assistant.knowledge import Knowledge
from bench.labelled import taught
from bench.setup import data_folder
from kg_build.dense import DenseIndex
from kg_build.embedding import Matrix

NEAREST = (1, 10, 40)
LOOKED_AT = (300, 600, 1000, 2000)
EVERY = 4
"""Of the questions every fourth is enough."""


def report(folder: Path, vectors: Matrix) -> list[str]:
    """The table: a line for each number of entries that are looked at."""
    indexes = [DenseIndex.load(folder, looked_at=n) for n in (*LOOKED_AT, 10**9)]
    times: dict[int, list[float]] = {n: [] for n in range(len(indexes))}
    found: dict[tuple[int, int], list[float]] = {}
    for vector in vectors:
        nearest: list[list[float]] = []
        for n, index in enumerate(indexes):
            if index is None:
                raise SystemExit("the snapshot has no vectors")
            started = time.perf_counter()
            near = index.nearness(vector)
            times[n].append(time.perf_counter() - started)
            nearest.append(np.sort(near.says)[::-1][: max(NEAREST)].tolist())
        for n, mine in enumerate(nearest):
            for k in NEAREST:
                found.setdefault((n, k), []).append(sum(v >= nearest[-1][k - 1] for v in mine[:k]) / k)
    whole = statistics.median(times[len(indexes) - 1])
    lines = ["| entries | " + " | ".join(f"nearest {k}" for k in NEAREST) + " | ms | ratio |"]
    lines.append("| --- " * (len(NEAREST) + 3) + "|")
    for n, name in enumerate((*LOOKED_AT, "all")):
        shares = " | ".join(f"{statistics.mean(found[n, k]):.4f}" for k in NEAREST)
        median = statistics.median(times[n])
        lines.append(f"| {name} | {shares} | {1000 * median:.1f} | {median / whole:.2f} |")
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    with data_folder(options.data) as data:
        knowledge = Knowledge.open(data)
        encoder = knowledge.encoder
        if encoder is None:
            raise SystemExit("the snapshot has no vectors")
        asked = [q.q for q in taught() if q.right][::EVERY]
        print("\n".join(report(knowledge.folder, np.concatenate([encoder.encode_queries([q]) for q in asked]))))


if __name__ == "__main__":
    main()
