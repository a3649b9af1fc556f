"""Build time and memory per 1,000 provisions, two states side by side in one run: ``uv run python -m bench.scale REV``.

``REV`` is an earlier revision of this repository; it is checked out beside this one and built with the same Python. Runs
alternate, so that a machine that slows down slows both; the ratio is of the medians.
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

RUNS = 3
_BUILD = """
import json, resource, sys, time
started = time.perf_counter()
from pathlib import Path
from kg_build.snapshot import build
from assistant.service import Assistant
data = Path(sys.argv[1])
build(data)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "provisions": Assistant(data).stats()["provisions"]["total"]}))
"""


def one(tree: Path) -> dict[str, float]:
    """Build the corpus of a source tree into an empty folder, in a process of its own."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        command = [sys.executable, "-c", _BUILD, data]
        done = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Medians, and the seconds per 1,000 provisions."""
    seconds = statistics.median(r["seconds"] for r in runs)
    provisions = runs[0]["provisions"]
    return {
        "provisions": provisions,
        "seconds": round(seconds, 2),
        "seconds_per_1000": round(1000 * seconds / provisions, 2),
        "peak_mb": round(statistics.median(r["peak_mb"] for r in runs)),
    }


def main() -> None:
    """Compare and print."""
    revision = sys.argv[1]
    with checkout(revision) as earlier:
        pairs = [(one(earlier), one(ROOT)) for _ in range(RUNS)]
    before, after = summary([p[0] for p in pairs]), summary([p[1] for p in pairs])
    ratio = round(after["seconds_per_1000"] / before["seconds_per_1000"], 2)
    print(json.dumps({"before": before, "after": after, "ratio_per_1000": ratio}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
