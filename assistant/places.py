"""Whether a cited place exists: told from the provisions and official texts of the snapshot, else left open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.entities import Document, Provision
from assistant.knowledge import Knowledge
from kg_build.citation import Locator, outline_text, to_chinese
from kg_build.errors import CitationError
from kg_build.statutes import split_article

_ENTRY = re.compile(r"起施行|施行日")


@dataclass(slots=True)
class Place:
    """What is known of a place: ``exists`` is ``None`` where the snapshot can't tell; ``says`` tells the reader why."""

    exists: bool | None
    says: str
    provision: Provision | None = None
    notes: list[str] = field(default_factory=list)


class Places:
    """Looks up places in one snapshot."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.extents: dict[str, tuple[int | None, bool]] = {}

    def at(self, document: Document, locator: Locator) -> Place:
        """What is known of a place in a document."""
        by_id = self.knowledge.provision_by_id
        whole = by_id.get(f"{document.id}/{locator.article_locator.path}")
        exact = by_id.get(f"{document.id}/{locator.path}")
        if exact is None and whole is None:
            return self._absent(document, locator)
        if exact is not None:
            return Place(True, "", exact, gist_notes(exact))
        assert whole is not None
        if document.is_standard:
            return self._letter(document, locator, whole)
        return self._inside(document, locator, whole)

    def _absent(self, document: Document, locator: Locator) -> Place:
        if document.is_standard:
            place = locator.article_locator.text
            return Place(None, f"资料库没有收录 {document.short} 的 {place}，条款无法核对")
        place = written(document, locator.article_locator)
        end, whole = self._extent(document)
        if end and locator.article > end:
            return Place(False, f"{named(document)}最后一条是{Locator(article=end).text}，没有{place}，请核对条款号")
        if whole:
            return Place(False, f"{named(document)}没有{place}，请核对条款号")
        return Place(None, f"资料库没有收录{named(document)}{place}，条款无法核对")

    def _inside(self, document: Document, locator: Locator, whole: Provision) -> Place:
        """A paragraph or item that is no node of its own: told from the official text, or left open."""
        whole_name = f"{named(document)}{locator.article_locator.text}"
        if whole.official_text is None:
            return Place(True, "", whole, [f"资料库只核对到{locator.article_locator.text}，没有细分到款项。"])
        parts = split_article(whole.official_text)
        paragraphs = max(p.paragraph for p in parts)
        if locator.paragraph > paragraphs:
            return Place(
                False, f"{whole_name}只有 {paragraphs} 款，没有第{to_chinese(locator.paragraph)}款，请核对条款号", whole
            )
        items = [p.item for p in parts if p.item and (not locator.paragraph or p.paragraph == locator.paragraph)]
        if locator.item and locator.item not in items:
            have = f"只有 {len(items)} 项" if items else "没有分项"
            return Place(False, f"{whole_name}{have}，没有第（{to_chinese(locator.item)}）项，请核对条款号", whole)
        try:
            found = self.knowledge.find(document.id, locator)
        except CitationError:
            found = whole
        return Place(True, "", found, gist_notes(found))

    def _letter(self, document: Document, locator: Locator, whole: Provision) -> Place:
        lettered = [p for p in self.knowledge.below(whole) if p is not whole and p.official_text]
        if lettered:
            return Place(False, f"{document.short} {locator.clause} 没有 {locator.letter})，请核对条款号", whole)
        return Place(True, "", whole, [f"资料库只核对到 {locator.clause}，没有细分到 {locator.letter})。"])

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


def named(document: Document) -> str:
    """《安全生产法》, or the bare code of a standard."""
    return document.short if document.is_standard else f"《{document.short}》"


def inline(document: Document) -> str:
    """As :func:`named`, with spaces around a code."""
    return f" {document.short} " if document.is_standard else named(document)


def tidy(sentence: str) -> str:
    """One space around Latin codes, none beside Chinese punctuation."""
    return re.sub(r"(?<=[，。；：、（）》]) | (?=[，。；：、（）《])", "", re.sub(r" +", " ", sentence)).strip()


def written(document: Document, locator: Locator) -> str:
    """A place as it is cited in a document of its kind."""
    return outline_text(locator) if locator.clause and not document.is_standard else locator.text


def ambiguity(name: str, documents: Sequence[Document]) -> str:
    """That a name fits several documents, and what to write instead."""
    several = "和".join(named(d) + (f"（{d.number}）" if d.number and not d.is_standard else "") for d in documents)
    return f"“{name}”同时指{several}，请写全称，或在文号前写明发布机关"


def gist_notes(provision: Provision) -> list[str]:
    """That a gist was not compared with a text, where so."""
    unsure = provision.gist and not provision.verified and not provision.official_text
    return ["资料库中这一条的要点还没有与原文核对。"] if unsure else []
