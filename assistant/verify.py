"""Any text → every citation in it checked: does the place exist, is it in force that day, does it bind, what replaced it?

What the snapshot does not hold is reported as 资料库未收录，无法核对 and never as wrong.
"""

from __future__ import annotations

import bisect
import datetime
import re
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, Field

from assistant.entities import Document, Provision
from assistant.knowledge import Knowledge
from assistant.mentions import Hit, hits
from assistant.models import Nature, ProvisionOut, provision_out
from kg_build.citation import Locator, index_names, outline_text, to_chinese
from kg_build.errors import CitationError, UsageError
from kg_build.statutes import split_article

MAX_CHARS = 200_000
Status = Literal[
    "ok",
    "partly_superseded",
    "not_yet_in_force",
    "repealed",
    "replaced",
    "no_such_place",
    "place_not_collected",
    "document_not_collected",
]
STATUS_LABELS: dict[str, str] = {
    "ok": "有效",
    "partly_superseded": "部分被替代",
    "not_yet_in_force": "尚未施行",
    "repealed": "已废止",
    "replaced": "已被替代",
    "no_such_place": "条款不存在",
    "place_not_collected": "条款未收录",
    "document_not_collected": "文件未收录",
}
WRONG: frozenset[str] = frozenset({"not_yet_in_force", "repealed", "replaced", "no_such_place"})


class CitationFinding(BaseModel):
    """What was found of one citation; ``start`` and ``end`` are character positions in the text, ``line`` counts from 1."""

    start: int
    end: int
    line: int = 1
    quote: str
    status: Status
    verdict: str
    document: str | None = Field(description="资料库中的文件简称；未收录为空。")
    document_title: str = Field(description="文件全称；未收录时为文中的写法。")
    citation: str = Field(description="规范写法。")
    exists: bool | None = Field(description="所引条款是否存在；无法核对为空。")
    in_force: bool | None = Field(description="当日是否施行；无法核对为空。")
    nature: Nature | None = Field(description="强制或推荐；无法核对为空。")
    replaced_by: list[str] = []
    superseded_by: list[str] = Field(default=[], description="与其不一致时以后者为准的文件。")
    notes: list[str] = []
    provision: ProvisionOut | None = None

    @property
    def label(self) -> str:
        """The status in Chinese."""
        return STATUS_LABELS[self.status]


class Verification(BaseModel):
    """All citations of a text, in order."""

    as_of: datetime.date
    total: int
    wrong: int = Field(description="不存在、已废止、已被替代或尚未施行的引用数。")
    unverified: int = Field(description="资料库未收录、无法核对的引用数。")
    summary: str
    findings: list[CitationFinding]


def verify(text: str, knowledge: Knowledge, day: datetime.date) -> list[CitationFinding]:
    """Check every citation in ``text`` against the law of ``day``, in order of position.

    Raise :class:`UsageError` when the text is empty or longer than ``MAX_CHARS``.
    """
    if not text.strip():
        raise UsageError("没有可核对的文字；请粘贴报告、方案或文书的正文。")
    if len(text) > MAX_CHARS:
        raise UsageError(f"文字太长（{len(text)} 字，最多 {MAX_CHARS} 字）；请分几次核对。")
    lines = [m.start() for m in re.finditer("\n", text)]
    judge = _Judge(knowledge, day)
    found = []
    for hit in hits(text, knowledge):
        finding = judge.finding(hit, text)
        found.append(finding.model_copy(update={"line": bisect.bisect_left(lines, hit.start) + 1}))
    return found


def verification(text: str, knowledge: Knowledge, day: datetime.date) -> Verification:
    """:func:`verify` with its counts and one summarizing sentence."""
    findings = verify(text, knowledge, day)
    wrong = sum(f.status in WRONG for f in findings)
    unverified = sum(f.exists is None or f.in_force is None for f in findings if f.status not in WRONG)
    if findings:
        summary = (
            f"共有 {len(findings)} 处引用（按 {day} 的法律）：{wrong} 处有误，{unverified} 处无法核对，"
            f"其余 {len(findings) - wrong - unverified} 处有效。"
        )
    else:
        summary = "没有找到对法规或标准的引用；引用应写明文件名称或文号，如《安全生产法》第三十条、GB 30871-2022 5.3.2。"
    return Verification(
        as_of=day, total=len(findings), wrong=wrong, unverified=unverified, summary=summary, findings=findings
    )


