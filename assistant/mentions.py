"""Where a text cites something: documents the snapshot knows, documents it lacks, and the places named after each."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.entities import Document
from assistant.knowledge import Knowledge
from kg_build.citation import CLAUSE_LOCATOR, LAW_LOCATOR, OUTLINE_CITED, Locator, Mention, parse_locator, to_int
from kg_build.errors import CitationError

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    "|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_ELSEWHERE = re.compile(
    rf"(?:{_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?(?:[\u4e00-\u9fff]{{1,5}}[市州县区])?$"
)
_DERIVED = re.compile(r"(?:实施)?(?:条例|细则|办法)|(?:条文)?(?:释义|解读)")
_MERE_WORD = {"法": "规律定院治人制学医", "规范": "化性", "标准": "化", "规程": "序", "规定": "的动作", "准则": "性"}
_TITLE = re.compile(r"《([^《》\n]{2,80})》")
_LEGAL = re.compile(
    r"(?:法|条例|规定|办法|细则|规则|规程|规范|标准|准则|通则|导则|指南|决定|通知|意见|解释|目录|公告|批复|要求|基准)(?:[（(〔].*)?$"
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:GBZ|GBJ|GB|AQ|GA|XF|HG|SH|TSG|JGJ|JB|JG|CJJ|DL|SY|NB|YB|QB|WS|YD|JT|DB\s?\d{2})(?:\s*[/／]\s*[TZ])?)"
    r"\s*[A-Z]?\d{2,6}(?:\.\d+)?(?:\s*[-—–－]{1,2}\s*(?:19|20)\d{2}(?!\d))?(?![\d.]*\d)",
    re.IGNORECASE,
)
_SURE = re.compile(r"^(?:GB|AQ|TSG|JGJ|DB)|/|／|(?:19|20)\d{2}$", re.IGNORECASE)
"""What makes a code a standard's beyond doubt: letters of such standards only, /T, or a year (YB 160 may be a machine)."""
_SENTENCE = re.compile(r"[^。；;！!？?]+[。；;！!？?]*|[。；;！!？?]+")
_LONG = re.compile(r"(?s).{1,1500}(?:\n|$)|[^\n]{1,1500}")
_SOON = re.compile(r"[\s》）)的,，、:：（(]{0,4}")
_AFTER_NOTE = re.compile(r"[\s》]{0,3}[（(〔][^（）()\n]{0,24}[）)〕][\s》的,，、:：]{0,3}")
_AGAIN = re.compile(r"\s*(?:以及|或者|至|到|[-—–－~～、，,和及或])\s*")
_NUM = r"[0-9〇零一二两三四五六七八九十百]+"
_LOCATED = re.compile(rf"第{_NUM}条")
_INNER = re.compile(rf"(?:第\s*(?P<paragraph>{_NUM})\s*款)?\s*(?:第?\s*[（(]?\s*(?P<item>{_NUM})\s*[）)]?\s*项)?")
_LETTER = re.compile(r"([a-z]|\d{1,2})\s*[)）]")
_UNIT = re.compile(r"\s*(?:[%％℃]|k?Pa|MPa|m{1,2}\b|kg|t\b|V\b)")
_BACK = re.compile(
    r"(?:该|同|上述|前述)(?:法|条例|规定|办法|细则|规则|规程|规范|标准|准则|规章)(?=第?[0-9一二三四五六七八九十百]|[A-Z]\.\d)"
)
_JOINED = re.compile(r"[\s（(，,]{0,3}(?:即|以下简称|简称|标准号|文号)?[\s:：“]{0,2}")
_YEAR = re.compile(r"[（(〔]\s*((?:19|20)\d{2})")


@dataclass(frozen=True, slots=True)
class Hit:
    """One citation: of a document of the snapshot (``document`` is its id), or of one known only by ``name``.

    ``locator`` is ``None`` where only the document is named; ``year`` is the edition that the text names beside a law.
    """

    start: int
    end: int
    document: str | None
    name: str
    locator: Locator | None
    year: int | None = None


@dataclass(slots=True)
class _Head:
    """A document's name in the text, and the places named after it."""

    start: int
    end: int
    document: str | None
    name: str
    standard: bool
    places: list[tuple[Locator, int, int]] = field(default_factory=list)


