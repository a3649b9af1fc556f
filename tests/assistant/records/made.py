"""What the tests of the records are made of: desks, a small checklist, the tables as they are kept."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from assistant.checklist import Checklist, ChecklistItem, LinkGroup, PointGroup, SceneGroup
from assistant.records import Desk, RecordStore, Viewer
from assistant.records.base import Base

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
DUE = datetime.date(2026, 12, 1)


def desk(store: RecordStore, name: str = "甲") -> Desk:
    return store.desk(Viewer.of_system(name))


def item(name: str, severity: str = "general") -> ChecklistItem:
    return ChecklistItem(
        number="1",
        id=name,
        scene="动火作业",
        link="作业前",
        point="火灾",
        ask=f"{name}做到了吗？",
        how=["看现场"],
        fix="补做。",
        severity="major" if severity == "major" else "general",
        nature="mandatory",
        basis=[],
    )


def small_checklist() -> Checklist:
    """Three checks, the first of a major hazard: t-permit, t-watch, t-clear."""
    items = [item("t-permit", "major"), item("t-watch"), item("t-clear")]
    link = LinkGroup(link="作业前", points=[PointGroup(point="火灾", items=items)])
    return Checklist(
        title="动火作业安全检查清单",
        as_of=datetime.date(2026, 11, 23),
        scenes=["动火作业"],
        groups=[SceneGroup(industry="各行业通用", scene="动火作业", links=[link])],
        total=3,
        major=1,
        mandatory=3,
        documents=[],
    )


def everything(store: RecordStore) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as kept."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(select(table))), key=lambda row: [str(value) for value in row]
            )
            for table in Base.metadata.sorted_tables
        }
