"""Kills a process that saves answers, again and again: ``uv run python -m bench.crash [kills] [--postgres]``.

Each time a child process saves answers in a loop and prints every one that was acknowledged; after a random moment it is
killed (SIGKILL). Then the records are opened and everything acknowledged must be there, whole, with its line of the log.
Prints one JSON object. With ``--server FOLDER`` (a data folder with a snapshot) it is a real server that is killed while a
client posts answers. With ``--postgres`` the records lie in a PostgreSQL that waits for the disk.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import func, select, text

from assistant.records import AnswerForm, EnterpriseForm, RecordStore
from assistant.records.database import default_url
from assistant.records.models import Answer, AuditLog
from bench.taps import prepare, server
from tests.assistant.records.made import desk, small_checklist


@dataclass
class Outcome:
    """What the kills came to; everything but the first two must be empty."""

    kills: int = 0
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


def begin(url: str, data: Path) -> int:
    """A firm with a checklist to fill in; return the check."""
    store = RecordStore(url, data)
    firm = desk(store).enterprises.add(EnterpriseForm(name="测试厂"))
    check = desk(store).inspections.add(firm.id, "self_check", small_checklist(), "k" * 16).id
    store.close()
    return check


def save_forever(url: str, data: Path, check: int, told: int) -> None:
    """Save one answer after another until killed; write each one's name and version once it is acknowledged."""
    at = desk(RecordStore(url, data)).inspections
    versions = {name: answer.version for name, answer in at.results(check).items()}
    os.write(told, b"ready\n")
    for name in itertools.cycle(("t-permit", "t-watch", "t-clear")):
        # A note long enough that half of it would be seen.
        version = versions.get(name, 0)
        form = AnswerForm(check_id=name, result="compliant", note=f"{version + 1}号" * 400, version=version)
        versions[name] = at.answer(check, form).version
        os.write(told, f"{name} {versions[name]}\n".encode())


def kill_once(url: str, data: Path, check: int, outcome: Outcome, chance: random.Random) -> None:
    """Let a child save for a moment, kill it, look at what is there."""
    heard, told = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=save_forever, args=(url, data, check, told))
    child.start()
    os.close(told)
    with os.fdopen(heard) as lines:
        if lines.readline() != "ready\n":
            outcome.problems.append("the child could not open the records")
        time.sleep(chance.uniform(0.0, 0.4))
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        said = [line.split() for line in lines]
    latest = {line[0]: int(line[1]) for line in said}
    outcome.kills += 1
    outcome.acknowledged += len(said)
    outcome.problems += look(url, data, check, latest)


def look(url: str, data: Path, check: int, latest: dict[str, int]) -> list[str]:
    """What is wrong with the records after a kill; ``latest`` holds the last acknowledged version of each answer."""
    problems = []
    store = RecordStore(url, data)
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            whole = connection.execute(text("PRAGMA integrity_check")).scalar()
            if whole != "ok" or connection.execute(text("PRAGMA foreign_key_check")).first():
                problems.append(f"integrity: {whole}")
        held = {row.check_id: row for row in connection.execute(select(Answer.__table__))}
        counts = select(AuditLog.entity_id, func.count()).where(AuditLog.entity == "answer").group_by(AuditLog.entity_id)
        logged = {row[0]: row[1] for row in connection.execute(counts)}
    for name, version in latest.items():
        if name not in held or held[name].version < version:
            problems.append(f"lost: {name} {version}")
    for name, row in held.items():
        if row.version > latest.get(name, row.version) + 1:
            problems.append(f"more than one save beyond what was acknowledged: {name}")
        if row.note != f"{row.version}号" * 400:
            problems.append(f"half written: {name}")
        if logged.get(row.id) != row.version:
            problems.append(f"log: {name} has {logged.get(row.id)} lines for {row.version} saves")
    store.close()
    return problems


def measure(kills: int, url: str, data: Path, seed: int = 7) -> Outcome:
    """Kill so many times."""
    outcome, chance = Outcome(), random.Random(seed)
    check = begin(url, data)
    for _ in range(kills):
        kill_once(url, data, check, outcome, chance)
    return outcome


def measure_server(kills: int, data: Path, seed: int = 7) -> Outcome:
    """Kill a server so many times while a client posts answers to it."""
    outcome, chance = Outcome(), random.Random(seed)
    store = RecordStore.in_folder(data)
    check, secret, key = prepare(store, 1, shared=False)[0]
    store.close()
    for _ in range(kills):
        store = RecordStore.in_folder(data)
        versions = {name: answer.version for name, answer in desk(store).inspections.results(check).items()}
        store.close()
        with server(data, default_url(data)) as (address, process):
            latest: dict[str, int] = {}
            told = {"cookies": {"hegui-work": secret}, "headers": {"X-Form-Key": key, "Accept": "application/json"}}
            with httpx.Client(base_url=address, timeout=20, **told) as client:
                timer = threading.Timer(chance.uniform(0.2, 2.0), process.kill)
                timer.start()
                with contextlib.suppress(httpx.TransportError):
                    post_forever(client, check, versions, latest)
            timer.join()
        outcome.kills += 1
        outcome.acknowledged += sum(latest.values()) - sum(versions.get(name, 0) for name in latest)
        outcome.problems += look(default_url(data), data, check, latest)
    return outcome


def post_forever(client: httpx.Client, check: int, versions: dict[str, int], latest: dict[str, int]) -> None:
    """Post one answer after another until the server is gone; ``latest`` keeps the version of each acknowledged one."""
    for name in itertools.cycle(("c-1", "c-2", "c-3")):
        version = latest.get(name, versions.get(name, 0))
        form = {"check_id": name, "result": "compliant", "note": f"{version + 1}号" * 400, "version": version}
        latest[name] = client.post(f"/work/checks/{check}/answer", json=form).raise_for_status().json()["version"]


def main() -> None:
    """Measure and print."""
    kills = int(next((a for a in sys.argv[1:] if a.isdigit()), "200"))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if "--server" in sys.argv:
            snapshot = Path(sys.argv[sys.argv.index("--server") + 1])
            shutil.copytree(snapshot, data, ignore=shutil.ignore_patterns("records*", "photos", "setup-code"))
            found = measure_server(kills, data)
        elif "--postgres" in sys.argv:
            from bench.postgres import Databases, running

            with running() as admin:
                found = measure(kills, Databases(admin, data).make(), data)
        else:
            found = measure(kills, default_url(data), data)
    told = {"kills": found.kills, "acknowledged_saves": found.acknowledged, "problems": found.problems}
    print(json.dumps({**told, "load": os.getloadavg()}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
