"""Measures the pages that stand across many firms: ``uv run python -m bench.boards [--firms N] [--postgres]``.

Fills records with 10,000 firms in 16 districts over five years (50,000 checks with small checklists, 500,000 answers,
100,000 hazards with their steps, 60,000 due dates, plans with 20,000 visits), starts a server and opens each page again and
again, as an official of the whole city, an official of one district, a group member and a member. Prints one JSON object;
times are milliseconds of the whole answer.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Connection, Table, insert, text

from assistant.records import RecordStore, UserForm, Viewer
from assistant.records import models as m
from assistant.records.database import default_url
from assistant.records.portable import count_on
from bench.setup import own_folder
from bench.speed import p95
from bench.taps import PASSWORD, large_checklist, server

DISTRICTS = [f"第{n}区" for n in range(1, 17)]
TODAY = datetime.date.today()
DAYS = 5 * 365
BATCH = 2000
SUBSIDIARIES = 60
Row = dict[str, Any]


def fill(connection: Connection, firms: int, chance: random.Random) -> None:
    """Five years of work of so many firms, in bulk."""
    checks, hazards = firms * 5, firms * 10
    now = datetime.datetime.now(datetime.UTC)
    common = {"version": 1, "created_at": now, "updated_at": now}

    def day() -> datetime.date:
        return TODAY - datetime.timedelta(days=chance.randrange(DAYS))

    def firm(n: int) -> Row:
        return {
            **common,
            "id": n,
            "name": f"测试企业{n:05d}有限公司",
            "district": chance.choice(DISTRICTS),
            "parent_id": 1 if 1 < n <= SUBSIDIARIES + 1 else None,
            "level": chance.choice("ABBBCCD"),
            "key_unit": chance.random() < 0.1,
            "headcount": chance.randrange(5, 900),
        }

    checklist = large_checklist(10).model_dump(mode="json")
    items = {f"c-{n}": {"ask": "作业前是否办理审批？", "major": n == 0} for n in range(10)}

    def check(n: int) -> Row:
        on = day()
        ended = datetime.datetime.combine(on, datetime.time(9), datetime.UTC)
        kind = "self_check" if chance.random() < 0.7 else "inspection"
        return {
            **common,
            "id": n,
            "enterprise_id": owner(n),
            "kind": kind,
            "title": "动火作业安全检查清单",
            "as_of": on,
            "snapshot_key": "k" * 16,
            "checklist": checklist,
            "items": items,
            "total": 10,
            "created_by": "王",
            "finished_at": ended if chance.random() < 0.97 else None,
            "details": {"authority": "应急管理局"} if kind == "inspection" else {},
            "code": f"code-{n}" if kind == "inspection" else None,
            "score": chance.randrange(500, 1000) / 10,
            "failed": 2,
            "failed_major": int(chance.random() < 0.1),
        }

    def owner(n: int) -> int:
        return (n - 1) % firms + 1

    def answer(n: int) -> Row:
        of = (n - 1) // 10 + 1
        result = "noncompliant" if n % 10 < 2 else "compliant"
        told = {"inspection_id": of, "enterprise_id": owner(of), "check_id": f"c-{n % 10}", "result": result}
        return {**common, **told, "id": n, "note": "", "answered_by": "王"}

    def hazard(n: int) -> Row:
        found, of = day(), chance.randrange(1, checks + 1)
        closed = (TODAY - found).days > 120 and chance.random() < 0.97
        return {
            **common,
            "id": n,
            "enterprise_id": owner(of),
            "inspection_id": of,
            "check_id": f"c-{n % 10}",
            "description": "除尘器没有设置泄爆装置，风管积尘厚度明显" * 3,
            "major": chance.random() < 0.08,
            "state": "closed" if closed else chance.choice(["found", "assigned", "assigned", "mended", "verified"]),
            "responsible": "李",
            "due": found + datetime.timedelta(days=30),
            "note": "",
            "found_on": found,
            "found_by": "王",
            "scene": "粉尘涉爆",
            "basis": ["《粉尘防爆规定》第十条"] * 3,
            "fix": "按标准设置泄爆装置并定期清灰" * 4,
        }

    def step(n: int) -> Row:
        told = {"hazard_id": (n - 1) % hazards + 1, "enterprise_id": 1 + n % firms, "state": "found"}
        return {"id": n, **told, "note": "说明", "by": "王", "at": now}

    def due(n: int) -> Row:
        on = TODAY + datetime.timedelta(days=chance.randrange(-20, 400))
        return {**common, "id": n, "enterprise_id": owner(n), "title": "防雷检测", "due": on, "note": ""}

    def plan(n: int) -> Row:
        district = None if n <= 5 else DISTRICTS[(n - 6) // 5]
        told = {"year": TODAY.year - (n - 1) % 5, "title": "年度计划", "authority": "应急管理局", "district": district}
        return {**common, **told, "id": n, "state": "approved", "notes": [], "created_by": "王"}

    def visit(n: int) -> Row:
        told = {"plan_id": 1 + n % 85, "enterprise_id": owner(n), "month": 1 + n % 12, "reasons": ["重点单位"]}
        return {**common, **told, "id": n, "state": "planned"}

    parts: list[tuple[Any, Callable[[int], Row], int]] = [
        (m.Enterprise, firm, firms),
        (m.Inspection, check, checks),
        (m.Answer, answer, checks * 10),
        (m.Hazard, hazard, hazards),
        (m.HazardStep, step, hazards * 2),
        (m.DueItem, due, firms * 6),
        (m.Plan, plan, 85),
        (m.PlanVisit, visit, firms * 2),
    ]
    for model, make, count in parts:
        for rows in _batches(make, count):
            connection.execute(insert(_table(model)), rows)


def _table(model: Any) -> Table:
    return model.__table__  # type: ignore[no-any-return]


def _batches(make: Callable[[int], Row], count: int) -> Iterator[list[Row]]:
    for start in range(1, count + 1, BATCH):
        yield [make(n) for n in range(start, min(start + BATCH, count + 1))]


def people(store: RecordStore) -> dict[str, dict[str, str]]:
    """A cookie for each kind of viewer."""
    store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    desk, made = store.desk(Viewer.of_system("系统")), {}
    for login, role, firm, district in (
        ("official", "inspector", None, None),
        ("district", "inspector", None, DISTRICTS[0]),
        ("group", "group", 1, None),
        ("member", "member", 100, None),
    ):
        form = UserForm(login=login, name=login, roles=[role], enterprise_id=firm, district=district)
        desk.accounts.add(form, PASSWORD, store.doorkeeper.hasher)
        made[login] = {"hegui-work": store.doorkeeper.sign_in(login, PASSWORD).secret or ""}
    return made


PAGES = ("firms", "firms?q=00042", "hazards", "hazards?q=泄爆", "board", "due", "plans", "plans/6", "firms/{firm}", "audit")


def measure(address: str, cookies: dict[str, dict[str, str]], firms: dict[str, int], turns: int) -> dict[str, Any]:
    """Open each page so many times as each viewer."""
    found: dict[str, Any] = {}
    for who, cookie in cookies.items():
        with httpx.Client(base_url=address, cookies=cookie, timeout=60) as client:
            for page in PAGES:
                if page.startswith("plans") and who in ("group", "member"):
                    continue
                if page == "plans/6" and who == "official":
                    page = "plans/1"
                times, statuses = [], set()
                for _ in range(turns):
                    began = time.perf_counter()
                    answer = client.get("/work/" + page.format(firm=firms[who]))
                    times.append(1000 * (time.perf_counter() - began))
                    statuses.add(answer.status_code)
                told = {"median": round(statistics.median(times)), "p95": round(p95(times)), "statuses": sorted(statuses)}
                found[f"{who} {page}"] = told
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--firms", type=int, default=10_000)
    options.add_argument("--turns", type=int, default=20)
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--data", type=Path, help="a data folder with a snapshot; built anew where none is named")
    told = options.parse_args()
    with own_folder(told.data) as data:
        if told.postgres:
            from bench.postgres import running

            database: Any = running(durable=False)
        else:
            database = nullcontext(None)
        with database as admin:
            url = admin.render_as_string(hide_password=False) if admin else default_url(data)
            store = RecordStore(url, data)
            began = time.perf_counter()
            with store.engine.execution_options(writes=True).begin() as connection:
                fill(connection, told.firms, random.Random(7))
                if told.postgres:
                    count_on(connection)
            with store.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
            cookies = people(store)
            filled = time.perf_counter() - began
            firms = {"official": 42, "group": 1, "member": 100}
            with store.desk(Viewer("某", frozenset({"inspector"}), district=DISTRICTS[0])).work.reading() as session:
                firms["district"] = session.query(m.Enterprise.id).first()[0]  # type: ignore[index]
            store.close()
            sys.stderr.write(f"filled in {filled:.0f} s\n")
            with server(data, url) as (address, _):
                before = os.getloadavg()
                pages = measure(address, cookies, firms, told.turns)
    found = {"database": "postgresql" if told.postgres else "sqlite", "firms": told.firms, "cores": os.cpu_count()}
    worst = max(pages.items(), key=lambda p: p[1]["p95"])
    found |= {"load": [before, os.getloadavg()], "worst": {worst[0]: worst[1]["p95"]}, "pages_ms": pages}
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
