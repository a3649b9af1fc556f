"""Measures making a large checklist from what a firm does, saving included: ``uv run python -m bench.checklists``.

A real server (on the snapshot in ``--data FOLDER``, or on one built anew); a firm whose profile brings 150 checks and more;
each turn is one POST /work/firms/{id}/check, up to the redirect to the kept checklist. Prints one JSON object; times are
milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from assistant.records import EnterpriseForm, ProfileForm, RecordStore, UserForm, Viewer
from assistant.records.database import default_url
from bench.setup import own_folder
from bench.speed import p95
from bench.taps import PASSWORD, server

PLANT = "铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--turns", type=int, default=40)
    options.add_argument("--data", type=Path, help="a data folder with a snapshot; built anew where none is named")
    told = options.parse_args()
    with own_folder(told.data) as data:
        store = RecordStore.in_folder(data)
        store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        desk = store.desk(Viewer.of_system("系统"))
        firm = desk.enterprises.add(EnterpriseForm(name="测试厂")).id
        desk.enterprises.add_profile(firm, ProfileForm(text=PLANT), 120)
        form = UserForm(login="user", name="用户", roles=["member"], enterprise_id=firm)
        desk.accounts.add(form, PASSWORD, store.doorkeeper.hasher)
        signed = store.doorkeeper.sign_in("user", PASSWORD)
        with server(data, default_url(data)) as (address, _):
            cookies, headers = {"hegui-work": signed.secret or ""}, {"X-Form-Key": signed.form_key}
            times = []
            with httpx.Client(base_url=address, cookies=cookies, headers=headers, timeout=60) as client:
                client.post(f"/work/firms/{firm}/check")
                before = os.getloadavg()
                for _ in range(told.turns):
                    began = time.perf_counter()
                    answer = client.post(f"/work/firms/{firm}/check")
                    times.append(1000 * (time.perf_counter() - began))
                    assert answer.status_code == 303, answer.text
        made = desk.inspections.find(firm, size=1).items[0]
        store.close()
    found = {"checks": made.total, "turns": told.turns, "median_ms": round(statistics.median(times), 1)}
    found |= {"p95_ms": round(p95(times), 1), "cores": os.cpu_count(), "load": [before, os.getloadavg()]}
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
