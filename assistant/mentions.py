"""Where a text cites something: documents the snapshot knows, documents it lacks, and the places named after each."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.entities import Document
from assistant.knowledge import Knowledge
from kg_build.citation import (
    CLAUSE_LOCATOR,
    LAW_LOCATOR,
    OUTLINE_CITED,
    OUTLINE_LOCATOR,
    Locator,
    clause_locator,
    law_locator,
    outline_locator,
)
from kg_build.errors import CitationError
from kg_build.names import fold
from kg_build.spelling import CODE, WIDTH, code_text, read_code, to_int

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    "|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_ELSEWHERE = re.compile(
    rf"(?:{_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?(?:[\u4e00-\u9fff]{{1,5}}[市州县区])?$"
    r"|(?!上海|我们?|本|全|该|各|贵|咱)[\u4e00-\u9fff]{2}(?<!上海)(?:市|自治州)$"
)
_LONGER_TITLE = re.compile(
    r"(?:食品|药品|产品|农药|兽药|饲料|不动产|房屋|婚姻|公司|机动车|船舶|网络|出版|电影|旅游|教育|医疗器械|化妆品|物业|煤矿"
    r"|铁路|民航|水路|核设施|核|烟草|种子|建筑业|施工|工业品|印刷|通信|电力|动物|植物|饮用水|公共场所|人力资源|劳务派遣)$"
)
"""Words before a short name that make it the end of another rule's title (食品经营许可证管理办法)."""
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
_SOON = re.compile(
    r"[\s》）)的,，、:：（(]{0,4}"
    r"(?:(?:里面|里|中|上面|上|规定|要求|标准|规范|文件|文)?(?:的|那个|那)?[\s,，、:：]{0,2}(?:条款|条文)?)"
)
_EDITION = re.compile(
    r"[\s》（(]{0,3}(?:(?:19|20)\d\d\s*年?(?:的)?(?:版本|版|修正版|修订版|修正|修订|文本)|[旧老新原]版|(?:修订|修改|修正)[前后])[\s）)》的,，]{0,4}"
)
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
    ``fits`` are all documents that the name fits; where ``document`` is ``None`` it is ambiguous between them.
    """

    start: int
    end: int
    document: str | None
    name: str
    locator: Locator | None
    year: int | None = None
    fits: tuple[str, ...] = ()


@dataclass(slots=True)
class _Head:
    """A document's name in the text, and the places named after it."""

    start: int
    end: int
    document: str | None
    name: str
    standard: bool
    places: list[tuple[Locator, int, int]] = field(default_factory=list)
    fits: tuple[str, ...] = ()


def hits(text: str, knowledge: Knowledge) -> list[Hit]:
    """Every citation in ``text``, in order of position."""
    text = text.translate(WIDTH)
    titles = [(m.start(), m.end(), m[1]) for m in _TITLE.finditer(text)]
    codes = [(m.start(), m.end(), m[0]) for m in _CODE.finditer(text)]
    heads = [*_known(text, titles, codes, knowledge), *_unlisted(text, titles, codes, knowledge)]
    for head in heads:
        head.places = _places(text, head.end, _form(head.document or (head.fits[0] if head.fits else None), head, knowledge))
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
        if _LEGAL.search(head.name) or head.document or head.standard or head.fits:
            opened = text.count("（", head.start, head.end) > text.count("）", head.start, head.end)
            end = head.end + (opened and text[head.end : head.end + 1] == "）")
            yield Hit(head.start, end, head.document, head.name, None, year, head.fits)
        return
    for index, (locator, begin, end) in enumerate(head.places):
        yield Hit(begin if index else head.start, end, head.document, head.name, locator, year, head.fits)


def _known(
    text: str, titles: Sequence[tuple[int, int, str]], codes: Sequence[tuple[int, int, str]], knowledge: Knowledge
) -> Iterator[_Head]:
    """Names of the snapshot's documents, unless they are part of another document's name or a mere word."""
    spans = sorted([*titles, *codes])
    starts = [s[0] for s in spans]
    for start, end, fits, ambiguous in _names(text, knowledge):
        at = bisect.bisect_right(starts, start) - 1
        around = spans[at] if at >= 0 and start < spans[at][1] else None
        if around and end < around[1] - 1 and not _LOCATED.search(text, *around[:2]):
            continue
        name = text[start:end].strip("《》 \n")
        form = knowledge.documents[fits[0]]
        if around is None or text[start] != "《":
            region = _ELSEWHERE.search(text, max(0, start - 14), start)
            derived = _DERIVED.match(text, end)
            if (region or derived) and not form.is_standard:
                begin, stop = region.start() if region else start, derived.end() if derived else end
                yield _Head(begin, stop, None, text[begin:stop].strip("《》 \n"), False)
                continue
            if _LONGER_TITLE.search(text, max(0, start - 6), start) or _is_mere_word(text, end, name, form.is_standard):
                continue
        yield _Head(start, end, None if ambiguous else fits[0], name, form.is_standard, fits=fits)


def _is_mere_word(text: str, end: int, name: str, standard: bool) -> bool:
    """Whether a name's last character begins another word: 安全生产法律, 人行道条件."""
    # With a place after it, it is the name: 有限空间规定的第四条.
    if _place(text, _SOON.match(text, end).end(), "standard" if standard else "law"):  # type: ignore[union-attr]
        return False
    ending = next((word for word in _MERE_WORD if name.endswith(word)), None)
    if ending and text[end : end + 1] and text[end] in _MERE_WORD[ending]:
        return not text.startswith("规定", end)
    # Two characters are a name only where a place follows.
    return len(name) < 3 and not name.endswith("法")