@dataclass(slots=True)
class _Place:
    """What is known of a place: ``exists`` is ``None`` where the snapshot can't tell; ``says`` tells the reader why."""

    exists: bool | None
    says: str
    provision: Provision | None = None
    notes: list[str] = field(default_factory=list)


class _Judge:
    """Judges citations against one snapshot on one day."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day
        self.successors = knowledge.successors
        # An old edition is written with or without the year that the corpus adds to its title.
        self.old_names = index_names({name: [name, _NOTE.sub("", name)] for name in self.successors})
        self.shorts = {d.short: d for d in knowledge.documents.values()}
        self.extents: dict[str, tuple[int | None, bool]] = {}
        self.told: set[str] = set()

    def finding(self, hit: Hit, text: str) -> CitationFinding:
        """What is to be said of one citation."""
        if hit.document is None:
            return self._unlisted(hit, text)
        document = self.knowledge.documents[hit.document]
        old = self._older_edition(document, hit)
        place = self._place(document, hit.locator) if hit.locator and not old else _Place(None if old else True, "")
        above = [self.shorts[s] for s in document.partly_superseded_by if s in self.shorts]
        above = [d for d in above if d.is_in_force(self.day)]
        successors = [d for d in self.successors.get(document.short, []) if d.id != document.id]
        status, force = self._force(document)
        if old:
            status, force = old
        elif status == "repealed" and successors:
            force += f"，由{_list(successors)}代替"
        elif status == "ok" and above:
            status = "partly_superseded"
            force += f"，与{_list(above)}不一致的以后者为准"
        if place.exists is False and not old:
            status = "no_such_place"
        elif place.exists is None and status == "ok":
            status = "place_not_collected"
        citation = _citation(document, hit.locator)
        binds = "" if place.exists is False or old else f"，{_binding(document)}"
        head = f"{place.says}；{_inline(document)}" if place.says else f"{citation}{'：' if old else ' '}"
        tail = "；引用没有写明条款" if hit.locator is None else ""
        return CitationFinding(
            start=hit.start,
            end=hit.end,
            quote=text[hit.start : hit.end],
            status=status,
            verdict=_tidy(f"{head}{force}{binds}{tail}。"),
            document=document.short,
            document_title=document.title,
            citation=citation,
            exists=place.exists,
            in_force=document.is_in_force(self.day) if not old else False if status == "replaced" else None,
            nature="mandatory" if document.mandatory else "recommended",
            replaced_by=[d.short for d in successors],
            superseded_by=[d.short for d in above],
            notes=[*place.notes, *self._notes(document, hit)],
            provision=provision_out(place.provision, self.knowledge, self.day) if place.provision else None,
        )

    def _older_edition(self, document: Document, hit: Hit) -> tuple[Status, str] | None:
        """What to say when the text names an edition by a year before that of the version in the snapshot."""
        own = {document.version.year, document.published.year, document.in_force.year}
        if hit.year is None or hit.year in own or hit.year > document.version.year:
            return None
        told = f"文中引用的是 {hit.year} 年的文本，"
        if document.in_force <= self.day:
            return "replaced", f"{told}已由 {document.version} 的版本代替，条号和内容可能不同"
        return "document_not_collected", f"{told}资料库只有 {document.version} 的版本，无法核对"

    def _force(self, document: Document) -> tuple[Status, str]:
        if self.day < document.in_force:
            return "not_yet_in_force", f"自 {document.in_force} 起施行，{self.day} 尚未施行"
        if document.repealed and document.repealed <= self.day:
            return "repealed", f"已于 {document.repealed} 废止"
        return "ok", f"在 {self.day} 现行有效"

    def _notes(self, document: Document, hit: Hit) -> list[str]:
        notes = []
        if hit.year and hit.year > document.version.year:
            notes.append(f"文中写的是 {hit.year} 年的文本，资料库是 {document.version} 的版本，请核对是否有新版。")
        if self.day < document.version and document.in_force <= self.day:
            notes.append(f"资料库是 {document.version} 的版本，{self.day} 施行的是更早的文本，条号和内容可能不同。")
        if document.repealed and document.repealed > self.day:
            notes.append(_tidy(f"{_inline(document)}将于 {document.repealed} 废止。"))
        if document.note and document.id not in self.told:
            # Scope and history of a document: once a text is enough.
            self.told.add(document.id)
            notes.append(document.note)
        return notes

    def _place(self, document: Document, locator: Locator) -> _Place:
        by_id = self.knowledge.provision_by_id
        whole = by_id.get(f"{document.id}/{locator.article_locator.path}")
        exact = by_id.get(f"{document.id}/{locator.path}")
        if exact is None and whole is None:
            return self._absent(document, locator)
        if exact is not None:
            return _Place(True, "", exact, _gist_notes(exact))
        assert whole is not None
        if document.is_standard:
            return self._letter(document, locator, whole)
        return self._inside(document, locator, whole)

    def _absent(self, document: Document, locator: Locator) -> _Place:
        if document.is_standard:
            place = locator.article_locator.text
            return _Place(None, f"资料库没有收录 {document.short} 的 {place}，条款无法核对")
        place = _written(document, locator.article_locator)
        end, whole = self._extent(document)
        if end and locator.article > end:
            return _Place(False, f"{_named(document)}最后一条是{Locator(article=end).text}，没有{place}，请核对条款号")
        if whole:
            return _Place(False, f"{_named(document)}没有{place}，请核对条款号")
        return _Place(None, f"资料库没有收录{_named(document)}{place}，条款无法核对")

    def _inside(self, document: Document, locator: Locator, whole: Provision) -> _Place:
        """A paragraph or item that is no node of its own: told from the official text, or left open."""
        named = f"{_named(document)}{locator.article_locator.text}"
        if whole.official_text is None:
            return _Place(True, "", whole, [f"资料库只核对到{locator.article_locator.text}，没有细分到款项。"])
        parts = split_article(whole.official_text)
        paragraphs = max(p.paragraph for p in parts)
        if locator.paragraph > paragraphs:
            return _Place(
                False, f"{named}只有 {paragraphs} 款，没有第{to_chinese(locator.paragraph)}款，请核对条款号", whole
            )
        items = [p.item for p in parts if p.item and (not locator.paragraph or p.paragraph == locator.paragraph)]
        if locator.item and locator.item not in items:
            have = f"只有 {len(items)} 项" if items else "没有分项"
            return _Place(False, f"{named}{have}，没有第（{to_chinese(locator.item)}）项，请核对条款号", whole)
        try:
            found = self.knowledge.find(document.id, locator)
        except CitationError:
            found = whole
        return _Place(True, "", found, _gist_notes(found))

    def _letter(self, document: Document, locator: Locator, whole: Provision) -> _Place:
        lettered = [p for p in self.knowledge.below(whole) if p is not whole and p.official_text]
        if lettered:
            return _Place(False, f"{document.short} {locator.clause} 没有 {locator.letter})，请核对条款号", whole)
        return _Place(True, "", whole, [f"资料库只核对到 {locator.clause}，没有细分到 {locator.letter})。"])

    def _extent(self, document: Document) -> tuple[int | None, bool]:
        """The number of a law's last article, where the snapshot can tell it, and whether it holds every article."""
        if document.id not in self.extents:
            articles = [p for p in self.knowledge.provisions.values() if p.document.id == document.id and p.article]
            texts = {p.article for p in articles if p.official_text and not p.paragraph and not p.item}
            whole = len(texts) > 1 and texts == set(range(1, len(texts) + 1))
            last = max((p.article or 0 for p in articles), default=0)
            of_last = (f"{p.heading} {p.gist} {p.official_text}" for p in articles if p.article == last)
            # The last article of a law says from when it is in force.
            told = whole or any(_ENTRY.search(words) for words in of_last)
            self.extents[document.id] = (last if told else None, whole)
        return self.extents[document.id]

    def _unlisted(self, hit: Hit, text: str) -> CitationFinding:
        old = self.old_names.resolve(hit.name)
        successors = self.successors.get(old or "", [])
        named = hit.name if hit.name[:1].isascii() else f"《{hit.name}》"
        current = [d for d in successors if d.is_in_force(self.day)]
        status: Status = "replaced" if current else "document_not_collected"
        verdict = f"资料库未收录 {named} ，无法核对。"
        notes = []
        if current:
            since = "、".join(f"{_inline(d)}（自 {d.in_force} 起施行）" for d in current)
            verdict = f"{named} 已由{since}代替；旧版条文资料库未收录。"
        elif successors:
            notes.append(_tidy(f"{named} 将由{_list(successors)}代替。"))
        elif other := self._other_edition(hit.name):
            notes.append(f"资料库收录的是 {other.short}，请核对文中的标准号和年号。")
        recommended = bool(re.search(r"[/／]\s*T", hit.name)) and hit.name[:1].isascii()
        if recommended:
            notes.append("按代号看是推荐性标准。")
        return CitationFinding(
            start=hit.start,
            end=hit.end,
            quote=text[hit.start : hit.end],
            status=status,
            verdict=_tidy(verdict),
            document=None,
            document_title=hit.name,
            citation=named + (f"{' ' if hit.locator.clause else ''}{hit.locator.text}" if hit.locator else ""),
            exists=None,
            in_force=False if current else None,
            nature="recommended" if recommended else None,
            replaced_by=[d.short for d in successors],
            notes=notes,
        )

    def _other_edition(self, name: str) -> Document | None:
        """The edition of a standard that the snapshot holds, when ``name`` is another one of the same number."""
        number = re.search(r"\d{2,6}(?:\.\d+)?", name)
        if number is None or not name[:1].isascii():
            return None
        letters = re.match(r"[A-Za-z]+", name)
        same = re.compile(rf"{letters[0].upper() if letters else ''}(?:\s*/\s*T)?\s*{re.escape(number[0])}(?:-\d{{4}})?")
        return next((d for d in self.knowledge.documents.values() if d.is_standard and same.fullmatch(d.short)), None)