def hits(text: str, knowledge: Knowledge) -> list[Hit]:
    """Every citation in ``text``, in order of position."""
    titles = [(m.start(), m.end(), m[1]) for m in _TITLE.finditer(text)]
    codes = [(m.start(), m.end(), m[0]) for m in _CODE.finditer(text)]
    heads = [*_known(text, titles, codes, knowledge), *_unlisted(text, titles, codes, knowledge)]
    for head in heads:
        head.places = _places(text, head.end, head.standard)
    merged = _merge(text, sorted(heads, key=lambda h: (h.start, -h.end)), knowledge)
    merged += _back_references(text, merged)
    found = [hit for head in sorted(merged, key=lambda h: h.start) for hit in _of_head(text, head)]
    return [hit for hit, before in zip(found, [None, *found], strict=False) if before is None or hit.start >= before.end]


def _of_head(text: str, head: _Head) -> Iterator[Hit]:
    year = None
    if not head.standard:
        reach = head.places[0][1] if head.places else head.end + 12
        noted = _YEAR.search(text, head.start, reach)
        year = int(noted[1]) if noted and (noted.start() <= head.end + 2) else None
    if not head.places:
        if _LEGAL.search(head.name) or head.document or head.standard:
            opened = text.count("（", head.start, head.end) > text.count("）", head.start, head.end)
            end = head.end + (opened and text[head.end : head.end + 1] == "）")
            yield Hit(head.start, end, head.document, head.name, None, year)
        return
    for index, (locator, begin, end) in enumerate(head.places):
        yield Hit(begin if index else head.start, end, head.document, head.name, locator, year)


def _known(
    text: str, titles: Sequence[tuple[int, int, str]], codes: Sequence[tuple[int, int, str]], knowledge: Knowledge
) -> Iterator[_Head]:
    """Names of the snapshot's documents, unless they are part of another document's name or a mere word."""
    spans = sorted([*titles, *codes])
    starts = [s[0] for s in spans]
    for start, end, document in _names(text, knowledge):
        at = bisect.bisect_right(starts, start) - 1
        around = spans[at] if at >= 0 and start < spans[at][1] else None
        if around and end < around[1] - 1 and not _LOCATED.search(text, *around[:2]):
            continue
        name = text[start:end].strip("《》 \n")
        form = knowledge.documents[document]
        if around is None or text[start] != "《":
            region = _ELSEWHERE.search(text, max(0, start - 14), start)
            derived = _DERIVED.match(text, end)
            if (region or derived) and not form.is_standard:
                begin, stop = region.start() if region else start, derived.end() if derived else end
                yield _Head(begin, stop, None, text[begin:stop].strip("《》 \n"), False)
                continue
            ending = next((word for word in _MERE_WORD if name.endswith(word)), None)
            if ending and text[end : end + 1] and text[end] in _MERE_WORD[ending]:
                continue
        yield _Head(start, end, document, name, form.is_standard)


def _names(text: str, knowledge: Knowledge) -> Iterator[tuple[int, int, str]]:
    """Start, end and document of each known name; sentence by sentence, since no citation crosses a full stop."""
    pieces = (m for s in _SENTENCE.finditer(text) for m in _LONG.finditer(text, s.start(), s.end()))
    for piece in pieces:
        for mention in knowledge.names.find(piece[0]):
            length = _head_length(mention)
            if length:
                start = piece.start() + mention.start
                blank = len(mention.text) - len(mention.text.lstrip())
                yield start + blank, start + length, mention.document


def _head_length(mention: Mention) -> int:
    """How much of a mention is the document's name; 0 when it is only a further place of the document before."""
    if mention.locator is None:
        return len(mention.text.rstrip())
    for index in range(len(mention.text)):
        try:
            if parse_locator(mention.text[index:]) == mention.locator:
                return len(mention.text[:index].rstrip(" \n　的,，、"))
        except CitationError:
            continue
    return len(mention.text)


def _unlisted(
    text: str, titles: Sequence[tuple[int, int, str]], codes: Sequence[tuple[int, int, str]], knowledge: Knowledge
) -> Iterator[_Head]:
    """Titles and standard codes that are no name of a document of the snapshot as they stand."""
    for start, end, title in titles:
        if knowledge.names.resolve(title) is None and not _LOCATED.search(title):
            base = re.sub(r"[（(〔][^（）()〔〕]*[）)〕]$", "", title)
            document = knowledge.names.resolve(base) if base != title else None
            yield _Head(start, end, document, title, bool(document and knowledge.documents[document].is_standard))
    for start, end, code in codes:
        if knowledge.names.resolve(code) is None and _SURE.search(code):
            yield _Head(start, end, None, _tidy_code(code), True)


def _tidy_code(code: str) -> str:
    """GB15577—2007 as it is usually printed: GB 15577-2007."""
    plain = re.sub(r"\s+", "", re.sub(r"[—–－-]+", "-", code)).replace("／", "/").upper()
    return re.sub(r"^(DB\d{2}(?:/T)?|TSG|[A-Z]+(?:/[TZ])?)", r"\1 ", plain)


