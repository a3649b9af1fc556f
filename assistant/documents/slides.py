"""Parts of a slide show: 16:9 slides in Chinese fonts whose text fits its boxes, because it is measured before it is set."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Pt

from assistant.documents.common import clean, save_whole, width

LATIN, CHINESE = "Arial", "微软雅黑"
WIDE, HIGH = 960.0, 540.0
"""The slide in points: 13⅓ × 7½ inches."""
LEFT, TOP, BODY_WIDE, BODY_HIGH = 42.0, 92.0, 876.0, 404.0
LEADING = 1.36
INSET = 6.0
NAVY, INK, GRAY, RED, GREEN, PALE, LINE = "1F3A5F", "1F2933", "5A6570", "A61B1B", "1C5A2D", "EEF3F8", "9FB3C8"


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph: text after an optional bold label; ``scale`` is its size against the box's; ``after`` in points.

    ``tied`` keeps it on the slide of the next one.
    """

    text: str
    label: str = ""
    scale: float = 1.0
    bold: bool = False
    color: str = INK
    after: float = 4.0
    tied: bool = False


def lines_of(para: Para, wide: float, size: float) -> int:
    """Lines that a paragraph takes in a box ``wide`` points wide."""
    # Four per cent in reserve: fonts differ, and a word or mark that may not begin a line moves whole.
    room = int((wide - 2 * INSET) / (size * para.scale / 2) * 0.96)
    return sum(max(1, -(-width(line) // max(room, 2))) for line in (para.label + para.text).split("\n"))


def height_of(paras: Sequence[Para], wide: float, size: float) -> float:
    """Height in points of paragraphs set at ``size``."""
    return 2 * INSET + sum(lines_of(p, wide, size) * size * p.scale * LEADING + p.after for p in paras)


def fitting(paras: Sequence[Para], wide: float, high: float, largest: float, smallest: float) -> float | None:
    """The largest size (steps of half a point) at which paragraphs fit; ``None`` when even the smallest is too large."""
    size = largest
    while size >= smallest:
        if height_of(paras, wide, size) <= high:
            return size
        size -= 0.5
    return None


def pages_of(paras: Iterable[Para], wide: float, high: float, size: float) -> list[list[Para]]:
    """Paragraphs dealt to boxes, tied ones together; one higher than a whole box is broken at its sentences."""
    groups: list[list[Para]] = [[]]
    for para in paras:
        groups[-1].append(para)
        if not para.tied:
            groups.append([])
    pages: list[list[Para]] = [[]]
    for group in groups:
        fits = height_of(group, wide, size) <= high
        for part in [group] if fits else [[p] for whole in group for p in _broken(whole, wide, high, size)]:
            if pages[-1] and height_of([*pages[-1], *part], wide, size) > high:
                pages.append([])
            pages[-1] += part
    return [page for page in pages if page]


def _broken(para: Para, wide: float, high: float, size: float) -> list[Para]:
    if height_of([para], wide, size) <= high:
        return [para]
    parts: list[Para] = []
    held, label = "", para.label
    for sentence in para.text.replace("；", "；\0").replace("。", "。\0").replace("\n", "\n\0").split("\0"):
        if held and height_of([replace(para, text=held + sentence, label=label)], wide, size) > high:
            parts.append(replace(para, text=held, label=label))
            held, label = "", ""
        held += sentence
    return [*parts, replace(para, text=held, label=label)]


class Deck:
    """A slide show under construction; every slide carries the footer and its number."""

    def __init__(self, title: str, footer: str, day: datetime.date) -> None:
        self._show: Any = Presentation()
        self._show.slide_width, self._show.slide_height = Pt(WIDE), Pt(HIGH)
        self._footer = clean(footer)
        properties, moment = self._show.core_properties, datetime.datetime.combine(day, datetime.time())
        properties.title, properties.author, properties.last_modified_by = clean(title)[:255], "合规图谱", "合规图谱"
        properties.language, properties.created, properties.modified = "zh-CN", moment, moment

    def __len__(self) -> int:
        return len(self._show.slides)

    def slide(self, title: str, notes: str = "", *, kicker: str = "") -> Any:
        """A slide with its title and footer; ``kicker`` is the small line above the title, ``notes`` are the speaker's."""
        slide = self._show.slides.add_slide(self._show.slide_layouts[5])
        block(slide, 0, 0, WIDE, 6, fill=NAVY)
        holder = slide.shapes.title
        _place(holder, LEFT, 32 if kicker else 24, BODY_WIDE, 54)
        paras = [Para(clean(title), bold=True, color=NAVY, after=0)]
        self._fill(holder, paras, fitting(paras, BODY_WIDE, 54, 26, 12) or 12, MSO_ANCHOR.MIDDLE)
        if kicker:
            self.text(slide, LEFT, 14, BODY_WIDE, 24, [Para(kicker, color=GRAY, after=0)], largest=12)
        self.text(slide, LEFT, 510, BODY_WIDE - 80, 24, [Para(self._footer, color=GRAY, after=0)], largest=10)
        number = [Para(str(len(self)), color=GRAY, after=0)]
        self.text(slide, WIDE - 80, 510, 50, 24, number, largest=10)
        if notes:
            slide.notes_slide.notes_text_frame.text = clean(notes)
        return slide

    def text(
        self,
        slide: Any,
        left: float,
        top: float,
        wide: float,
        high: float,
        paras: Sequence[Para],
        *,
        largest: float = 20,
        smallest: float = 8,
        fill: str | None = None,
        middle: bool = False,
    ) -> float:
        """Set paragraphs in a box at the largest size that fits, and return that size."""
        size = fitting(paras, wide, high, largest, smallest) or smallest
        shape = (
            block(slide, left, top, wide, high, fill=fill)
            if fill
            else slide.shapes.add_textbox(*_box(left, top, wide, high))
        )
        self._fill(shape, paras, size, MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP)
        return size

    def _fill(self, shape: Any, paras: Sequence[Para], size: float, anchor: Any) -> None:
        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor = True, anchor
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Pt(INSET)
        for n, para in enumerate(paras):
            paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
            paragraph.line_spacing, paragraph.space_after = Pt(size * para.scale * LEADING), Pt(para.after)
            paragraph.space_before, paragraph.alignment = Pt(0), 1
            for text, bold in ((para.label, True), (para.text, para.bold)):
                for k, line in enumerate(text.split("\n") if text else ()):
                    if k:
                        paragraph.add_line_break()
                    _run(paragraph, line, size * para.scale, bold, para.color)

    def flow(
        self, title: str, paras: Sequence[Para], notes: str = "", *, kicker: str = "", largest: float = 20, size: float = 14
    ) -> None:
        """Paragraphs on one slide, or on as many as it takes at ``size``, each titled, the later ones with （续）."""
        whole = fitting(paras, BODY_WIDE, BODY_HIGH, largest, size)
        pages = [list(paras)] if whole else pages_of(paras, BODY_WIDE, BODY_HIGH, size)
        for n, page in enumerate(pages):
            slide = self.slide(title if n == 0 else f"{title}（续）", notes if n == 0 else "", kicker=kicker)
            self.text(slide, LEFT, TOP, BODY_WIDE, BODY_HIGH, page, largest=whole or size + 2, smallest=min(size, 10))

    def save(self, path: Path) -> None:
        """Write the show whole or not at all."""
        save_whole(self._show.save, path)


def block(slide: Any, left: float, top: float, wide: float, high: float, *, fill: str, edge: str | None = None) -> Any:
    """A filled rectangle without shadow."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_box(left, top, wide, high))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(fill)
    shape.shadow.inherit = False
    if edge:
        shape.line.color.rgb = RGBColor.from_string(edge)
    else:
        shape.line.fill.background()
    return shape


def join(slide: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A bent line between two points."""
    kind = MSO_CONNECTOR.STRAIGHT if start[1] == end[1] else MSO_CONNECTOR.ELBOW
    line = slide.shapes.add_connector(kind, Pt(start[0]), Pt(start[1]), Pt(end[0]), Pt(end[1]))
    line.line.color.rgb = RGBColor.from_string(LINE)
    line.line.width = Pt(1.5)


def _box(left: float, top: float, wide: float, high: float) -> tuple[Any, Any, Any, Any]:
    return Pt(left), Pt(top), Pt(wide), Pt(high)


def _place(shape: Any, left: float, top: float, wide: float, high: float) -> None:
    shape.left, shape.top, shape.width, shape.height = _box(left, top, wide, high)


def _run(paragraph: Any, text: str, size: float, bold: bool, color: str) -> None:
    run = paragraph.add_run()
    # Spaces at the ends part a label from its text.
    held = clean(f"|{text}|")
    run.text = held[1:-1]
    font = run.font
    font.size, font.bold, font.name = Pt(size), bold, LATIN
    font.color.rgb = RGBColor.from_string(color)
    properties = run._r.get_or_add_rPr()
    properties.set("lang", "zh-CN")
    # After a:latin, as the schema orders them: without a:ea Chinese text takes the theme's font.
    for tag in ("a:ea", "a:cs"):
        element = properties.makeelement(qn(tag), {"typeface": CHINESE})
        properties.append(element)