_NOTE = re.compile(r"[（(][^（）()]*[）)]$")
_ENTRY = re.compile(r"起施行|施行日")


def _named(document: Document) -> str:
    return document.short if document.is_standard else f"《{document.short}》"


def _inline(document: Document) -> str:
    return f" {document.short} " if document.is_standard else _named(document)


def _tidy(sentence: str) -> str:
    """One space around Latin codes, none beside Chinese punctuation."""
    return re.sub(r"(?<=[，。；：、（）》]) | (?=[，。；：、（）《])", "", re.sub(r" +", " ", sentence)).strip()


def _citation(document: Document, locator: Locator | None) -> str:
    if locator is None:
        return _named(document)
    return f"{_named(document)}{' ' if document.is_standard else ''}{_written(document, locator)}"


def _written(document: Document, locator: Locator) -> str:
    return outline_text(locator) if locator.clause and not document.is_standard else locator.text


def _list(documents: list[Document]) -> str:
    return "、".join(_inline(d) for d in documents)


def _binding(document: Document) -> str:
    if document.kind == "normative_document":
        return "规范性文件，不能单独作为处罚依据"
    return "强制性" if document.mandatory else "推荐性标准，只作参照，处罚须另有强制性依据"


def _gist_notes(provision: Provision) -> list[str]:
    unsure = provision.gist and not provision.verified and not provision.official_text
    return ["资料库中这一条的要点还没有与原文核对。"] if unsure else []
