"""Measures what one tap on a checklist costs on a real server: ``uv run python -m bench.taps [--clients N] [--seconds S]
[--postgres] [--shared] [--data FOLDER]``.

Each client is a signed-in person with a checklist of 160 checks; it taps one after another with a think time of one second
between (the first taps are spread over that second) and waits for "saved". With ``--shared`` ten people fill in the same
checklist. ``--postgres`` starts a PostgreSQL on this machine that waits for the disk. Prints one JSON object; milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from assistant.checklist import Checklist, ChecklistItem, LinkGroup, PointGroup, SceneGroup
from assistant.records import EnterpriseForm, RecordStore, UserForm, Viewer
from assistant.records.database import default_url
from bench.speed import free_port, p95

CHECKS = 160
PASSWORD = "一个好记的密码2026"
THINK = 1.0


def large_checklist(checks: int = CHECKS) -> Checklist:
    """A checklist of so many checks, its texts as long as real ones."""
    items = [
        ChecklistItem(
            number=str(n),
            id=f"c-{n}",
            scene="动火作业",
            link="作业前",
            point="火灾",
            ask="作业前是否办理审批、清理可燃物并安排专人监护？" * 2,
            how=["看作业票", "看现场", "问监护人"],
            fix="补办审批，清理现场，安排监护人。" * 3,
            severity="major" if n % 10 == 0 else "general",
            nature="mandatory",
            basis=[],
        )
        for n in range(checks)
    ]
    group = SceneGroup(
        industry="各行业通用",
        scene="动火作业",
        links=[LinkGroup(link="作业前", points=[PointGroup(point="火灾", items=items)])],
    )
    told = {"title": "清单", "as_of": "2026-11-27", "scenes": ["动火作业"], "groups": [group.model_dump()], "documents": []}
    counts = {"total": checks, "major": checks // 10, "mandatory": checks}
    return Checklist.model_validate({**told, **counts})


def prepare(store: RecordStore, clients: int, shared: bool) -> list[tuple[int, str, str]]:
    """For each client its check, the secret of its cookie and its form key."""
    desk, made = store.desk(Viewer.of_system("系统")), []
    store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    checklist = large_checklist()
    firm = check = 0
    for n in range(clients):
        if not shared or n % 10 == 0:
            firm = desk.enterprises.add(EnterpriseForm(name=f"企业{n}")).id
            check = desk.inspections.add(firm, "self_check", checklist, "k" * 16).id
        form = UserForm(login=f"user{n}", name=f"用户{n}", roles=["member"], enterprise_id=firm)
        desk.accounts.add(form, PASSWORD, store.doorkeeper.hasher)
        signed = store.doorkeeper.sign_in(f"user{n}", PASSWORD)
        made.append((check, signed.secret or "", signed.form_key))
    return made


@contextmanager
def server(data: Path, records: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a running ``hegui serve``, and its process."""
    port = free_port()
    command = [sys.executable, "-m", "assistant.cli", "serve", "--no-open", "--port", str(port), "--data", str(data)]
    told = {**os.environ, "HEGUI_RECORDS": records}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            try:
                if httpx.get(address + "/work/login", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        time.sleep(5)  # what is warmed up beside the page
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


async def client(
    http: httpx.AsyncClient,
    who: tuple[int, str, str],
    until: float,
    chance: random.Random,
    times: list[float],
    odd: list[int],
) -> None:
    """Tap until the time is over; ``odd`` collects statuses that are neither saved nor a fair conflict."""
    check, secret, key = who
    headers = {"X-Form-Key": key, "Accept": "application/json", "Cookie": f"hegui-work={secret}"}
    versions: dict[str, int] = {}
    await asyncio.sleep(chance.random() * THINK)
    while time.perf_counter() < until:
        name = f"c-{chance.randrange(CHECKS)}"
        result = chance.choice(["compliant", "noncompliant"])
        told = {"check_id": name, "result": result, "note": "", "version": versions.get(name, 0)}
        began = time.perf_counter()
        answer = await http.post(f"/work/checks/{check}/answer", json=told, headers=headers)
        times.append(time.perf_counter() - began)
        if answer.status_code == 200:
            versions[name] = answer.json()["version"]
        elif answer.status_code == 409:
            # Somebody else at the same checklist answered it meanwhile: take what they said.
            changes = await http.get(f"/work/checks/{check}/changes?since=1970-01-01", headers=headers)
            versions |= {a["check"]: a["version"] for a in changes.json()["answers"]}
        else:
            odd.append(answer.status_code)
        await asyncio.sleep(THINK)


async def _together(address: str, people: list[tuple[int, str, str]], seconds: float) -> tuple[list[float], list[int]]:
    times: list[float] = []
    odd: list[int] = []
    chance = random.Random(7)
    limits = httpx.Limits(max_connections=len(people), max_keepalive_connections=len(people))
    # One client for all: each that is made reads all certificates anew, which would be measured too.
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as http:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(http, who, until, random.Random(chance.random()), times, odd) for who in people))
    return times, odd


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--clients", type=int, default=40)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--shared", action="store_true")
    options.add_argument("--data", type=Path, help="a data folder with a snapshot; built anew where none is named")
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if told.data:
            shutil.copytree(told.data, data, ignore=shutil.ignore_patterns("records*", "photos", "setup-code"))
        else:
            from kg_build.snapshot import build

            build(data)
        if told.postgres:
            from bench.postgres import running

            database = running()
        else:
            database = nullcontext(None)
        with database as admin:
            url = admin.render_as_string(hide_password=False) if admin else default_url(data)
            store = RecordStore(url, data)
            people = prepare(store, told.clients, told.shared)
            store.close()
            with server(data, url) as (address, _):
                asyncio.run(_together(address, people, 3))
                before = os.getloadavg()
                times, odd = asyncio.run(_together(address, people, told.seconds))
    found = {
        "database": "postgresql" if told.postgres else "sqlite",
        "clients": told.clients,
        "shared": told.shared,
        "think_seconds": THINK,
        "taps": len(times),
        "taps_per_second": round(len(times) / told.seconds, 1),
        "median_ms": round(1000 * statistics.median(times), 1),
        "p95_ms": round(1000 * p95(times), 1),
        "odd_statuses": sorted(set(odd)),
        "cores": os.cpu_count(),
        "load": [before, os.getloadavg()],
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
