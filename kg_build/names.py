"""The documents by every name people write, and the citations in running text.

A name may fit several documents. Versions of one rule (each replaces the one before) are one line, and the newest is
meant unless a version is named; a name that fits documents of different lines is ambiguous and never picks one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg_build.citation import (
    CLAUSE_LOCATOR,
    LAW_LOCATOR,
    OUTLINE_CITED,
    Locator,
    clause_locator,
    law_locator,
    outline_locator,
    parse_locator,
)
from kg_build.errors import CitationError
from kg_build.spelling import (
    CODE,
    FILE_NUMBER,
    FOLD,
    ORDER,
    Code,
    Order,
    read_code,
    read_file_number,
    read_order,
    squeeze,
    squeezed,
    stands_alone,
    to_int,
    variants,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A document's name in a text: the documents it fits, the one meant first; none is meant when ``ambiguous``."""

    start: int
    end: int
    fits: tuple[str, ...]
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A citation found in running text; ``locator`` is ``None`` when only the document is named."""

    document: str
    locator: Locator | None
    start: int
    end: int
    text: str


_GAP = re.compile(r"[\s的》,，、和及]*(?:\(\d{4}[^)]{0,8}\))?[\s的]*")


class Names:
    """Every written name of the documents, and the search for citations in running text.

    ``documents`` maps a document id to its written names (title, short title, alias, number); ``replaces`` maps it to
    the names of what it replaced. Codes, orders and file numbers are recognized in all their usual spellings.
    """

    def __init__(self, documents: Mapping[str, Iterable[str]], replaces: Mapping[str, Iterable[str]] | None = None) -> None:
        self._titles: dict[str, list[str]] = defaultdict(list)
        self._derived: dict[str, list[str]] = defaultdict(list)
        self._codes: dict[str, list[tuple[Code, str]]] = defaultdict(list)
        self._orders: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._issuers: set[str] = set()
        self._files: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for document, names in documents.items():
            for name in filter(None, names):
                self._learn(name.strip(), document)
        self._before: dict[str, set[str]] = {d: set() for d in documents}
        for document, olds in (replaces or {}).items():
            for old in olds:
                self._before[document].update(d for d in self._exact(old) if d != document)
        self._newest = {d: len(self.older(d)) for d in documents}
        self._keys = sorted(filter(None, {*self._titles, *self._derived}), key=len, reverse=True)
        self._starting: dict[str, list[str]] = defaultdict(list)
        for key in self._keys:
            self._starting[key[:2]].append(key)

    def _learn(self, name: str, document: str) -> None:
        """File a name under its key; titles under what people write for them too."""
        plain = name.translate(FOLD).upper()
        if code := CODE.fullmatch(plain):
            read = read_code(code)
            self._codes[read.number].append((read, document))
            return
        if (number := FILE_NUMBER.fullmatch(plain)) and number["prefix"][-1] not in "令告":
            self._files[(int(number["noted"] or number["year"]), int(number["number"]))][number["prefix"]] = document
            return
        for order in ORDER.finditer(plain):
            found = read_order(plain, order)
            before = plain[: found.start if found else order.start()].removeprefix("中华人民共和国").strip()
            if found and not before:
                self._orders[found.order.number].append((found.order.issuer, document))
            elif order.end() == len(plain) and before and (not found or not found.order.issuer):
                self._issuers.add(before)
                self._orders[to_int(order["after"] or order["before"])].append((before, document))
        if re.fullmatch(r".*令第?[0-9一二三四五六七八九十]+号(?:\(.*)?|[0-9]+号令", plain):
            return
        _add(self._titles, squeeze(name), document)
        for other in variants(name):
            _add(self._derived, squeeze(other), document)

    # --- which documents a name fits ------------------------------------------------------------------------------------

    def older(self, document: str) -> list[str]:
        """The earlier versions of a document, the nearest first."""
        found: list[str] = []
        pending = sorted(self._before.get(document, ()))
        while pending:
            at = pending.pop(0)
            if at not in found and at != document:
                found.append(at)
                pending.extend(sorted(self._before.get(at, ())))
        return found

    def newer(self, document: str) -> list[str]:
        """The later versions of a document."""
        return [d for d in self._before if document in self.older(d)]

    def same_line(self, one: str, other: str) -> bool:
        """Whether two documents are versions of one rule."""
        return one == other or one in self.older(other) or other in self.older(one)

    def _ranked(self, documents: Iterable[str]) -> tuple[str, ...]:
        # Stable: what the corpus names first stays first among equals.
        return tuple(sorted(dict.fromkeys(documents), key=lambda d: -self._newest.get(d, 0)))

    def is_ambiguous(self, fits: tuple[str, ...]) -> bool:
        """Whether documents that one name fits are of different lines."""
        return any(not self.same_line(fits[0], other) for other in fits[1:])

    def _by_code(self, code: Code) -> list[str]:
        held = [(c, d) for c, d in self._codes.get(code.number, ()) if not code.letters or c.letters == code.letters]
        if code.year:
            held = [(c, d) for c, d in held if c.year == code.year]
        # GB/T written for GB and the other way round is the same standard, unless both exist.
        same = [(c, d) for c, d in held if c.kind == code.kind]
        return [d for _, d in same or held]

    def _by_order(self, order: Order) -> list[str]:
        held = self._orders.get(order.number, [])
        if order.issuer == "*":
            return [d for issuer, d in held if issuer in ("saws", "samr", "")]
        if order.issuer:
            return [d for issuer, d in held if issuer == order.issuer]
        # A law's 主席令 number is never written without 主席令.
        return [d for issuer, d in held if issuer != "npc"]

    def _exact(self, name: str) -> list[str]:
        """The documents that a whole name fits."""
        plain = name.translate(FOLD).strip(" 《》\n").upper()
        if code := CODE.fullmatch(plain):
            return self._by_code(read_code(code))
        if (key := squeeze(name)) in self._titles:
            return self._titles[key]
        if key in self._derived:
            return self._derived[key]
        for order in ORDER.finditer(plain):
            found = read_order(plain, order, self._issuers)
            if found and found.start <= len("中华人民共和国") and found.end >= len(plain):
                return self._by_order(found.order)
        if number := FILE_NUMBER.fullmatch(plain):
            held = self._files.get((int(number["noted"] or number["year"]), int(number["number"])), {})
            read = read_file_number(number, held)
            return [read[1]] if read and read[0] == 0 else []
        return []

    def fitting(self, name: str) -> tuple[str, ...]:
        """Every document called ``name``, the newest version first."""
        return self._ranked(self._exact(name))

    def resolve(self, name: str) -> str | None:
        """The id of the document called ``name``; ``None`` when there is none, or several that are no versions of one."""
        fits = self.fitting(name)
        return fits[0] if fits and not self.is_ambiguous(fits) else None

    def other_editions(self, code: str) -> tuple[str, ...]:
        """The documents with the number of a standard's code but another year."""
        match = CODE.fullmatch(fold(code).strip())
        if match is None:
            return ()
        read = read_code(match)
        return self._ranked(self._by_code(Code(read.letters, read.kind, read.number, 0)))

    def spelled(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every title, short title and alias in its bare characters, with the documents it fits."""
        for key in self._keys:
            yield key, self._ranked(self._titles.get(key) or self._derived[key])

    # --- reading citations ----------------------------------------------------------------------------------------------

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
        if several := self.fitting(words) or next((f for c in _cuts(words) if (f := self.fitting(words[:c]))), ()):
            raise CitationError(f"引用“{citation}”的名称同时指 {len(several)} 份文件；请写全称，或在文号前写明发布机关。")
        raise CitationError(f"引用“{citation}”里的文件不在资料库中；请核对简称，或先把该文件加入 corpus/rules。")

    def named(self, text: str) -> list[Named]:
        """Every name of a known document in ``text``, in order; where two overlap, the one that starts first, the longer."""
        plain = fold(text)
        found = [*self._titled(plain), *self._coded(plain), *self._ordered(plain), *self._filed(plain)]
        kept: list[Named] = []
        for one in sorted(found, key=lambda n: (n.start, -n.end)):
            if not kept or one.start >= kept[-1].end:
                kept.append(_widened(plain, one))
        return kept

    def _named(self, start: int, end: int, documents: Iterable[str]) -> Iterator[Named]:
        fits = self._ranked(documents)
        if fits:
            yield Named(start, end, fits, self.is_ambiguous(fits))

    def _titled(self, plain: str) -> Iterator[Named]:
        bare, places = squeezed(plain)
        at = 0
        while at < len(bare):
            keys = self._starting.get(bare[at : at + 2], ())
            key = next((k for k in keys if self._stands(k, bare, at, plain, places)), None)
            if key is not None:
                end = places[at + len(key) - 1] + 1
                yield from self._named(places[at], end, self._titles.get(key) or self._derived[key])
            at += len(key or " ")

    @staticmethod
    def _stands(key: str, bare: str, at: int, plain: str, places: Sequence[int]) -> bool:
        if not bare.startswith(key, at):
            return False
        return not key.isdigit() or stands_alone(plain, places[at], places[at + len(key) - 1] + 1)

    def _coded(self, plain: str) -> Iterator[Named]:
        for match in CODE.finditer(plain):
            yield from self._named(match.start(), match.end(), self._by_code(read_code(match)))

    def _ordered(self, plain: str) -> Iterator[Named]:
        for match in ORDER.finditer(plain):
            if found := read_order(plain, match, self._issuers):
                yield from self._named(found.start, found.end, self._by_order(found.order))

    def _filed(self, plain: str) -> Iterator[Named]:
        for match in FILE_NUMBER.finditer(plain):
            held = self._files.get((int(match["noted"] or match["year"]), int(match["number"])), {})
            if read := read_file_number(match, held):
                yield from self._named(read[0], match.end(), [read[1]])

    def find(self, text: str) -> Iterator[Mention]:
        """Every mention of a known document in ``text``, with the locator that follows it, in order.

        Articles named after one another (第三十条、第九十七条第（七）项) each become a mention. An ambiguous name is none.
        """
        cased = text.translate(FOLD)
        for name in self.named(text):
            if name.ambiguous:
                continue
            found = False
            for locator, start, stop in _locators_after(cased, name.end):
                first = start if found else name.start
                yield Mention(name.fits[0], locator, first, stop, text[first:stop])
                found = True
            if not found:
                yield Mention(name.fits[0], None, name.start, name.end, text[name.start : name.end])


def fold(text: str) -> str:
    """``text`` in the one form in which names are looked for; positions stay those of the text."""
    # Some letters grow when put in upper case; positions must stay those of the text.
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text.translate(FOLD))


_OPENING = re.compile(r"(?:《\s*)?(?:中华人民共和国)?$")
_CLOSING = re.compile(r"[\s)]*》")


def _widened(plain: str, name: Named) -> Named:
    """The name with the 《》 and 中华人民共和国 around it."""
    start = _OPENING.search(plain, max(0, name.start - 9), name.start)
    end = _CLOSING.match(plain, name.end)
    first = start.start() if start else name.start
    return Named(first, end.end() if end else name.end, name.fits, name.ambiguous)


def _locators_after(cased: str, position: int) -> Iterator[tuple[Locator, int, int]]:
    while True:
        start = _GAP.match(cased, position).end()  # type: ignore[union-attr]
        if law := LAW_LOCATOR.match(cased, start):
            yield law_locator(law), start, law.end()
            position = law.end()
            continue
        if outline := OUTLINE_CITED.match(cased, start):
            yield outline_locator(outline), start, outline.end()
            position = outline.end()
            continue
        clause = CLAUSE_LOCATOR.match(cased, start)
        # A bare year or a quantity is no clause: ask for a dotted number, an annex, a table, or 第N章/条.
        if clause and ("." in clause["clause"] or not clause["clause"].isdigit()):
            yield clause_locator(clause), start, clause.end()
            position = clause.end()
            continue
        return


def _add(held: dict[str, list[str]], key: str, document: str) -> None:
    if document not in held[key]:
        held[key].append(document)


def _cuts(words: str) -> Iterator[int]:
    """Places where a document's name may end, the longest name first: before each space or 第."""
    for index in range(len(words) - 1, 0, -1):
        if words[index].isspace() or words[index] == "第":
            yield index


def index_names(documents: Mapping[str, Iterable[str]], replaces: Mapping[str, Iterable[str]] | None = None) -> Names:
    """Build :class:`Names` from document id → its written names, and document id → the names of what it replaced."""
    return Names(documents, replaces)
