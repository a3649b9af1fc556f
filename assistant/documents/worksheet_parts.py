"""Parts of the penalty worksheet: the range drawn as shaded cells, evidence, and credit repair as lines."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document
from docx.table import Table

from assistant.documents import word
from assistant.documents.form import FORM_SMALL, GRAY, UPRIGHT_MM, line, put
from assistant.models import yuan
from assistant.penalty_scale import Range
from assistant.worksheet import CreditStatement, Element

CELLS = 24
HEAD_MM = 50
CELL_MM = (UPRIGHT_MM - HEAD_MM) / CELLS
FILLS = {True: "1F5F8B", None: "9DBDD3", False: "D5DBE1"}
TIER_FILL = "C79A4B"
AXIS_CELLS = 4
"""Cells that the words of a mark on the axis take at least."""
MARKS = "●按同一罚则处罚；○罚则的别的项、别的义务，或者数额含几项违法行为。个案情节不同，只供参考。"
FITS = {True: "相符", None: "尚待认定", False: "不相符"}


def fits_words(fits: bool | None) -> str:
    """Whether a sanction's stage and condition are those that were established."""
    return FITS[fits]


def cells_of(start: float, end: float) -> range:
    """The cells that a stretch of the scale covers, at least one."""
    first = min(int(start * CELLS), CELLS - 1)
    last = max(first, min(-int(-end * CELLS // 1) - 1, CELLS - 1))
    return range(first, last + 1)


def add_range(document: Document, shown: Range) -> None:
    """The range of an article for one party: a row of shaded cells for each band, a row that counts the decided amounts."""
    line(document, f"{shown.citation}对{shown.party}的罚款幅度", style=FORM_SMALL, bold=True, keep=True)
    table = word.add_table(document, (HEAD_MM, *[CELL_MM] * CELLS))
    for band in shown.bands:
        row = word.add_row(table)
        word.keep_whole(row)
        cells = row.cells
        put(cells[0], [f"{band.label}：{band.words}"], style=FORM_SMALL)
        for n in cells_of(band.start, band.end):
            word.shade(cells[n + 1], TIER_FILL if band.tier and band.fits is not False else FILLS[band.fits])
        word.keep_with_next(row)
    if shown.dots:
        _counts(table, shown)
    _axis(table, shown)
    told = "深色与已填情节相符，浅色尚待认定，灰色不相符；" + ("对数刻度。" if shown.scale.logarithmic else "等距刻度。")
    if shown.dots:
        amounts = "、".join(
            f"{'●' if d.charge.alike else '○'}{yuan(d.charge.amount)}（{d.charge.title}）" for d in shown.dots
        )
        told += f"数字是该段内已公布的罚款笔数：{amounts}。{MARKS}"
    line(document, told, style=FORM_SMALL, color=GRAY, after=4)


def _counts(table: Table, shown: Range) -> None:
    row = word.add_row(table)
    word.keep_whole(row)
    cells = row.cells
    put(cells[0], [f"已公布的罚款（{len(shown.dots)} 笔）"], style=FORM_SMALL)
    counts = [0] * CELLS
    for dot in shown.dots:
        counts[min(int(dot.at * CELLS), CELLS - 1)] += 1
    for n, count in enumerate(counts):
        put(cells[n + 1], [str(count) if count else ""], style=FORM_SMALL, center=True, bold=True)
    word.keep_with_next(row)


def _axis(table: Table, shown: Range) -> None:
    row = word.add_row(table)
    word.keep_whole(row)
    cells = row.cells
    put(cells[0], ["刻度"], style=FORM_SMALL, color=GRAY)
    starts: list[tuple[int, float]] = []
    for amount in shown.scale.ticks():
        at = min(int(shown.scale.at(amount) * CELLS + 1e-9), CELLS - 1)
        if not starts or at - starts[-1][0] >= AXIS_CELLS:
            starts.append((at, amount))
    for (at, amount), after in zip(starts, [*(s for s, _ in starts[1:]), CELLS], strict=True):
        merged = cells[at + 1].merge(cells[after])
        put(merged, ["0" if not amount else f"|{yuan(amount)}"], style=FORM_SMALL, color=GRAY)


def elements_lines(element: Element) -> list[str]:
    """What shows an element, numbered, with what asks for it; then what to mind."""
    lines = []
    for n, proof in enumerate(element.evidence, 1):
        asked = f"（{'、'.join(proof.citations)}）" if proof.citations else ""
        lines.append(f"{n}. {proof.text}{asked}")
    lines += [f"注意：{doubt}" for doubt in element.doubts]
    return lines or ["由执法人员确定要看的证据"]


def credit_lines(statements: Sequence[CreditStatement]) -> list[tuple[str, bool]]:
    """Statements with what they stand on; the flag marks those that nobody has compared with a text."""
    lines = []
    for statement in statements:
        cited = f"（{'、'.join(statement.citations)}）" if statement.citations else ""
        loose = "" if statement.verified else f"〔未核对：{statement.source or '来源不明'}〕"
        note = f" 注意：{statement.note}" if statement.note else ""
        lines.append((f"{statement.text}{cited}{loose}{note}", not statement.verified))
    return lines
