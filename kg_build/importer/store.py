"""Official texts that the user imported, one JSON file a document under ``<data>/imports``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from kg_build.citation import Locator
from kg_build.statutes import OfficialArticle


def imports_folder(data: Path) -> Path:
    """Where imported texts lie."""
    return data / "imports"


def imports_digest(data: Path) -> str:
    """Hash of everything imported."""
    total = hashlib.sha256()
    for path in sorted(imports_folder(data).glob("*.json")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def write_import(data: Path, document: str, source: str, articles: list[OfficialArticle]) -> Path:
    """Keep an imported text; an earlier one of the same document is replaced."""
    folder = imports_folder(data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{document}.json"
    body = {"document": document, "source": source, "articles": [asdict(a) for a in articles]}
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    aside.replace(path)
    return path


def read_imports(data: Path) -> tuple[dict[str, tuple[str, list[OfficialArticle]]], list[str]]:
    """Imported texts by document id, and a problem for each file that can't be read."""
    found: dict[str, tuple[str, list[OfficialArticle]]] = {}
    problems = []
    for path in sorted(imports_folder(data).glob("*.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            articles = [OfficialArticle(**{**a, "locator": Locator(**a["locator"])}) for a in body["articles"]]
            found[str(body["document"])] = (str(body["source"]), articles)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{path.name}：导入的原文文件已损坏（{type(error).__name__}）；请重新执行 hegui import。")
    return found, problems
