"""Plan of inspections → workbook to file and publish: visits, what was left out and why, notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet

from assistant.documents import excel
from assistant.documents.common import write_whole
from assistant.records import EnterpriseOut

COLUMNS = (
    ("月份", 6.0),
    ("企业", 30.0),
    ("统一社会信用代码", 21.0),
    ("区", 9.0),
    ("行业", 16.0),
    ("等级", 6.0),
    ("重点单位", 6.0),
    ("理由和依据", 70.0),
    ("状态", 9.0),
    ("检查编号", 9.0),
)
LEFT_COLUMNS = (("企业", 30.0), ("统一社会信用代码", 21.0), ("区", 9.0), ("等级", 6.0), ("没有列入的原因", 80.0))


@dataclass(frozen=True, slots=True)
class Line:
    """A visit of the plan."""

    month: int
    firm: EnterpriseOut
    reasons: Sequence[str]
    state: str
    inspection_id: int | None


def write(
    path: Path, title: str, notes: Sequence[str], lines: Sequence[Line], left: Sequence[tuple[EnterpriseOut, str]]
) -> None:
    """Write a plan as a workbook; what stood at ``path`` is replaced only when the new file is complete."""
    book = excel.new_book(title)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "检查计划"
    rows = [
        (
            n.month,
            n.firm.name,
            n.firm.credit_code,
            n.firm.district,
            n.firm.industry,
            n.firm.level or "未画像",
            "是" if n.firm.key_unit else "",
            "\n".join(n.reasons),
            n.state,
            n.inspection_id,
        )
        for n in lines
    ]
    centered = ("月份", "等级", "重点单位", "状态", "检查编号")
    excel.table(sheet, 3, COLUMNS, rows, centered=centered, freeze=2)
    excel.heading(sheet, title, len(COLUMNS), below=f"共 {len(rows)} 次检查。")
    excel.page(sheet, title)
    if left:
        other = book.create_sheet("没有列入的")
        out = [(f.name, f.credit_code, f.district, f.level or "未画像", reason) for f, reason in left]
        excel.table(other, 3, LEFT_COLUMNS, out, centered=("等级",), freeze=1)
        excel.heading(other, f"{title}　没有列入的", len(LEFT_COLUMNS), below=f"共 {len(out)} 家次。")
        excel.page(other, title)
    about = book.create_sheet("说明")
    excel.table(about, 3, (("序号", 6.0), ("说明", 110.0)), list(enumerate(notes, 1)), centered=("序号",))
    excel.heading(about, f"{title}　说明", 2)
    excel.page(about, title)
    buffer = io.BytesIO()
    book.save(buffer)
    write_whole(path, buffer.getvalue())
