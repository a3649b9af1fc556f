"""Lines of text → articles of a law (编/章/节/条/款/项) or clauses of a standard (5.2.3, a), 附录A), and their tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg_build.citation import Locator, to_chinese
from kg_build.errors import CitationError
from kg_build.importer.clauses import read_clauses
from kg_build.spelling import to_int
from kg_build.statutes import OfficialArticle, split_article

_NUM = r"[0-9〇零一二两三四五六七八九十百千]+"
_DIVISION = re.compile(rf"第\s*({_NUM}(?:\s+{_NUM})*)\s*(编|分编|章|节)([\s　]*)(.*)")
_ARTICLE = re.compile(rf"第\s*({_NUM})\s*条(?:\s*之\s*({_NUM}))?([\s　]*)(.*)")
_REFERENCE = re.compile(
    r"第|和|与|或|及|、|，|,|至|到|规定|所|的|中|之|有关|情形|以|或者|并|（[一二三四五六七八九十]+）|\([一二三四五六七八九十]+\)"
)
_ITEM = re.compile(r"[（(]\s*[〇零一二三四五六七八九十百]+\s*[）)](?!\s*[项款目])")
_POINT = re.compile(r"\d{1,2}\s*[.．、)）](?!\d)|[①-⑳]")
_ANNEX = re.compile(
    r"附\s*(?:件|录|表|图|注|文)?\s*(?:\d+|[一二三四五六七八九十]+|[A-Z])?\s*(?:[:：].*|$)|附\s*(?:件|录|表)\s*\S{0,40}$"
)
_ENDED = re.compile(r"[。；：！？:;!?][”’\"）)》]?$")
_GAP = 30
"""How many article numbers may be missing between two headings (extracts leave articles out)."""


@dataclass(slots=True)
class Branch:
    """A node of a document's tree: a division, an article, a paragraph 款 or an item 项."""

    label: str
    text: str = ""
    children: list[Branch] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """An article being read."""

    number: int
    sub: int
    part: str | None
    chapter: str | None
    section: str | None
    lines: list[str] = field(default_factory=list)

    def finished(self) -> OfficialArticle:
        chapter = " ".join(p for p in (self.part, self.chapter) if p) or None
        return OfficialArticle(Locator(article=self.number, sub=self.sub), chapter, self.section, "\n".join(self.lines))


def parse(lines: Sequence[str], *, standard: bool) -> list[OfficialArticle]:
    """The articles of a law, or the clauses of a standard with their list letters, in order; empty when there are none.

    The text of an article has one 款 or 项 a line, as :func:`kg_build.statutes.split_article` counts them; a 目 stays on
    the line of its 项. A text without 第一条 that numbers its points 一、二、三、 is read as 第一条, 第二条, 第三条.
    """
    if standard:
        return read_clauses(lines)
    articles = _read_law(lines)
    return [draft.finished() for draft in articles or _read_numbered(lines)]


def tree(articles: Sequence[OfficialArticle]) -> list[Branch]:
    """Articles under their 编/章 and 节, each with its 款 and 项; clauses of a standard under their chapter and section."""
    roots: list[Branch] = []
    for article in articles:
        level = roots
        for label in (article.chapter, article.section):
            if label:
                if not level or level[-1].label != label:
                    level.append(Branch(label))
                level = level[-1].children
        if article.locator.letter and level and level[-1].label == article.locator.clause:
            level[-1].children.append(
                Branch(article.locator.text.removeprefix(article.locator.clause).strip(), article.text)
            )
        else:
            level.append(_article_branch(article))
    return roots


def _article_branch(article: OfficialArticle) -> Branch:
    if article.locator.clause:
        return Branch(article.locator.text, article.text)
    branch = Branch(article.locator.text)
    for part in split_article(article.text):
        if part.item:
            branch.children[-1].children.append(Branch(f"第{part.item}项", part.text))
        else:
            branch.children.append(Branch(f"第{part.paragraph}款", part.text))
    return branch


