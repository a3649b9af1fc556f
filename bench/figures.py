"""Holds gists to texts: ``uv run python -m bench.figures --texts FOLDER`` writes corpus/figures/ from official texts.

``FOLDER`` holds a text a document (``<document id>.md``, or named by the document's title). Only numbers are kept. What
disagrees is printed and fails; ``--check`` writes nothing, ``--only`` names single documents.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kg_build import corpus as corpus_module
from kg_build.agreement import copied, figure_disagreements
from kg_build.corpus import Rules
from kg_build.errors import ImportTextError
from kg_build.figures import figures_of
from kg_build.importer.reading import read_lines
from kg_build.importer.structure import parse
from kg_build.nodes import grow
from kg_build.statutes import OfficialArticle
from kg_build.validation import lent


def find_text(rules: Rules, folders: list[Path]) -> Path | None:
    """The file of a document's text in one of the folders."""
    document = rules.document
    for folder in folders:
        for path in sorted(folder.rglob("*.md")):
            title, _, dated = path.stem.removeprefix("中华人民共和国").partition("(")
            if dated.rstrip(")") < str(document.version or document.published) and dated:
                continue  # an older version of the text
            if path.stem == document.id or title == document.title.removeprefix("中华人民共和国"):
                return path
    return None


def read_articles(rules: Rules, path: Path) -> list[OfficialArticle]:
    """The articles or clauses of a text."""
    try:
        return parse(read_lines(path), standard=rules.document.is_standard)
    except ImportTextError:
        return []


def main() -> int:
    """Compare every document that has a text; write the numbers; return 1 when something disagrees."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--texts", type=Path, action="append", default=[], required=True)
    arguments.add_argument("--only", action="append", default=[])
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    folder = corpus_module.default_folder()
    loaded = corpus_module.load(folder)
    whole, _ = grow(loaded)
    held = wrong = gists = 0
    for rules in loaded.rules:
        told = [p for p in rules.provisions if p.verified]
        gists += len(told)
        if rules.document.official_text or (given.only and rules.document.id not in given.only):
            continue
        path = find_text(rules, given.texts)
        articles = read_articles(rules, path) if path else []
        if not articles:
            continue
        figures = figures_of(rules, articles)
        tree, _ = grow(corpus_module.Corpus(rules=[rules]), {rules.document.id: ("", articles)})
        for node in tree.all():
            if node.form is None or not node.form.verified or node.locator.text not in figures:
                continue
            held += 1
            allowed = set(figures[node.locator.text]) | lent(node, node.form, whole)
            found = [*figure_disagreements(node.form, allowed), *copied(node.form.gist, node.official_text or "")]
            wrong += len(found)
            for problem in found:
                print(f"{rules.place.place.file} {node.citation}：{problem}")
        if not given.check and figures:
            target = folder / "figures" / f"{rules.document.id}.json"
            target.parent.mkdir(exist_ok=True)
            lines = (f"{json.dumps(at, ensure_ascii=False)}: {json.dumps(values)}" for at, values in figures.items())
            target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{held} 条要点有原文可比（标为已核对的共 {gists} 条，法律文本包里的另由 build 核对），{wrong} 处不一致。")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
