"""Similar-case search, measured: ``uv run python -m bench.cases [dev|test]``.

Each situation retells in plain words something like one published case. Right is any case that broke a provision of the same
article in the same kind of scene. Measured twice: with that case among the candidates, and without it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from assistant.entities import Case
from assistant.knowledge import Knowledge
from assistant.service import Assistant
from bench.labelled import DAY, interval, read_lines
from bench.setup import data_folder

FIRST = 5


def broken(case: Case, knowledge: Knowledge) -> set[str]:
    """The articles that a case broke."""
    return {knowledge.article_of(knowledge.provisions[i]).iri for i in (*case.violates, *case.corresponds)}


def alike(case: Case, other: Case, knowledge: Knowledge) -> bool:
    """Whether both broke a provision of one article in one kind of scene."""
    return bool(set(case.scenes) & set(other.scenes)) and bool(broken(case, knowledge) & broken(other, knowledge))


def measure(
    assistant: Assistant, rows: list[dict[str, str]], found_for: Callable[[str], list[str]]
) -> dict[str, list[float]]:
    """Hits among the first and the first five for every situation, with its own case and without."""
    knowledge = assistant.knowledge
    hits: dict[str, list[float]] = {"own@1": [], "own@5": [], "other@1": [], "other@5": []}
    for row in rows:
        own = knowledge.cases[row["case"]]
        right = {c.id for c in knowledge.cases.values() if alike(own, c, knowledge)} | {own.id}
        found = found_for(row["q"])
        for name, wanted, ranked in (
            ("own", right, found),
            ("other", right - {own.id}, [i for i in found if i != own.id]),
        ):
            if wanted:
                hits[f"{name}@1"].append(float(any(i in wanted for i in ranked[:1])))
                hits[f"{name}@{FIRST}"].append(float(any(i in wanted for i in ranked[:FIRST])))
    return hits


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="?", default="test", choices=["dev", "test"])
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    with data_folder(options.data) as data:
        assistant = Assistant(data)
        rows = [r for r in read_lines("situations.jsonl") if r["split"] == options.split]
        hits = measure(assistant, rows, lambda q: [c.id for c in assistant.cases(q, DAY, limit=FIRST + 1).cases])
    result = {}
    for name, values in hits.items():
        mean, low, high = interval(values)
        result[name] = round(mean, 4)
        print(f"{name}: {mean:.3f} [{low:.3f}, {high:.3f}] over {len(values)}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
