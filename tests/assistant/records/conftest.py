"""The same tests on both databases: ``store`` is one on SQLite, then one on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from assistant.checklist import Checklist
from assistant.records import EnterpriseForm, EnterpriseOut, InspectionOut, RecordStore
from assistant.records.database import default_url
from bench.postgres import Databases, binaries, running
from tests.assistant.records.made import NOON, desk, small_checklist

ADMIN = os.environ.get("HEGUI_TEST_POSTGRES")
"""The address of a PostgreSQL that may be used, with an account that may make databases."""


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases on a PostgreSQL: the one named by HEGUI_TEST_POSTGRES, or one started for this run."""
    pytest.importorskip("psycopg")
    scratch = tmp_path_factory.mktemp("template")
    if ADMIN:
        made = Databases(make_url(ADMIN), scratch)
        yield made
        made.close()
        return
    if binaries() is None:
        pytest.skip("no PostgreSQL on this machine (apt-get install postgresql, or set HEGUI_TEST_POSTGRES)")
    with running(durable=False) as admin:
        yield Databases(admin, scratch)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database for records: of each kind one."""
    if request.param == "sqlite":
        yield default_url(tmp_path)
        return
    made: Databases = request.getfixturevalue("databases")
    url = made.make()
    yield url
    made.drop(url)


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[RecordStore]:
    opened = RecordStore(address, tmp_path, clock=lambda: NOON)
    yield opened
    opened.close()


@pytest.fixture
def checklist() -> Checklist:
    return small_checklist()


@pytest.fixture
def firm(store: RecordStore) -> EnterpriseOut:
    return desk(store).enterprises.add(EnterpriseForm(name="测试机械厂", headcount=20))


@pytest.fixture
def inspection(store: RecordStore, firm: EnterpriseOut, checklist: Checklist) -> InspectionOut:
    return desk(store).inspections.add(firm.id, "self_check", checklist, "0123456789abcdef")
