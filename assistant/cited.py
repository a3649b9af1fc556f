"""What a question cites: which document and version, which place, and what applies now in place of an old one.

Built on :mod:`assistant.mentions`, which finds citations in any text; here is what only a question needs: words that choose
the version (旧的, 2014年版), places written without 条 or apart from the name, and names with one wrong character.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from assistant.entities import Document, Provision
from assistant.knowledge import Knowledge
from assistant.mentions import Hit, hits, place_at
from assistant.places import Places, ambiguity, inline, named, tidy
from kg_build.citation import Locator
from kg_build.errors import CitationError
from kg_build.spelling import NUM, WIDTH, to_int


@dataclass(slots=True)
class Cited:
    """What a question cites; ``possible`` are places of documents between which an ambiguous name leaves the choice."""

    provisions: list[Provision] = field(default_factory=list)
    possible: list[Provision] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    """The documents meant, whether or not the place was found."""
    current: list[Document] = field(default_factory=list)
    """The documents that stand in for those that are not held."""


def cited(text: str, knowledge: Knowledge, day: datetime.date) -> Cited:
    """Read every citation in a question asked about the law of ``day``; what can't be found becomes a notice."""
    text = text.translate(WIDTH)
    found, reading = hits(text, knowledge), Cited()
    if not found and (respelled := _respelled(text, knowledge)):
        text, notice = respelled
        found = hits(text, knowledge)
        reading.notices.append(notice)
    places = Places(knowledge)
    for hit in _placed(text, found, knowledge):
        _read(hit, text, places, day, reading)
    reading.notices += [n for d in dict.fromkeys(reading.about) for n in now(knowledge.documents[d], knowledge, day)]
    reading.notices += _moved(reading.provisions, knowledge, day)
    return reading


def _read(hit: Hit, text: str, places: Places, day: datetime.date, reading: Cited) -> None:
    knowledge = places.knowledge
    if hit.document is None and not hit.fits:
        current = _in_place_of(hit.name, knowledge, day)
        reading.current += current
        reading.notices.append(_unlisted(hit.name, current, knowledge))
        return
    chosen, notice = _edition(hit, text, knowledge, day)
    if notice:
        reading.notices.append(notice)
    if len(chosen) == 1:
        reading.about.append(chosen[0].id)
    for document in chosen:
        if hit.locator is None:
            if len(chosen) == 1:
                reading.documents.append(document.id)
            continue
        place = places.at(document, hit.locator)
        if place.provision and place.exists and len(chosen) == 1:
            reading.provisions.append(place.provision)
        elif place.provision:
            reading.possible.append(place.provision)
        if place.says:
            known = "" if place.exists is False else "；请核对条款号，或查标准和法规的原文"
            reading.notices.append(tidy(f"{place.says}{known}。"))


# --- which version ----------------------------------------------------------------------------------------------------

