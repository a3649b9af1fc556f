"""Hazard ledger → workbook to filter, print and keep (隐患台账)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from assistant.documents import excel
from assistant.documents.common import MAJOR_MARK, clean, day_text, picture, save_whole
from assistant.report import STATE_LABELS, HazardLine, Ledger, Photo

LEDGER, PHOTOS = "隐患台账", "照片"
COLUMNS = (
    ("编号", 6.0),
    ("隐患描述", 34.0),
    ("等级", 9.0),
    ("状态", 8.0),
    ("是否逾期", 8.0),
    ("整改责任人", 10.0),
    ("发现日期", 11.0),
    ("整改期限", 11.0),
    ("销号日期", 11.0),
    ("报告监管部门日期", 11.0),
    ("检查项编号", 13.0),
    ("备注", 24.0),
    ("照片（前/后）", 9.0),
)
CENTERED = tuple(head for head, _ in COLUMNS if head not in ("隐患描述", "备注"))
PHOTO_COLUMNS = (("所属", 14.0), ("名称", 14.0), ("说明", 40.0), ("照片", 34.0))
Named = tuple[str, str, Photo]
"""What a photo belongs to, its name there, the photo."""


def write_ledger_xlsx(ledger: Ledger, path: Path) -> None:
    """Write a ledger as a workbook; what stood at ``path`` is replaced only when the new file is complete."""
    title = f"{clean(ledger.firm.name)} {LEDGER}"
    book = excel.new_book(title)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = LEDGER
    ledger_sheet(sheet, ledger)
    photo_sheet(book, hazard_photos(ledger.hazards), title)
    save_whole(book.save, path)


def ledger_sheet(sheet: Worksheet, ledger: Ledger, numbers: Mapping[str, str] | None = None) -> None:
    """Fill a sheet with the ledger: title, counts, one row a hazard; ``numbers`` are those of the checks by their ids."""
    rows = [_row(h, ledger, numbers or {}) for h in ledger.hazards]
    fills = [excel.MAJOR_FILL if h.major else None for h in ledger.hazards]
    excel.table(sheet, 3, COLUMNS, rows, centered=CENTERED, fills=fills, freeze=2)
    opened = [h for h in ledger.hazards if h.state != "closed"]
    late = sum(h.overdue(ledger.as_of) for h in opened)
    major = sum(h.major for h in ledger.hazards)
    told = (
        f"统计日期：{day_text(ledger.as_of)}　共 {len(rows)} 条，其中{MAJOR_MARK}重大事故隐患 {major} 条；"
        f"未销号 {len(opened)} 条，其中逾期未整改 {late} 条。"
    )
    title = f"{clean(ledger.firm.name)} {LEDGER}"
    excel.heading(sheet, title, len(COLUMNS), below=told)
    excel.page(sheet, title)


def _row(hazard: HazardLine, ledger: Ledger, numbers: Mapping[str, str]) -> tuple[excel.Value, ...]:
    return (
        hazard.id,
        hazard.description,
        f"{MAJOR_MARK}重大" if hazard.major else "一般",
        STATE_LABELS[hazard.state],
        "逾期" if hazard.overdue(ledger.as_of) else "否",
        hazard.responsible or "",
        hazard.found_on,
        hazard.due,
        hazard.closed_on,
        hazard.reported or ("未记录" if hazard.major else ""),
        numbers.get(hazard.check_id or "", hazard.check_id or ""),
        hazard.note,
        f"{len(hazard.photos_before)} / {len(hazard.photos_after)}",
    )


def hazard_photos(hazards: Sequence[HazardLine]) -> list[Named]:
    """All photos of hazards, with what they show."""
    return [
        (f"隐患 {h.id}", f"{name}{n}", photo)
        for h in hazards
        for name, photos in (("整改前", h.photos_before), ("整改后", h.photos_after))
        for n, photo in enumerate(photos, 1)
    ]


def photo_sheet(book: Workbook, photos: Sequence[Named], title: str) -> None:
    """Add a sheet with the photos, or what keeps them from being shown; none without photos."""
    if not photos:
        return
    sheet = book.create_sheet(PHOTOS)
    shown = [picture(photo, excel.PICTURE_PIXELS * 3) for _, _, photo in photos]
    rows = [(owner, name, "\n".join(p.lines), "") for (owner, name, _), p in zip(photos, shown, strict=True)]
    excel.table(sheet, 1, PHOTO_COLUMNS, rows, centered=("所属", "名称"))
    for row, one in enumerate(shown, 2):
        if not excel.add_picture(sheet, row, len(PHOTO_COLUMNS), one):
            excel.put(excel.at(sheet, row, len(PHOTO_COLUMNS)), "无法显示，见说明", center=True, color="B00020")
    excel.page(sheet, title, landscape=False)