def _read_law(lines: Sequence[str]) -> list[_Draft]:
    """The longest run of articles in a text: a decree before it and forms after it have runs of their own."""
    groups: list[list[_Draft]] = []
    place = _Place()
    annexed = False
    for line in (raw.strip() for raw in lines):
        current = groups[-1][-1] if groups else None
        opened = _opens(line, current)
        if opened is not None:
            number, sub, rest = opened
            if current is None or (number == 1 and not sub):
                groups.append([])
            groups[-1].append(_Draft(number, sub, place.part, place.chapter, place.section, [rest] if rest else []))
            place.untitled, annexed = None, False
        elif place.reads(line) or current is None:
            continue
        elif _ANNEX.fullmatch(line) and not line.endswith("。"):
            annexed = True
        elif not annexed:
            _append(current.lines, line)
    return _trimmed(max(groups, key=len)) if groups else []


@dataclass(slots=True)
class _Place:
    """The divisions that the next article lies in."""

    part: str | None = None
    chapter: str | None = None
    section: str | None = None
    untitled: str | None = None

    def reads(self, line: str) -> bool:
        """Take ``line`` as a division's heading, or as the title of the heading before it; say whether it was one."""
        division = _DIVISION.fullmatch(line)
        if division and len(line) <= 45 and not _ENDED.search(line) and (division[3] or not _REFERENCE.match(division[4])):
            kind, title = division[2], division[4]
            label = re.sub(r"\s+", "", line[: division.end(2)])
            # 总　　则: short titles are spaced out.
            title = re.sub(r"[\s　]+", "", title) if len(title) <= 12 else title
            self.untitled = None if title else kind
            named = f"{label} {title}".strip()
            if kind == "节":
                self.section = named
            elif kind == "章":
                self.chapter, self.section = named, None
            else:
                self.part, self.chapter, self.section = named, None, None
            return True
        if self.untitled is None or len(line) > 30 or _ENDED.search(line):
            return False
        if self.untitled == "章":
            self.chapter = f"{self.chapter} {line}"
        elif self.untitled == "节":
            self.section = f"{self.section} {line}"
        else:
            self.part = f"{self.part} {line}"
        self.untitled = None
        return True


def _opens(line: str, current: _Draft | None) -> tuple[int, int, str] | None:
    """Number, sub-number and first words when ``line`` opens an article rather than refers to one."""
    match = _ARTICLE.fullmatch(line)
    if match is None:
        return None
    try:
        number, sub = to_int(match[1]), to_int(match[2]) if match[2] else 0
    except CitationError:
        return None
    gap, rest = match[3], match[4].strip()
    if not gap and rest and _REFERENCE.match(rest):
        return None
    if current is None:
        return (number, sub, rest) if number == 1 or gap or not rest else None
    if number == 1 and not sub:
        return number, sub, rest
    follows = (number, sub) == (current.number + 1, 0) or (number == current.number and sub == current.sub + 1)
    skips = (gap or not rest) and current.number < number <= current.number + _GAP
    later = (gap or not rest) and number == current.number and sub > current.sub
    return (number, sub, rest) if follows or skips or later else None


def _append(lines: list[str], line: str) -> None:
    """Add a line to an article: a new 款 or 项, a 目 of the 项 above, or the rest of a broken sentence."""
    line = line.replace("\t", " ")
    if not lines or _ITEM.match(line):
        lines.append(line)
    elif _POINT.match(line):
        lines[-1] += " " + line
    elif not _ENDED.search(lines[-1]):
        lines[-1] += line
    else:
        lines.append(line)


def _trimmed(drafts: list[_Draft]) -> list[_Draft]:
    # After the last sentence of a text stand signatures, links and the like, which no sentence mark ends.
    last = drafts[-1].lines
    end = next((i for i, line in enumerate(last) if i and not _ENDED.search(line) and not _ITEM.match(line)), len(last))
    del last[end:]
    return drafts


def _read_numbered(lines: Sequence[str]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for line in (raw.strip() for raw in lines):
        following = f"{to_chinese(len(drafts) + 1)}、"
        if line.startswith(following):
            rest = line.removeprefix(following).strip()
            drafts.append(_Draft(len(drafts) + 1, 0, None, None, None, [rest] if rest else []))
        elif drafts:
            if _ANNEX.fullmatch(line):
                break
            _append(drafts[-1].lines, line)
    return _trimmed(drafts) if len(drafts) > 1 else []
