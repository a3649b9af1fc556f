"""Citations: 《安全生产法》第四十一条第二款第（一）项 ⇄ :class:`Locator`; the one place that parses or prints one.

A *locator* says where inside a document: article 条, paragraph 款, item 项, point 目 for law; clause and list letter for
standards (``5.3.2 a)``, ``A.2``, ``表1``). :class:`Names` knows the documents by every name people write, and finds
citations in running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import cn2an

from kg_build.errors import CitationError

_NUM = r"[0-9〇零一二两三四五六七八九十百千]+"
_ARTICLE = rf"第?\s*(?P<article>{_NUM})\s*条(?:\s*之\s*(?P<sub>{_NUM}))?"
_REST = (
    rf"(?:\s*第?\s*(?P<paragraph>{_NUM})\s*款)?"
    rf"(?:\s*第?\s*[（(]?\s*(?P<item>{_NUM})\s*[）)]?\s*项)?"
    rf"(?:\s*第?\s*(?P<point>{_NUM})\s*目)?"
)
LAW_LOCATOR = re.compile(_ARTICLE + _REST)
CLAUSE_LOCATOR = re.compile(
    r"(?:第\s*)?(?P<clause>(?:附录\s*)?(?:[A-Z]\.)?\d+(?:\.\d+)*|附录\s*[A-Z]|表\s*[A-Z]?\.?\d+|[A-Z](?:\.\d+)+)"
    r"(?:\s*条)?(?:\s*(?P<letter>[a-z]|\d{1,3})\s*[)）])?(?:\s*(?P<sub_letter>\d{1,2})\s*[)）])?"
)
# 一、… （一）… 1. …: how notices and lists without articles number their parts.
_HAN = "一二三四五六七八九十"
OUTLINE_LOCATOR = re.compile(rf"(?P<part>[{_HAN}]+)、?(?:\s*\((?P<section>[{_HAN}]+)\))?(?:\s*(?P<entry>\d{{1,3}})\.?)?")
# The same places as they are cited in running text: 第二部分第（三）项第4点, 第12项.
OUTLINE_CITED = re.compile(
    rf"第\s*(?P<part>[{_HAN}]+)\s*部分(?:\s*第\s*[（(](?P<section>[{_HAN}]+)[）)]\s*项)?(?:\s*第\s*(?P<entry>\d{{1,3}})\s*点)?"
    r"|第\s*(?P<number>\d{1,4})\s*项"
)
_DASHES = str.maketrans(dict.fromkeys("—–－‐‑﹣―", "-") | {"（": "(", "）": ")", "　": " ", "／": "/", "．": "."})


@lru_cache(maxsize=1024)
def to_int(numeral: str) -> int:
    """Read ``一百零三``, ``两百``, ``〇三`` or ``103`` as an integer."""
    if numeral.isdigit():
        return int(numeral)
    try:
        return int(cn2an.cn2an(numeral, "smart"))
    except ValueError as error:
        raise CitationError(f"看不懂的数字“{numeral}”，请写成“三十”或“30”。") from error


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
    match = CLAUSE_LOCATOR.fullmatch(cleaned.translate(_DASHES))
    if match:
        return _clause_locator(match)
    cited = OUTLINE_CITED.fullmatch(cleaned)
    match = cited or OUTLINE_LOCATOR.fullmatch(cleaned.translate(_DASHES))
    if match:
        return _outline_locator(match)
    raise CitationError(f"看不懂的条款位置“{text}”，应写成“第十四条第一款第（二）项”“5.3.2 a)”或“二（三）”。")


def law_locator(match: re.Match[str]) -> Locator:
    """The locator that a match of :data:`LAW_LOCATOR` names."""

    def number(name: str) -> int:
        return to_int(match[name]) if match[name] else 0

    return Locator(number("article"), number("sub"), number("paragraph"), number("item"), number("point"))


def _outline_locator(match: re.Match[str]) -> Locator:
    groups = match.groupdict()
    if groups.get("number"):
        return Locator(clause=groups["number"])
    section = f"（{groups['section']}）" if groups["section"] else ""
    return Locator(clause=groups["part"] + section + (groups["entry"] or ""))


def outline_text(locator: Locator) -> str:
    """How the place of a notice or list is cited: 第二部分第（三）项第4点, 第12项."""
    if locator.clause.isdigit():
        return f"第{locator.clause}项"
    match = OUTLINE_LOCATOR.fullmatch(locator.clause.translate(_DASHES))
    if match is None:
        return locator.text
    section = f"第（{match['section']}）项" if match["section"] else ""
    entry = f"第{match['entry']}点" if match["entry"] else ""
    return f"第{match['part']}部分{section}{entry}"


def _clause_locator(match: re.Match[str]) -> Locator:
    letter = match["letter"] or ""
    if match["sub_letter"]:
        letter += "/" + match["sub_letter"]
    return Locator(clause=re.sub(r"\s+", "", match["clause"]), letter=letter)


@dataclass(frozen=True, slots=True)
class Mention:
    """A citation found in running text; ``locator`` is ``None`` when only the document is named."""

    document: str
    locator: Locator | None
    start: int
    end: int
    text: str


_STANDARD = re.compile(r"^(GB|AQ|GBZ|DB\d*|XF|JB|HG|TSG|SH|GA)\s*(/\s*[TZ])?\s*([\d.]+)(?:\s*-\s*(\d{4}))?$")
_ORDER = re.compile(r"^(.*?)(?:令)?第?(\d+)号(?:令)?$")


class Names:
    """Every written name of the documents, and the search for citations in running text.

    ``names`` maps a written name (title, short title, alias, number) to a document id. Order numbers and standard codes
    are recognized in all their usual spellings (令第13号, 13号令, GB30871—2022, GB/T 13869).
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, str] = {}
        patterns: dict[str, str] = {}
        for name, document in names:
            for variant in _variants(name):
                self._exact.setdefault(_squeeze(variant), document)
                patterns.setdefault(_pattern(variant), document)
        ordered = sorted(patterns, key=len, reverse=True)
        self._documents = [patterns[p] for p in ordered]
        body = "|".join(f"(?P<d{i}>{p})" for i, p in enumerate(ordered))
        self._finder = re.compile(rf"《?\s*(?:中华人民共和国)?(?:{body})\s*》?") if ordered else None

    def resolve(self, name: str) -> str | None:
        """The id of the document called ``name``, or ``None``."""
        return self._exact.get(_squeeze(name))

    def split(self, citation: str) -> tuple[str, Locator]:
        """Split ``有限空间规定 第十四条`` into document id and locator; raise when either can't be read."""
        document, locator = self.split_optional(citation)
        if locator is None:
            raise CitationError(f"引用“{citation}”缺少条款位置，应写成“文件简称 第N条”或“GB 30871-2022 5.3.2”。")
        return document, locator

    def split_optional(self, citation: str) -> tuple[str, Locator | None]:
        """As :meth:`split`, with ``None`` where the citation names a whole document."""
        whole = self.resolve(citation)
        if whole:
            return whole, None
        words = citation.strip()
        for cut in _cuts(words):
            document = self.resolve(words[:cut])
            if document:
                return document, parse_locator(words[cut:])
        raise CitationError(f"引用“{citation}”里的文件不在资料库中；请核对简称，或先把该文件加入 corpus/rules。")

    def find(self, text: str) -> Iterator[Mention]:
        """Every mention of a known document in ``text``, with the locator that follows it, in order.

        Articles named after one another (第三十条、第九十七条第（七）项) each become a mention.
        """
        if self._finder is None:
            return
        cased = text.translate(_DASHES)
        # Some letters grow when put in upper case; positions must stay those of the text.
        plain = "".join(c.upper() if len(c.upper()) == 1 else c for c in cased)
        for match in self._finder.finditer(plain):
            document = next(self._documents[int(k[1:])] for k, v in match.groupdict().items() if v is not None)
            end = match.end()
            found = False
            for locator, start, stop in _locators_after(plain, cased, end):
                first = match.start() if not found else start
                yield Mention(document, locator, first, stop, text[first:stop])
                found = True
            if not found:
                yield Mention(document, None, match.start(), end, text[match.start() : end])


