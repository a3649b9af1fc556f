"""Citations: 《安全生产法》第四十一条第二款第（一）项 ⇄ :class:`Locator`; the one place that parses or prints one.

A *locator* says where inside a document: article 条, paragraph 款, item 项, point 目 for law; clause and list letter for
standards (``5.3.2 a)``, ``A.2``, ``表1``). :mod:`kg_build.names` knows the documents by every name people write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import cn2an

from kg_build.errors import CitationError
from kg_build.spelling import FOLD, NUM, to_int

_ARTICLE = rf"第?\s*(?P<article>{NUM})\s*(?:之\s*(?P<sub_before>{NUM})\s*条|条(?:\s*之\s*(?P<sub>{NUM})(?![0-9般切些]))?)"
_REST = (
    rf"(?:\s*的?\s*第?\s*[（(]?\s*(?P<paragraph>{NUM})\s*[）)]?\s*款)?"
    rf"(?:\s*的?\s*(?:第?\s*[（(]?\s*(?P<item>{NUM})\s*[）)]?\s*项|第?\s*[（(]\s*"
    rf"(?P<bare_item>[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*[）)]))?"
    rf"(?:\s*的?\s*第?\s*[（(]?\s*(?P<point>{NUM})\s*[）)]?\s*目)?"
)
LAW_LOCATOR = re.compile(_ARTICLE + _REST)
CLAUSE_LOCATOR = re.compile(
    r"(?:附录\s*[A-Za-z]\s*[的中里]+\s*(?=[A-Za-z]\.\d))?(?:第\s*)?(?P<clause>附录\s*[A-Za-z]\s*\.?\s*\d+(?:\.\d+)*|(?:[A-Za-z]\.)?\d+(?:\.\d+)*|附录\s*[A-Za-z](?![A-Za-z])"
    r"|表\s*[A-Z]?\.?\d+|[A-Za-z](?:\.\d+)+)(?!\d)(?:\s*[条款])?"
    r"(?:\s*的?\s*(?:[（(]?\s*(?P<letter>[A-Za-z]|\d{1,3})\s*[)）]\s*项?"
    r"|(?:第|序号|中?序号第)?\s*(?P<named>[A-Za-z]|\d{1,3})\s*[项行目]))?"
    r"(?:\s*[（(]?\s*(?P<sub_letter>\d{1,2})\s*[)）])?"
)
# 一、… （一）… 1. …: how notices and lists without articles number their parts.
_HAN = "一二三四五六七八九十"
OUTLINE_LOCATOR = re.compile(
    rf"(?P<part>[{_HAN}]+)、?(?:\s*[(（](?P<section>[{_HAN}]+)[)）])?(?:\s*(?P<entry>\d{{1,3}})\.?)?"
)
# The same places as they are cited in running text: 第二部分第（三）项第4点, 第12项.
OUTLINE_CITED = re.compile(
    rf"第\s*(?P<part>[{_HAN}]+)\s*部分(?:\s*第\s*[（(](?P<section>[{_HAN}]+)[）)]\s*项)?(?:\s*第\s*(?P<entry>\d{{1,3}})\s*点)?"
    r"|第\s*(?P<number>\d{1,4})\s*项"
)


@lru_cache(maxsize=1024)
def to_chinese(number: int) -> str:
    """Print an integer as Chinese law numbers its articles (11 → 十一, 110 → 一百一十)."""
    return str(cn2an.an2cn(number))


@dataclass(frozen=True, order=True, slots=True)
class Locator:
    """A place inside a document; law uses ``article`` and below, a standard uses ``clause``."""

    article: int = 0
    sub: int = 0
    paragraph: int = 0
    item: int = 0
    point: int = 0
    clause: str = ""
    letter: str = ""

    @property
    def text(self) -> str:
        """The locator as written in Chinese law or in a standard."""
        if self.clause:
            head, _, tail = self.letter.partition("/")
            return self.clause + (f" {head})" if head else "") + (f" {tail})" if tail else "")
        parts = [f"第{to_chinese(self.article)}条"]
        if self.sub:
            parts.append(f"之{to_chinese(self.sub)}")
        if self.paragraph:
            parts.append(f"第{to_chinese(self.paragraph)}款")
        if self.item:
            parts.append(f"第（{to_chinese(self.item)}）项")
        if self.point:
            parts.append(f"第{to_chinese(self.point)}目")
        return "".join(parts)

    @property
    def path(self) -> str:
        """The ELI path below the document: ``art_24/para_1/item_2`` or ``cl_5.3.2/a``."""
        if self.clause:
            return "/".join(["cl_" + self.clause.replace(" ", ""), *([self.letter] if self.letter else [])])
        parts = [f"art_{self.article}" + (f"-{self.sub}" if self.sub else "")]
        for name, value in (("para", self.paragraph), ("item", self.item), ("point", self.point)):
            if value:
                parts.append(f"{name}_{value}")
        return "/".join(parts)

    @property
    def article_locator(self) -> Locator:
        """The whole article (or clause) this locator lies in."""
        return Locator(article=self.article, sub=self.sub, clause=self.clause)

    @property
    def wider(self) -> Locator:
        """The next wider place: 目 → 项 → 款 → 条; a whole article or clause is its own."""
        if self.point:
            return Locator(self.article, self.sub, self.paragraph, self.item)
        if self.item:
            return Locator(self.article, self.sub, self.paragraph)
        return self.article_locator

    @property
    def is_whole(self) -> bool:
        """Whether it names a whole article or clause."""
        return self == self.article_locator


def clause_order(number: str) -> list[tuple[int, int, str]]:
    """Sort key of a clause or outline number: 5.3.10 after 5.3.2, 二（三） after 二（二）, annexes last."""
    return [_clause_part(p) for p in re.split(r"[.（）()\s/]+", number) if p]


def _clause_part(part: str) -> tuple[int, int, str]:
    if part.isdigit():
        return (0, int(part), "")
    if set(part) <= set(_HAN):
        return (0, to_int(part), "")
    return (1, 0, part)


@lru_cache(maxsize=65536)
def parse_locator(text: str) -> Locator:
    """Parse one locator; raise :class:`CitationError` when ``text`` is anything else."""
    cleaned = text.strip()
    match = LAW_LOCATOR.fullmatch(cleaned)
    if match:
        return law_locator(match)
    match = CLAUSE_LOCATOR.fullmatch(cleaned.translate(FOLD))
    if match:
        return clause_locator(match)
    cited = OUTLINE_CITED.fullmatch(cleaned)
    match = cited or OUTLINE_LOCATOR.fullmatch(cleaned.translate(FOLD))
    if match:
        return outline_locator(match)
    raise CitationError(f"看不懂的条款位置“{text}”，应写成“第十四条第一款第（二）项”“5.3.2 a)”或“二（三）”。")


def law_locator(match: re.Match[str]) -> Locator:
    """The locator that a match of :data:`LAW_LOCATOR` names."""

    def number(name: str) -> int:
        return to_int(match[name]) if match[name] else 0

    return Locator(
        number("article"),
        number("sub") or number("sub_before"),
        number("paragraph"),
        number("item") or number("bare_item"),
        number("point"),
    )


def outline_locator(match: re.Match[str]) -> Locator:
    """The locator that a match of :data:`OUTLINE_CITED` or :data:`OUTLINE_LOCATOR` names."""
    groups = match.groupdict()
    if groups.get("number"):
        return Locator(clause=groups["number"])
    section = f"（{groups['section']}）" if groups["section"] else ""
    return Locator(clause=groups["part"] + section + (groups["entry"] or ""))


def outline_text(locator: Locator) -> str:
    """How the place of a notice or list is cited: 第二部分第（三）项第4点, 第12项."""
    if locator.clause.isdigit():
        return f"第{locator.clause}项"
    match = OUTLINE_LOCATOR.fullmatch(locator.clause.translate(FOLD))
    if match is None:
        return locator.text
    section = f"第（{match['section']}）项" if match["section"] else ""
    entry = f"第{match['entry']}点" if match["entry"] else ""
    return f"第{match['part']}部分{section}{entry}"


def clause_locator(match: re.Match[str]) -> Locator:
    """The locator that a match of :data:`CLAUSE_LOCATOR` names; 附录A.2 is the standard's A.2."""
    letter = (match["letter"] or match["named"] or "").lower()
    if match["sub_letter"]:
        letter += "/" + match["sub_letter"]
    clause = re.sub(r"\s+", "", match["clause"]).upper()
    within = re.fullmatch(r"附录([A-Z])\.?(\d.*)", clause)
    return Locator(clause=f"{within[1]}.{within[2]}" if within else clause, letter=letter)
