"""Text of a PDF: printed lines joined back into paragraphs, page headers and page numbers dropped."""

from __future__ import annotations

import itertools
import re
import statistics
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

_MARGIN = 0.1
_PAGE_NUMBER = re.compile(
    r"[-—–·•\s]*(?:第\s*)?(?:\d{1,4}|[IVXLCivxlc]{1,6})(?:\s*页)?(?:\s*[/／,，]?\s*共?\s*\d{1,4}\s*页?)?[-—–·•\s]*"
)
_TERMINAL = re.compile(r"[。；：！？:;!?]['\"”’）)》]?$")
_MARKER = re.compile(
    r"第[0-9〇零一二三四五六七八九十百]+[编章节条]|[（(][一二三四五六七八九十]+[）)]|[a-z0-9]{1,2}[)）]|\d+(?:\.\d+)+|附录|表\s*\d"
)
_STRONG = re.compile(
    r"第[0-9〇零一二三四五六七八九十百]+(?:[编章节]|条(?:之[一二三四五六七八九十]+)?[\s　])|附\s*录\s*[A-Z]\b"
)
_BLANK = " \u00a0\u3000\ufffe\uffff\u200b\u00ad"
_RADICALS = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff]")


@dataclass(slots=True)
class _Line:
    """A printed line with its edges in points; ``share`` is its height on the page (0 at the bottom, 1 at the top)."""

    text: str
    left: float
    right: float
    height: float
    share: float


def pdf_lines(path: Path) -> list[str]:
    """The paragraphs of a PDF in reading order; empty when its pages carry no text (a scan).

    Raise :class:`pypdfium2.PdfiumError` when the file is damaged or encrypted.
    """
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [_page(document[i]) for i in range(len(document))]
    finally:
        document.close()
    running = _running(pages)
    lines = [line for page in pages for line in page if not _is_furniture(line, running)]
    return _paragraphs(lines)


@dataclass(slots=True)
class _Row:
    """Characters that stand on one line, each with its left and right edge."""

    bottom: float
    top: float
    chars: list[tuple[float, float, str]]

    def line(self, page_height: float) -> _Line:
        self.chars.sort(key=lambda c: c[0])
        height = self.top - self.bottom
        text, end = "", self.chars[0][0]
        for left, right, char in self.chars:
            gap = left - end
            if text and gap > 0.25 * height:
                # A gap of several characters parts the columns of a table.
                text = text.rstrip() + ("\t" if gap > 2.5 * height else " ")
            text += char
            end = max(end, right)
        middle = (self.bottom + self.top) / 2
        return _Line(text.rstrip(), self.chars[0][0], end, height, middle / page_height)


def _page(page: Any) -> list[_Line]:
    height = page.get_height() or 1.0
    text = page.get_textpage()
    rows: list[_Row] = []
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        char = chr(code) if 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not char.strip(_BLANK) or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        left, bottom, right, top = text.get_charbox(index, loose=True)
        middle = (bottom + top) / 2
        row = next((r for r in reversed(rows) if r.bottom <= middle <= r.top), None)
        if row is None:
            row = _Row(bottom, top, [])
            rows.append(row)
        row.chars.append((left, right, _RADICALS.sub(lambda m: unicodedata.normalize("NFKC", m[0]), char)))
    text.close()
    page.close()
    return [row.line(height) for row in sorted(rows, key=lambda r: -r.top)]


def _words(line: _Line) -> str:
    return re.sub(r"[\d\s]|[IVXivx]+$", "", line.text)


def _running(pages: list[list[_Line]]) -> set[str]:
    """What stands in the margin of several pages: headers and footers, their numbers left out."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_words(line) for line in page if _in_margin(line)})
    needed = max(2, len(pages) // 3)
    return {words for words, count in seen.items() if count >= needed and len(words) > 1}


def _in_margin(line: _Line) -> bool:
    return not _MARGIN < line.share < 1 - _MARGIN


def _is_furniture(line: _Line, running: set[str]) -> bool:
    return _in_margin(line) and (bool(_PAGE_NUMBER.fullmatch(line.text)) or _words(line) in running)


def _paragraphs(lines: list[_Line]) -> list[str]:
    if not lines:
        return []
    em = statistics.median(line.height for line in lines)
    # The edges of the text, but for a few stray lines beyond them.
    stray = len(lines) // 50
    margin, edge = sorted(line.left for line in lines)[stray], sorted(line.right for line in lines)[-1 - stray]
    paragraphs = [lines[0].text]
    for before, line in itertools.pairwise(lines):
        ended = bool(_TERMINAL.search(before.text))
        short = before.right < edge - 2 * em
        indented = line.left > margin + 1.2 * em
        starts = bool(_MARKER.match(line.text)) or indented
        table = "\t" in line.text or "\t" in before.text
        if short or table or (ended and starts) or _STRONG.match(line.text):
            paragraphs.append(line.text)
        else:
            paragraphs[-1] = _glue(paragraphs[-1], line.text)
    return [p.strip() for p in paragraphs if p.strip()]


def _glue(before: str, after: str) -> str:
    """Two printed lines as one; a space only between Latin words."""
    latin = before[-1:].isascii() and before[-1:].isalnum() and after[:1].isascii() and after[:1].isalnum()
    return f"{before} {after}" if latin else before + after
