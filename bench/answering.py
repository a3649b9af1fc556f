"""Time and memory of answering, two states side by side in one run: ``uv run python -m bench.answering REV``.

``REV`` is an earlier revision of this repository, checked out beside this one and run with the same Python. Each state
answers the questions of ``bench.speed`` in a process of its own; runs alternate, and the ratios are of the medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.setup import ROOT, checkout
from bench.speed import QUESTIONS

RUNS, ROUNDS = 3, 3
_ASK = """
import json, sys, time
from pathlib import Path
import psutil
from assistant.service import Assistant
questions, rounds = json.loads(sys.argv[2]), int(sys.argv[3])
assistant = Assistant(Path(sys.argv[1]))
assistant.warm()
assistant.ask(questions[0])
times = []
for question in questions * rounds:
    started = time.perf_counter()
    assistant.ask(question)
    times.append(time.perf_counter() - started)
print(json.dumps({"times": times, "mb": psutil.Process().memory_info().rss / 2**20}))
"""


def answer(tree: Path, data: Path) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, and resident memory."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", _ASK, str(data), json.dumps(QUESTIONS), str(ROUNDS)]
    done = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    times = sorted(found["times"])
    return {
        "median_ms": 1000 * statistics.median(times),
        "p95_ms": 1000 * times[int(0.95 * len(times))],
        "mb": found["mb"],
    }


def compare(revision: str) -> dict[str, dict[str, float]]:
    """Medians over the runs of both states, and the ratio of now to then."""
    with tempfile.TemporaryDirectory() as folder, checkout(revision) as earlier:
        states = {"then": earlier, "now": ROOT}
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in states}
        for name, tree in states.items():
            build = [sys.executable, "-m", "assistant.cli", "build", "--data", str(Path(folder) / name)]
            environment = {**os.environ, "PYTHONPATH": str(tree)}
            subprocess.run(build, cwd=tree, env=environment, check=True, capture_output=True)
        for _ in range(RUNS):
            for name, tree in states.items():
                runs[name].append(answer(tree, Path(folder) / name))
    found = {n: {k: statistics.median(r[k] for r in mine) for k in mine[0]} for n, mine in runs.items()}
    found["ratio"] = {k: found["now"][k] / found["then"][k] for k in found["now"]}
    return {n: {k: round(v, 2) for k, v in mine.items()} for n, mine in found.items()}


if __name__ == "__main__":
    print(json.dumps(compare(sys.argv[1]), indent=1))