def _places(text: str, position: int, standard: bool) -> list[tuple[Locator, int, int]]:
    """The places named after a document's name: the first one, then those joined by 、和至."""
    found: list[tuple[Locator, int, int]] = []
    for gap in (_SOON, _AFTER_NOTE):
        match = gap.match(text, position)
        # A line break ends a standard's name: the number below it is a heading of the report's own.
        if match and not (standard and "\n" in match[0]):
            place = _place(text, match.end(), standard)
            if place:
                found.append(place)
                break
    while found:
        last, _, end = found[-1]
        joint = _AGAIN.match(text, end)
        following = _place(text, joint.end(), standard) or _inner(text, joint.end(), last) if joint else None
        if following is None:
            break
        found.append(following)
    return found


def _place(text: str, position: int, standard: bool) -> tuple[Locator, int, int] | None:
    law = LAW_LOCATOR.match(text, position)
    clause = CLAUSE_LOCATOR.match(text, position) if standard else None
    if clause and (law is None or clause.end() > law.end() or "." in clause["clause"]):
        after = text[clause.end() : clause.end() + 6]
        bare = clause["clause"].isdigit() and not clause["letter"] and not clause[0].lstrip().startswith("第")
        # A bare number is a quantity unless nothing follows it; a number before a unit (5.2 m) is one too.
        if (bare and not re.match(r"\s*(?:$|[\n。；;，,、）)])", after)) or _UNIT.match(after):
            return None
        return _parsed(clause[0], position)
    if law is None:
        # Notices and lists have no articles: 第二部分第（三）项, 第12项.
        outline = None if standard else OUTLINE_CITED.match(text, position)
        return _parsed(outline[0], position) if outline else None
    place = _parsed(law[0], position)
    if place and standard:
        return Locator(clause=str(place[0].article)), place[1], place[2]
    return place


def _parsed(words: str, position: int) -> tuple[Locator, int, int] | None:
    try:
        return parse_locator(words), position, position + len(words.rstrip())
    except CitationError:
        return None


def _inner(text: str, position: int, last: Locator) -> tuple[Locator, int, int] | None:
    """第二款 or 第（七）项 of the article before, or b) of the clause before."""
    if last.clause:
        letter = _LETTER.match(text, position) if last.letter else None
        return (replace(last, letter=letter[1]), position, letter.end()) if letter else None
    match = _INNER.match(text, position)
    if not match or not (match["paragraph"] or match["item"]):
        return None
    try:
        paragraph = to_int(match["paragraph"]) if match["paragraph"] else last.paragraph
        item = to_int(match["item"]) if match["item"] else 0
    except CitationError:
        return None
    return replace(last, paragraph=paragraph, item=item, point=0), position, position + len(match[0].rstrip())


def _merge(text: str, heads: list[_Head], knowledge: Knowledge) -> list[_Head]:
    """Join 《title》（code） into one citation; where title and code disagree, the code decides which edition is meant."""
    merged: list[_Head] = []
    for head in heads:
        before = merged[-1] if merged else None
        if before and head.start < before.end:
            continue
        if before and (joined := _joined(text, before, head, knowledge)):
            merged[-1] = joined
            continue
        merged.append(head)
    return merged


def _joined(text: str, before: _Head, head: _Head, knowledge: Knowledge) -> _Head | None:
    between = text[before.end : head.start]
    if not _JOINED.fullmatch(between):
        return None
    if before.document is not None and before.document == head.document:
        return replace(head, start=before.start)
    coded = [h for h in (before, head) if _CODE.match(text, h.start)]
    if len(coded) != 1 or "," in between or "，" in between:
        return None
    other = head if coded[0] is before else before
    form: Document | None = knowledge.documents.get(other.document or "")
    if form is not None and not form.is_standard:
        return None
    return replace(
        coded[0], start=before.start, end=head.end, places=_places(text, head.end, True) if head.places else head.places
    )


def _back_references(text: str, heads: list[_Head]) -> list[_Head]:
    """该法第三十条 and the like: a place of the document named last before it."""
    starts = [h.start for h in heads]
    found = []
    for match in _BACK.finditer(text):
        at = bisect.bisect_right(starts, match.start()) - 1
        if at < 0:
            continue
        named = heads[at]
        places = _places(text, match.end(), named.standard)
        if places:
            found.append(replace(named, start=match.start(), end=match.end(), places=places))
    return found