_BETWEEN = r"(?:那个|那部|那份|那版|这个|国家|的|版本|版|文本)*[\s《]*(?:中华人民共和国)?$"
_YEAR_BEFORE = re.compile(
    rf"((?:19|20)\d\d)\s*年?\s*(?P<marked>的?那?(?:版本|版|修正版|修订版|修正|修订|文本)(?:的)?)?{_BETWEEN}"
)
_OLD_BEFORE = re.compile(
    rf"(?:以前|从前|过去|之前|原来|原先|旧|老|(?:修订|修改|修正)(?:之)?前|(?:已)?(?:废止|失效|作废)|上一版|前一版){_BETWEEN}"
)
_FORMER = re.compile(rf"原{_BETWEEN}")
_NEW_BEFORE = re.compile(rf"(?:最新|新修订|新修改|新|现行|现在|修订后|修改后){_BETWEEN}")
_AFTER = re.compile(
    r"[\s》（(]{0,3}(?:(?P<year>(?:19|20)\d\d)\s*年?的?(?P<marked>版本|版|修正版|修订版|修正|修订|文本)?(?=[\s）)》的,，第]|$)"
    r"|(?P<old>[旧老原]版|(?:修订|修改|修正)前)|(?P<new>新版|(?:修订|修改|修正)后))"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    year: int = 0
    marked: bool = False
    old: bool = False
    new: bool = False


def _wanted(hit: Hit, text: str, end: int) -> _Wanted:
    """What the words around a name say of the version."""
    before, after = text[max(0, hit.start - 24) : hit.start], _AFTER.match(text, end)
    if after:
        year = int(after["year"] or 0)
        return _Wanted(year, bool(after["marked"]) or hit.year == year, bool(after["old"]), bool(after["new"]))
    if hit.year:
        return _Wanted(hit.year, marked=True)
    if year_before := _YEAR_BEFORE.search(before):
        return _Wanted(int(year_before[1]), bool(year_before["marked"] or re.search(r"版|年的", year_before[0])))
    # 原安监总局令 is an office of old, not an old order.
    former = "号" not in hit.name and _FORMER.search(before)
    return _Wanted(old=bool(former or _OLD_BEFORE.search(before)), new=bool(_NEW_BEFORE.search(before)))


def _edition(hit: Hit, text: str, knowledge: Knowledge, day: datetime.date) -> tuple[list[Document], str]:
    """The documents meant (several where the name is ambiguous, none where the version isn't held), and what to say."""
    end = hit.start + len(hit.name) + text[hit.start : hit.end].startswith("《")
    wanted = _wanted(hit, text, min(end, hit.end))
    fits = [knowledge.documents[d] for d in hit.fits or ([hit.document] if hit.document else [])]
    if hit.document is None:
        return _among(fits, hit, wanted, day)
    head = knowledge.documents[hit.document]
    names = knowledge.names
    line = [*names.newer(head.id), head.id, *names.older(head.id)]
    versions = list(dict.fromkeys([*fits, *(knowledge.documents[d] for d in line)]))
    # A year in the code itself has already chosen; a bare year beside a name may only be a date.
    if wanted.year and not (head.is_standard and str(head.version.year) in hit.name):
        dated = [d for d in versions if _is_of(d, wanted.year)]
        if dated:
            return dated[:1], ""
        if wanted.marked or wanted.year < head.version.year:
            return [], _not_held(head, f"{wanted.year} 年的文本", knowledge, day)
    in_force = [d for d in versions if d.is_in_force(day)]
    if wanted.old:
        current = next((d for d in fits if d.is_in_force(day)), None)
        if current is None:
            return fits[:1], ""
        older = [knowledge.documents[d] for d in names.older(current.id)]
        if older:
            return older[:1], ""
        if knowledge.superseding(current, day):
            return [current], ""
        return [], _not_held(current, "更早的文本", knowledge, day)
    if wanted.new and in_force and not head.is_in_force(day):
        return in_force[:1], ""
    return [next((d for d in fits if d.is_in_force(day)), fits[0])], ""


def _among(fits: list[Document], hit: Hit, wanted: _Wanted, day: datetime.date) -> tuple[list[Document], str]:
    """Of the documents that an ambiguous name fits, the one that the words around it single out; else all, and a notice."""
    left = fits
    if wanted.year:
        left = [d for d in fits if _is_of(d, wanted.year)] or fits
    elif wanted.old:
        left = [d for d in fits if d.repealed and d.repealed <= day] or fits
    elif wanted.new:
        left = [d for d in fits if d.is_in_force(day)] or fits
    if len(left) == 1:
        return left, ""
    return left, f"{ambiguity(hit.name, left)}。"


def _is_of(document: Document, year: int) -> bool:
    """Whether people call it the version of that year: its text, its entry into force, or its first publication if near."""
    first = {document.published.year} if document.in_force.year - document.published.year <= 1 else set()
    return year in {document.version.year, document.in_force.year, *first} or f"{year}" in document.short


def _not_held(document: Document, what: str, knowledge: Knowledge, day: datetime.date) -> str:
    state = f"自 {document.in_force} 起施行的" if document.is_in_force(day) else "收录的"
    return tidy(
        f"资料库没有收录{named(document)}{what}；{state}是 {document.version} 的版本，条号和内容可能不同，请按要查的事提问，"
        f"或去掉年份和新旧字样查这一版。"
    )


# --- what applies now -------------------------------------------------------------------------------------------------


def now(document: Document, knowledge: Knowledge, day: datetime.date) -> list[str]:
    """What applies on ``day`` in place of a document, or before it; empty for one simply in force."""
    if document.repealed and document.repealed <= day:
        later = [knowledge.documents[d] for d in knowledge.names.newer(document.id)]
        current = [d for d in later if d.is_in_force(day)]
        ended = f"{inline(document)}已于 {document.repealed} 废止"
        if current:
            told = "、".join(f"{inline(d)}（自 {d.in_force} 起施行）" for d in current)
            return [tidy(f"{ended}，现在适用{told}；条号不同，请按要查的事在其中查找。")]
        reason = f"：{document.ended_by.rstrip('。')}" if document.ended_by else ""
        return [tidy(f"{ended}{reason}；没有查到直接代替它的文件，现在的要求请按要查的事提问。")]
    above = knowledge.superseding(document, day)
    if above:
        told = "、".join(inline(d) for d in above)
        return [tidy(f"{inline(document)}与{told}不一致的，现在以后者为准，请再查后者的规定。")]
    return []


def _moved(provisions: list[Provision], knowledge: Knowledge, day: datetime.date) -> Iterator[str]:
    """Where the matter of a repealed provision is ruled now: the provision of a successor under the same heading."""
    for provision in provisions:
        document = provision.document
        if provision.heading is None or not document.repealed or document.repealed > day:
            continue
        later = {d for d in knowledge.names.newer(document.id) if knowledge.documents[d].is_in_force(day)}
        same = [p for p in knowledge.provisions.values() if p.document.id in later and p.heading == provision.heading]
        if len(same) == 1:
            yield f"{provision.citation}的“{provision.heading}”，现在见{same[0].citation}。"


def _in_place_of(name: str, knowledge: Knowledge, day: datetime.date) -> list[Document]:
    """The documents in force that replaced one that isn't held, or are other editions of the same standard."""
    others = (knowledge.documents[d] for d in knowledge.names.other_editions(name))
    return [d for d in dict.fromkeys((*knowledge.successors_named(name), *others)) if d.is_in_force(day)]


def _unlisted(name: str, current: list[Document], knowledge: Knowledge) -> str:
    """That a document isn't held, and what replaced it where that is known."""
    what = name if name[:1].isascii() else f"《{name}》"
    if not current:
        return tidy(f"资料库没有收录 {what}；下面只是意思相近的内容，请到发布机关的网站查原文。")
    told = "、".join(f"{inline(d)}（自 {d.in_force} 起施行）" for d in current)
    verb, tail = ("它已由", "代替") if knowledge.successors_named(name) else ("现行的是", "")
    return tidy(f"资料库没有收录 {what}，{verb}{told}{tail}；请按要查的事在其中查找。")


# --- places and names written loosely ---------------------------------------------------------------------------------

_BARE = re.compile(
    rf"[\s》的,，]*第?\s*(?P<article>{NUM})\s*(?:[（(]\s*(?P<item>[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*[)）])?"
    r"(?=\s*(?:$|[?？!！。,，;；]|讲|说|怎么|是|写|规定|啥|什么|呢|吗|内容|原文|全文))"
)
_FAR_LAW = re.compile(rf"第\s*{NUM}\s*(?:条|部分|项)|^\s*{NUM}\s*条")
_FAR_CLAUSE = re.compile(
    r"(?<![\d.A-Za-z])(?:第\s*)?(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,2})+(?![\d.]*\d)|附录\s*[A-Z]|表\s*[A-Z]?\.?\d+"
)


def _placed(text: str, found: list[Hit], knowledge: Knowledge) -> list[Hit]:
    """The hits; one document named without a place takes a place written without 条, or the only one elsewhere."""
    known = [h for h in found if h.document or h.fits]
    if len(known) != 1 or known[0].locator is not None:
        return found
    hit = known[0]
    form = knowledge.documents[hit.document or hit.fits[0]]
    locator = _bare(text, hit, form, knowledge) or _far(text, hit, form, knowledge)
    return [replace(h, locator=locator) if h is hit else h for h in found]


def _bare(text: str, hit: Hit, document: Document, knowledge: Knowledge) -> Locator | None:
    match = _BARE.match(text, hit.end)
    if match is None or document.is_standard:
        return None
    try:
        article = to_int(match["article"])
    except CitationError:
        return None
    # A year beside a law names the version.
    if 1900 <= article < 2100:
        return None
    if knowledge.is_outlined(document.id):
        return Locator(clause=str(article))
    return Locator(article=article, item=to_int(match["item"] or "0"))


def _far(text: str, hit: Hit, document: Document, knowledge: Knowledge) -> Locator | None:
    outside = text[: hit.start] + "。" * (hit.end - hit.start) + text[hit.end :]
    marks = list((_FAR_CLAUSE if document.is_standard else _FAR_LAW).finditer(outside))
    places = [p for m in marks if (p := place_at(outside, m.start(), document, knowledge))]
    return places[0] if len(places) == 1 else None


_CONFUSED = ("治制", "法发", "例列", "防仿", "消销", "险检", "燃然", "尘陈", "备倍", "办班", "定订", "刑型", "港巷", "劳老")
_RUN = re.compile(rf"([\u4e00-\u9fff、“”]{{3,40}})[》\s的]*(?=第?\s*{NUM}\s*条)")


def _respelled(text: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The question with a document's name put right that has one wrong, missing or needless character, and a notice."""
    for run in _RUN.finditer(text):
        written_name = re.sub(r"第?[〇零一二两三四五六七八九十百]*$", "", run[1])
        best: dict[str, tuple[str, str]] = {}
        for key, fits in knowledge.names.spelled():
            if knowledge.names.is_ambiguous(fits) or not re.fullmatch(r"[\u4e00-\u9fff]{3,}", key):
                continue
            for length in (len(key), len(key) - 1, len(key) + 1):
                tail = written_name[-length:]
                if len(tail) == length and _is_slip(tail, key):
                    best.setdefault(fits[0], (tail, key))
        if len(best) == 1:
            ((document, (tail, key)),) = best.items()
            at = run.start() + written_name.rindex(tail)
            form = knowledge.documents[document]
            told = f"没有找到名为“{tail}”的文件，按{named(form)}查找；不是这份的，请核对文件名称。"
            return text[:at] + key + text[at + len(tail) :], told
    return None


def _is_slip(tail: str, key: str) -> bool:
    """Whether ``tail`` is ``key`` with one slip of the pen."""
    if len(tail) == len(key):
        wrong = [(a, b) for a, b in zip(tail, key, strict=True) if a != b]
        if len(wrong) != 1:
            return False
        confused = any(set(wrong[0]) == set(pair) for pair in _CONFUSED)
        # The first two characters tell whose rule it is, the last what kind.
        return confused or (len(key) >= 5 and tail[:2] == key[:2] and tail[-1] == key[-1])
    longer, shorter = (tail, key) if len(tail) > len(key) else (key, tail)
    if len(key) < 6 or tail[:2] != key[:2] or tail[-1] != key[-1]:
        return False
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(2, len(longer) - 1))
