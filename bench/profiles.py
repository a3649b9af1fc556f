"""How well plants described in plain words are read: ``uv run python -m bench.profiles [dev|test]``.

Each fact is an industry, process, piece of equipment, substance or activity that the description says the plant has, or
denies. Counted against the labels: precision, recall and F1 over all facts, by kind, and the number of people.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from typing import Any

from assistant.profile import Profile, Recognizer
from bench.labelled import read_lines
from kg_build.tagging import Tagger
from kg_build.vocabulary import load_graph, ontology_folder

KINDS = {
    "industries": "行业",
    "processes": "工序",
    "activities": "作业",
    "equipment": "设备设施",
    "substances": "物料",
    "denied": "已说明没有",
}


def facts(profile: Profile) -> set[tuple[str, str]]:
    """What was recognized, as (kind, label); what is only suggested by other facts is no recognized fact."""
    return {(k, f.label) for k in KINDS for f in getattr(profile, k) if not f.inferred and f.kind not in ("tag", "scene")}


def f1(counts: Counter[str]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right, said, wanted = counts["right"], counts["said"], counts["wanted"]
    precision, recall = right / said if said else 1.0, right / wanted if wanted else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measure(rows: list[dict[str, Any]], recognizer: Recognizer) -> tuple[dict[str, Counter[str]], list[str]]:
    """Counts over all facts and by kind, and a line for each description read otherwise than labelled."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    lines = []
    for row in rows:
        profile = recognizer.recognize(row["text"])
        # The labels hold the number as said (三十多人: 30); the law is reckoned with the least it can mean (31).
        said_people = profile.people.stated if profile.people else None
        said, wanted = facts(profile), {(k, label) for k in KINDS for label in row[k]}
        for kind in KINDS:
            mine, theirs = ({f for f in group if f[0] == kind} for group in (said, wanted))
            found = Counter(right=len(mine & theirs), said=len(mine), wanted=len(theirs))
            counts[kind] += found
            counts["all"] += found
        counts["people"] += Counter(right=said_people == row["headcount"], said=1, wanted=1)
        if said != wanted or said_people != row["headcount"]:
            extra, missing = ("、".join(label for _, label in sorted(g)) for g in (said - wanted, wanted - said))
            people = "" if said_people == row["headcount"] else f" 人数{said_people}≠{row['headcount']}"
            lines.append(f"{row['id']} {row['text']}\n    多：{extra}  缺：{missing}{people}")
    return counts, lines


def table(counts: dict[str, Counter[str]], size: int) -> str:
    """The measures as a table."""
    rows = ["| | 标注 | 准确率 | 召回率 | F1 |", "| --- | --- | --- | --- | --- |"]
    for kind, name in {"all": f"全部（{size} 段描述）", **KINDS}.items():
        precision, recall, score = f1(counts[kind])
        rows.append(f"| {name} | {counts[kind]['wanted']} | {precision:.3f} | {recall:.3f} | {score:.3f} |")
    people = counts["people"]
    rows.append(f"| 人数 | {people['said']} | {people['right'] / people['said']:.3f} | | |")
    return "\n".join(rows)


def main() -> None:
    """Print the table; for the development set also what was read otherwise."""
    split = sys.argv[1] if len(sys.argv) > 1 else "test"
    ontology = load_graph(ontology_folder())
    rows = read_lines(f"profiles-{split}.jsonl")
    counts, lines = measure(rows, Recognizer(ontology, Tagger.from_graph(ontology)))
    print(table(counts, len(rows)))
    if split == "dev":
        print("\n".join(lines))
    print(json.dumps({"F1": round(f1(counts["all"])[2], 4)}))


if __name__ == "__main__":
    main()
