"""Text of a Word file: paragraphs with their automatic numbers written out, and tables row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from kg_build.citation import to_chinese

_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:pPr"), qn("w:rPr"), qn("w:object")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHINESE = ("chinese", "japanese", "taiwanese", "ideograph")


def docx_lines(path: Path) -> list[str]:
    """The lines of a Word file in reading order; a table row is one line with its cells parted by tabs.

    Deleted (tracked) text, text boxes and the table of contents are left out. Errors are those of python-docx and lxml.
    """
    document = docx.Document(str(path))
    return [line for line in _Walker(document).lines(document.element.body) if line.strip()]


@dataclass(slots=True)
class _Level:
    """One level of a numbering scheme: ``%1.%2`` with the format and first value of its counter."""

    text: str
    format: str
    start: int
    style: str | None
    decimal: bool


@dataclass(slots=True)
class _Numbering:
    """Counts automatic numbers as Word does: one counter a level and scheme, deeper levels restart."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    schemes: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    counters: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> _Numbering:
        """The schemes of a document, none where it has no numbering."""
        made = cls()
        parts = [r.target_part for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.NUMBERING]
        if not parts:
            return made
        root: Any = parse_xml(parts[0].blob)
        linked: dict[str, str] = {}
        links: dict[str, str] = {}
        for scheme in root.findall(qn("w:abstractNum")):
            name = scheme.get(qn("w:abstractNumId"))
            made.levels[name] = {int(v.get(qn("w:ilvl"))): _level(v) for v in scheme.findall(qn("w:lvl"))}
            if (link := _val(scheme, "w:styleLink")) is not None:
                linked[link] = name
            if (link := _val(scheme, "w:numStyleLink")) is not None:
                links[name] = link
        for name, link in links.items():
            made.levels[name] = made.levels.get(linked.get(link, ""), made.levels[name])
        for number in root.findall(qn("w:num")):
            name = number.get(qn("w:numId"))
            made.schemes[name] = _val(number, "w:abstractNumId") or ""
            for override in number.findall(qn("w:lvlOverride")):
                if (start := _val(override, "w:startOverride")) is not None:
                    made.restarts.setdefault(name, {})[int(override.get(qn("w:ilvl")))] = int(start)
        return made

    def level_of_style(self, number: str, style: str) -> int:
        """The level a paragraph style is tied to in a scheme."""
        levels = self.levels.get(self.schemes.get(number, ""), {})
        return next((i for i, level in levels.items() if level.style == style), 0)

    def next(self, number: str, at: int) -> str:
        """The number that the next paragraph of a level bears, as text; empty for bullets."""
        scheme = self.schemes.get(number, "")
        levels = self.levels.get(scheme, {})
        level = levels.get(at)
        if level is None:
            return ""
        counter = self.counters.setdefault(scheme, {})
        restart = self.restarts.get(number, {}).pop(at, None)
        counter[at] = restart if restart is not None else counter.get(at, level.start - 1) + 1
        for deeper in [i for i in counter if i > at]:
            del counter[deeper]
        text = level.text
        for index in range(at + 1):
            if f"%{index + 1}" in text and (above := levels.get(index)) is not None:
                value = counter.setdefault(index, above.start)
                text = text.replace(f"%{index + 1}", _number(value, "decimal" if level.decimal else above.format))
        return "" if level.format in ("bullet", "none") else text


def _level(element: Any) -> _Level:
    return _Level(
        text=_val(element, "w:lvlText") or "",
        format=_val(element, "w:numFmt") or "decimal",
        start=int(_val(element, "w:start") or 1),
        style=_val(element, "w:pStyle"),
        decimal=element.find(qn("w:isLgl")) is not None,
    )


def _number(value: int, kind: str) -> str:
    if kind.startswith(_CHINESE) and kind not in ("ideographEnclosedCircle",):
        return to_chinese(value)
    if kind in ("lowerLetter", "upperLetter") and value > 0:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman"):
        return _roman(value) if kind == "lowerRoman" else _roman(value).upper()
    if kind.startswith("decimalEnclosedCircle") and 1 <= value <= 20:
        return chr(0x2460 + value - 1)
    return str(value)


def _roman(value: int) -> str:
    signs = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
    text = ""
    for size, sign in (*signs, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        text += sign * (value // size)
        value %= size
    return text


class _Walker:
    """Walks a document's body, content controls and nested tables included."""

    def __init__(self, document: Any) -> None:
        self.numbering = _Numbering.of(document)
        self.styles: dict[str, Any] = {s.get(qn("w:styleId")): s for s in document.styles.element.findall(qn("w:style"))}

    def lines(self, container: Any) -> Iterator[str]:
        """Lines of everything directly inside an element."""
        for child in container:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag == qn("w:sdt") and (content := child.find(qn("w:sdtContent"))) is not None:
                yield from self.lines(content)
            elif child.tag in (qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:smartTag")):
                yield from self.lines(child)

    def _table(self, table: Any) -> Iterator[str]:
        for row in table.iterchildren(qn("w:tr")):
            cells = [list(self.lines(cell)) for cell in row.iter(qn("w:tc")) if _owner(cell) is row]
            if len(cells) == 1:
                # A table of one column lays out a page; its paragraphs stay paragraphs.
                yield from cells[0]
            else:
                yield "\t".join(" ".join(cell).replace("\t", " ") for cell in cells)

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        properties = paragraph.find(qn("w:pPr"))
        style = _val(properties, "w:pStyle") if properties is not None else None
        if self._name(style).lower().startswith(("toc ", "目录")):
            return
        label = self._label(properties, style)
        text = "".join(_text(paragraph))
        for index, line in enumerate(text.split("\n")):
            words = line.strip()
            if words or (label and not index):
                yield f"{label} {words}".strip() if label and not index else words

    def _name(self, style: str | None) -> str:
        found = self.styles.get(style or "")
        return (_val(found, "w:name") or "") if found is not None else ""

    def _label(self, properties: Any, style: str | None) -> str:
        number: str | None = None
        level: str | None = None
        if properties is not None and (direct := properties.find(qn("w:numPr"))) is not None:
            number, level = _val(direct, "w:numId"), _val(direct, "w:ilvl")
        for name in self._ancestry(style):
            inherited = self.styles[name].find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if inherited is None:
                continue
            if number is None and (number := _val(inherited, "w:numId")) is not None and level is None:
                level = _val(inherited, "w:ilvl") or str(self.numbering.level_of_style(number, name))
        if number in (None, "0"):
            return ""
        return self.numbering.next(str(number), int(level or 0))

    def _ancestry(self, style: str | None) -> Iterator[str]:
        seen: set[str] = set()
        while style in self.styles and style not in seen:
            seen.add(style)
            yield style
            style = _val(self.styles[style], "w:basedOn")


def _owner(cell: Any) -> Any:
    """The row a cell stands in (content controls may lie between them)."""
    return next(a for a in cell.iterancestors() if a.tag == qn("w:tr"))


def _text(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED or child.tag == _FALLBACK:
            continue
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in (qn("w:tab"), qn("w:ptab")):
            yield " "
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif child.tag == qn("w:cr") or (child.tag == qn("w:br") and child.get(qn("w:type")) in (None, "textWrapping")):
            yield "\n"
        else:
            yield from _text(child)


def _val(element: Any, name: str) -> str | None:
    found = element.find(qn(name))
    return None if found is None else found.get(qn("w:val"))