def _names(text: str, knowledge: Knowledge) -> Iterator[tuple[int, int, tuple[str, ...], bool]]:
    """Where each known name is and what it fits; sentence by sentence, since no citation crosses a full stop."""
    pieces = (m for s in _SENTENCE.finditer(text) for m in _LONG.finditer(text, s.start(), s.end()))
    for piece in pieces:
        for named in knowledge.names.named(piece[0]):
            words = piece[0][named.start : named.end]
            blank = len(words) - len(words.lstrip())
            start, end = piece.start() + named.start + blank, piece.start() + named.start + len(words.rstrip())
            yield start, end, named.fits, named.ambiguous


def _unlisted(
    text: str, titles: Sequence[tuple[int, int, str]], codes: Sequence[tuple[int, int, str]], knowledge: Knowledge
) -> Iterator[_Head]:
    """Titles and standard codes that are no name of a document of the snapshot as they stand."""
    for start, end, title in titles:
        if knowledge.names.resolve(title) is None and not _LOCATED.search(title):
            base = re.sub(r"[（(〔][^（）()〔〕]*[）)〕]$", "", title)
            document = knowledge.names.resolve(base) if base != title else None
            yield _Head(start, end, document, title, bool(document and knowledge.documents[document].is_standard))
    plain = fold(text)
    for start, end, code in codes:
        read = CODE.match(plain, start)
        if read and read.end() > end:
            # GB 30871（2014版）: the year that follows is part of the code.
            end, code = read.end(), code_text(read_code(read))
        if not knowledge.names.fitting(code) and _SURE.search(code):
            yield _Head(start, end, None, _tidy_code(code), True)


def _tidy_code(code: str) -> str:
    """GB15577—2007 as it is usually printed: GB 15577-2007."""
    plain = re.sub(r"\s+", "", re.sub(r"[—–－-]+", "-", code)).replace("／", "/").upper()
    return re.sub(r"^(DB\d{2}(?:/T)?|TSG|[A-Z]+(?:/[TZ])?)", r"\1 ", plain)


Form = str
"""How a document's places are numbered: ``law``, ``standard`` or ``outline``."""


def _form(document: str | None, head: _Head, knowledge: Knowledge) -> Form:
    if head.standard:
        return "standard"
    return "outline" if document and knowledge.is_outlined(document) else "law"


def _places(text: str, position: int, form: Form) -> list[tuple[Locator, int, int]]:
    """The places named after a document's name: the first one, then those joined by 、和至."""
    found: list[tuple[Locator, int, int]] = []
    for gap in (_SOON, _AFTER_NOTE, _EDITION):
        match = gap.match(text, position)
        # A line break ends a standard's name: the number below it is a heading of the report's own.
        if match and not (form == "standard" and "\n" in match[0]):
            place = _place(text, match.end(), form)
            if place:
                found.append(place)
                break
    while found:
        last, _, end = found[-1]
        joint = _AGAIN.match(text, end)
        following = _place(text, joint.end(), form) or _inner(text, joint.end(), last) if joint else None
        if following is None:
            break
        found.append(following)
    return found


def _place(text: str, position: int, form: Form) -> tuple[Locator, int, int] | None:
    law = LAW_LOCATOR.match(text, position)
    clause = CLAUSE_LOCATOR.match(text, position) if form == "standard" else None
    try:
        if clause and (law is None or clause.end() >= law.end() or "." in clause["clause"]):
            after = text[clause.end() : clause.end() + 6]
            bare = clause["clause"].isdigit() and clause[0].strip() == clause["clause"]
            # A bare number is a quantity unless nothing follows it; a number before a unit (5.2 m) is one too.
            if (bare and not re.match(r"\s*(?:$|[\n。；;，,、）)])", after)) or _UNIT.match(after):
                return None
            return clause_locator(clause), position, position + len(clause[0].rstrip())
        if law is None:
            return _outlined(text, position, form)
        found = law_locator(law)
    except CitationError:
        return None
    if form == "standard" or (form == "outline" and not (found.sub or found.paragraph or found.item)):
        found = Locator(clause=str(found.article))
    return found, position, position + len(law[0].rstrip())


def place_at(text: str, position: int, document: Document, knowledge: Knowledge) -> Locator | None:
    """The place of a document that is written at a position of a text."""
    outlined = knowledge.is_outlined(document.id)
    place = _place(text, position, "standard" if document.is_standard else "outline" if outlined else "law")
    return place[0] if place else None


def _outlined(text: str, position: int, form: Form) -> tuple[Locator, int, int] | None:
    """Notices and lists have no articles: 第二部分第（三）项, 第12项, 二、（三）4."""
    if form == "standard":
        return None
    if cited := OUTLINE_CITED.match(text, position):
        return outline_locator(cited), position, cited.end()
    written = OUTLINE_LOCATOR.match(text, position) if form == "outline" else None
    return (outline_locator(written), position, written.end()) if written else None


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
    if before.document is not None and before.document in (head.document, *head.fits):
        # A title beside a number that fits several documents says which is meant.
        return replace(head, start=before.start, document=before.document, fits=before.fits)
    if head.document is not None and head.document in before.fits:
        return replace(head, start=before.start)
    coded = [h for h in (before, head) if _CODE.match(text, h.start)]
    if len(coded) != 1 or "," in between or "，" in between:
        return None
    other = head if coded[0] is before else before
    form: Document | None = knowledge.documents.get(other.document or "")
    if form is not None and not form.is_standard:
        return None
    return replace(
        coded[0],
        start=before.start,
        end=head.end,
        places=_places(text, head.end, "standard") if head.places else head.places,
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
        places = _places(text, match.end(), "standard" if named.standard else "law")
        if places:
            found.append(replace(named, start=match.start(), end=match.end(), places=places))
    return found