_GAP = re.compile(r"[\s的》,，、和及]*(?:\(\d{4}[^)]{0,8}\))?[\s的]*")


def _locators_after(plain: str, cased: str, position: int) -> Iterator[tuple[Locator, int, int]]:
    while True:
        start = _GAP.match(plain, position).end()  # type: ignore[union-attr]
        if law := LAW_LOCATOR.match(plain, start):
            yield law_locator(law), start, law.end()
            position = law.end()
            continue
        if outline := OUTLINE_CITED.match(plain, start):
            yield _outline_locator(outline), start, outline.end()
            position = outline.end()
            continue
        clause = CLAUSE_LOCATOR.match(cased, start)
        # A bare year or a quantity is no clause: ask for a dotted number, an annex, a table, or 第N章/条.
        if clause and ("." in clause["clause"] or not clause["clause"].isdigit()):
            yield _clause_locator(clause), start, clause.end()
            position = clause.end()
            continue
        return


def _squeeze(name: str) -> str:
    plain = name.translate(_DASHES).upper()
    return re.sub(r"[\s《》]|^中华人民共和国", "", re.sub(r"[\s《》]", "", plain))


def _variants(name: str) -> Iterator[str]:
    yield name
    order = _ORDER.match(name.translate(_DASHES).replace(" ", ""))
    if order and "令" in name:
        issuer, number = order[1], order[2]
        yield from (f"{issuer}令第{number}号", f"{issuer}{number}号令", f"{issuer}第{number}号令")
        yield from (f"令第{number}号", f"{number}号令", f"第{number}号令")
    standard = _STANDARD.match(name.translate(_DASHES).strip().upper())
    if standard and standard[4]:
        yield f"{standard[1]}{standard[2] or ''} {standard[3]}"
        if not standard[2]:
            yield f"{standard[1]}/T {standard[3]}"


def _pattern(name: str) -> str:
    plain = name.translate(_DASHES).strip().upper()
    standard = _STANDARD.match(plain)
    if standard:
        kind = standard[1] + (r"\s*/?\s*" + standard[2].replace("/", "").strip() if standard[2] else "")
        year = rf"\s*-\s*{standard[4]}" if standard[4] else r"(?!\s*-\s*(?:19|20)\d\d)(?![\d])"
        return rf"{kind}\s*{re.escape(standard[3])}{year}"
    order = re.fullmatch(r"(.*?)(令?)第?(\d+)号(令?)", plain.replace(" ", ""))
    if order:
        lead = "" if order[1] else r"(?<!\d)"
        return rf"{lead}{re.escape(order[1])}{order[2]}\s*第?\s*{order[3]}\s*号{order[4]}"
    return r"\s*".join(re.escape(c) for c in re.sub(r"\s+", "", plain.removeprefix("中华人民共和国"))) if plain else r"(?!)"


def _cuts(words: str) -> Iterator[int]:
    """Places where a document's name may end, the longest name first: before each space or 第."""
    for index in range(len(words) - 1, 0, -1):
        if words[index].isspace() or words[index] == "第":
            yield index


def index_names(documents: Mapping[str, Iterable[str]]) -> Names:
    """Build :class:`Names` from document id → its written names."""
    return Names((name, document) for document, names in documents.items() for name in names if name)
