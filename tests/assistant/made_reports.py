"""Checks done by hand for the tests of reports and of the documents made from them."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Any

from PIL import Image

from assistant.checklist import Checklist, ChecklistItem
from assistant.inspection_forms import Visit, VisitLaw
from assistant.report import CheckReport, Firm, HazardLine, Outcome, Photo, Result
from tests.assistant.documents.made import DAY, checklist, item, provision

HOSTILE = '=HYPERLINK("http://x","点我")\x00\x0b\u202e'
STARTED = datetime.datetime(2026, 11, 23, 1, 5, tzinfo=datetime.UTC)
FINISHED = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.UTC)
FIRM = Firm(
    name="上海某某有限公司",
    credit_code="91310114MA1GT1AB2C",
    address="嘉定区某某路100号",
    district="嘉定区",
    legal_representative="张三",
    contact="李四",
    phone="021-12345678",
    industry="金属制品业",
)
VISIT = Visit(
    authority="上海市某区应急管理局",
    inspectors=(("赵一", "09001234"), ("钱二", "")),
    accompanied=("李四",),
    departments=("某区应急管理局", "某区消防救援支队"),
    reason="年度监督检查计划",
    starts=STARTED,
    ends=FINISHED,
    place="打磨车间",
    method=("查阅资料", "现场检查"),
)
LAW = VisitLaw(
    powers=(provision(id="w1", citation="《安全生产法》第六十五条第一款第（二）项", gist="可以要求限期改正。"),),
    major=(provision(id="w2", citation="《安全生产法》第六十五条第一款第（三）项", gist="重大隐患要先排除。"),),
    identity=(provision(id="w3", citation="《安全生产法》第六十七条", gist="必须出示证件。"),),
    cooperation=(provision(id="w4", citation="《安全生产法》第六十六条", gist="应当配合。"),),
    recording=(provision(id="w5", citation="《安全生产法》第六十八条", gist="双方签字，拒签的记录在案。"),),
    consequences=(provision(id="w6", citation="《安全生产法》第一百零二条", gist="要点", official_text="原文的后果。"),),
    review=(provision(id="w7", citation="《行政复议法》第二十条第一款", gist="复议期限的要点。"),),
    suit=(
        provision(id="w8", citation="《行政诉讼法》第四十六条第一款", gist="起诉期限的要点。", official_text="有下列情形："),
    ),
)


def photo(folder: Path, name: str = "照片.jpg", *, turned: bool = False, **changes: Any) -> Photo:
    """A picture twice as wide as high on disk; ``turned``: the camera was held upright, as its EXIF says."""
    path = folder / name
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
    Image.new("RGB", (400, 200), "#557799").save(path, exif=exif)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Photo(**{"path": path, "caption": "打磨工位", "taken_at": STARTED, "sha256": digest, **changes})


def result(check_id: str, outcome: Outcome, **changes: Any) -> Result:
    """A result with a note where one is needed."""
    note = {"compliant": "", "noncompliant": "管道积尘2毫米", "not_applicable": "没有这类设备"}[outcome]
    return Result(**{"check_id": check_id, "result": outcome, "note": note, **changes})


def report(made: Checklist, outcomes: dict[str, Outcome] | None = None, **changes: Any) -> CheckReport:
    """A check of ``made`` with the given results by the numbers of the items."""
    ids = {i.number: i.id for i in made.items()}
    results = {ids[number]: result(ids[number], outcome) for number, outcome in (outcomes or {}).items()}
    values: dict[str, Any] = {
        "kind": "self_check",
        "number": 7,
        "firm": FIRM,
        "title": made.title,
        "as_of": DAY,
        "started": STARTED,
        "finished": FINISHED,
        "people": ("李四", "王五"),
        "checklist": made,
        "results": results,
    }
    return CheckReport(**{**values, **changes})


def hazard(number: int = 1, **changes: Any) -> HazardLine:
    """A hazard of the ledger."""
    return HazardLine(**{"id": number, "description": "管道积尘", "found_on": DAY, **changes})


def four() -> list[ChecklistItem]:
    """A general, a major, a recommended and another general item."""
    criterion = provision(
        id="criterion", citation="《工贸重大隐患判定标准》第十三条第（二）项", gist="属重大事故隐患。", major_hazard=True
    )
    advice = provision(id="gbt", citation="GB/T 13869-2017 6.1", nature="recommended", gist="插头与插座匹配。")
    return [
        item("1.1.1"),
        item("1.1.2", severity="major", basis=[criterion, provision()]),
        item("1.1.3", nature="recommended", basis=[advice], penalty=[]),
        item("1.1.4"),
    ]


def four_list() -> Checklist:
    """The checklist of :func:`four`."""
    return checklist(four())


def failing(**changes: Any) -> CheckReport:
    """All four items, of which a general, the major and the recommended one failed."""
    outcomes: dict[str, Outcome] = {
        "1.1.1": "noncompliant",
        "1.1.2": "noncompliant",
        "1.1.3": "noncompliant",
        "1.1.4": "compliant",
    }
    return report(four_list(), outcomes, **changes)


def crowded(folder: Path, items: int = 200, photos: int = 30) -> CheckReport:
    """Many items, a quarter of them failed, with photos; every text of a person hostile."""
    made = checklist(*[[item(f"1.1.{n}") for n in range(k, k + 20)] for k in range(1, items + 1, 20)])
    results, hazards = {}, []
    for n, one in enumerate(made.items()):
        outcome: Outcome = "noncompliant" if n % 4 == 0 else "compliant"
        shot = (photo(folder, f"{n}.jpg", caption=HOSTILE),) if outcome == "noncompliant" and n // 4 < photos else ()
        results[one.id] = result(one.id, outcome, note=f"{HOSTILE}{n}", photos=shot, responsible=HOSTILE)
        if outcome == "noncompliant":
            hazards.append(hazard(n + 1, description=HOSTILE, note="@SUM(A1)", check_id=one.id, responsible="+1+1"))
    firm = FIRM.model_copy(update={"name": HOSTILE, "address": "-2+3|cmd' /C calc'!A0"})
    return report(made, results=results, hazards=tuple(hazards), firm=firm, people=("@甲", "\t=1+1"), title=HOSTILE)
