"""Any text → every citation in it checked: does the place exist, is it in force that day, does it bind, what replaced it?

What the snapshot does not hold is reported as 资料库未收录，无法核对 and never as wrong.
"""

from __future__ import annotations

import bisect
import datetime
import re
from typing import Literal

from pydantic import BaseModel, Field

from assistant.entities import Document
from assistant.knowledge import Knowledge
from assistant.mentions import Hit, hits
from assistant.models import Nature, ProvisionOut, provision_out
from assistant.places import Place, Places, ambiguity, inline, named, tidy, written
from kg_build.citation import Locator
from kg_build.errors import UsageError

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


class _Judge:
    """Judges citations against one snapshot on one day."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day
        self.successors = knowledge.successors
        self.shorts = {d.short: d for d in knowledge.documents.values()}
        self.places = Places(knowledge)
        self.told: set[str] = set()

    def finding(self, hit: Hit, text: str) -> CitationFinding:
        """What is to be said of one citation."""
        if hit.document is None:
            return self._unlisted(hit, text)
        document = self.knowledge.documents[hit.document]
        old = self._older_edition(document, hit)
        place = self.places.at(document, hit.locator) if hit.locator and not old else Place(None if old else True, "")
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
        head = f"{place.says}；{inline(document)}" if place.says else f"{citation}{'：' if old else ' '}"
        tail = "；引用没有写明条款" if hit.locator is None else ""
        return CitationFinding(
            start=hit.start,
            end=hit.end,
            quote=text[hit.start : hit.end],
            status=status,
            verdict=tidy(f"{head}{force}{binds}{tail}。"),
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
            notes.append(tidy(f"{inline(document)}将于 {document.repealed} 废止。"))
        if document.note and document.id not in self.told:
            # Scope and history of a document: once a text is enough.
            self.told.add(document.id)
            notes.append(document.note)
        return notes

    def _unlisted(self, hit: Hit, text: str) -> CitationFinding:
        if hit.fits:
            return self._ambiguous(hit, text)
        successors = self.knowledge.successors_named(hit.name)
        named = hit.name if hit.name[:1].isascii() else f"《{hit.name}》"
        current = [d for d in successors if d.is_in_force(self.day)]
        status: Status = "replaced" if current else "document_not_collected"
        verdict = f"资料库未收录 {named} ，无法核对。"
        notes = []
        if current:
            since = "、".join(f"{inline(d)}（自 {d.in_force} 起施行）" for d in current)
            verdict = f"{named} 已由{since}代替；旧版条文资料库未收录。"
        elif successors:
            notes.append(tidy(f"{named} 将由{_list(successors)}代替。"))
        elif other := self.knowledge.names.other_editions(hit.name):
            held = "、".join(self.knowledge.documents[d].short for d in other)
            notes.append(f"资料库收录的是 {held}，请核对文中的标准号和年号。")
        recommended = bool(re.search(r"[/／]\s*T", hit.name)) and hit.name[:1].isascii()
        if recommended:
            notes.append("按代号看是推荐性标准。")
        return CitationFinding(
            start=hit.start,
            end=hit.end,
            quote=text[hit.start : hit.end],
            status=status,
            verdict=tidy(verdict),
            document=None,
            document_title=hit.name,
            citation=named + (f"{' ' if hit.locator.clause else ''}{hit.locator.text}" if hit.locator else ""),
            exists=None,
            in_force=False if current else None,
            nature="recommended" if recommended else None,
            replaced_by=[d.short for d in successors],
            notes=notes,
        )

    def _ambiguous(self, hit: Hit, text: str) -> CitationFinding:
        """A name that fits several documents: none is judged."""
        told = ambiguity(hit.name, [self.knowledge.documents[d] for d in hit.fits])
        return CitationFinding(
            start=hit.start,
            end=hit.end,
            quote=text[hit.start : hit.end],
            status="document_not_collected",
            verdict=f"{told}，无法核对。",
            document=None,
            document_title=hit.name,
            citation=text[hit.start : hit.end],
            exists=None,
            in_force=None,
            nature=None,
        )


def _citation(document: Document, locator: Locator | None) -> str:
    if locator is None:
        return named(document)
    return f"{named(document)}{' ' if document.is_standard else ''}{written(document, locator)}"


def _list(documents: list[Document]) -> str:
    return "、".join(inline(d) for d in documents)


def _binding(document: Document) -> str:
    if document.kind == "normative_document":
        return "规范性文件，不能单独作为处罚依据"
    return "强制性" if document.mandatory else "推荐性标准，只作参照，处罚须另有强制性依据"
