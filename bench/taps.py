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
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from assistant.checklist import Checklist, ChecklistItem, LinkGroup, PointGroup, SceneGroup
from assistant.records import EnterpriseForm, RecordStore, UserForm, Viewer
from assistant.records.database import default_url
from bench.setup import own_folder
from bench.speed import free_port, p95

CHECKS = 160
PASSWORD = "一个好记的密码2026"
THINK = 1.0
WARM = 4.0
"""Seconds that are not counted: connections and statements are made anew at first."""


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
        # What is loaded beside the page would be measured too.
        httpx.post(address + "/api/ask", json={"q": "动火作业要不要审批"}, timeout=120).raise_for_status()
        time.sleep(2)
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


class Line:
    """One kept connection, written by hand: two hundred clients of a full HTTP library would themselves fill a core."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self.host, _, port = address.removeprefix("http://").partition(":")
        self.port = int(port)
        self.head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def ask(self, method: str, path: str, told: object = None) -> tuple[int, bytes]:
        """Send one request; return status and body of its answer."""
        body = json.dumps(told).encode() if told is not None else b""
        kind = "Content-Type: application/json\r\n" if told is not None else ""
        start = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{self.head}{kind}"
        self.writer.write(f"{start}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)


async def client(
    line: Line, check: int, since: float, until: float, chance: random.Random, times: list[float], odd: list[int]
) -> None:
    """Tap until the time is over; times count from ``since``, ``odd`` collects statuses neither saved nor a conflict."""
    versions: dict[str, int] = {}
    await line.open()
    await asyncio.sleep(chance.random() * THINK)
    while time.perf_counter() < until:
        name = f"c-{chance.randrange(CHECKS)}"
        result = chance.choice(["compliant", "noncompliant"])
        told = {"check_id": name, "result": result, "note": "", "version": versions.get(name, 0)}
        began = time.perf_counter()
        status, body = await line.ask("POST", f"/work/checks/{check}/answer", told)
        if began >= since:
            times.append(time.perf_counter() - began)
        if status == 200:
            versions[name] = json.loads(body)["version"]
        elif status == 409:
            # Somebody else at the same checklist answered it meanwhile: take what they said.
            _, changes = await line.ask("GET", f"/work/checks/{check}/changes?since=1970-01-01")
            versions |= {a["check"]: a["version"] for a in json.loads(changes)["answers"]}
        else:
            odd.append(status)
        await asyncio.sleep(THINK)
    line.writer.close()


async def _together(address: str, people: list[tuple[int, str, str]], seconds: float) -> tuple[list[float], list[int]]:
    times: list[float] = []
    odd: list[int] = []
    chance = random.Random(7)
    since = time.perf_counter() + WARM
    until = since + seconds
    told = []
    for check, secret, key in people:
        line = Line(address, {"X-Form-Key": key, "Accept": "application/json", "Cookie": f"hegui-work={secret}"})
        told.append(client(line, check, since, until, random.Random(chance.random()), times, odd))
    await asyncio.gather(*told)
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
    with own_folder(told.data) as data:
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
