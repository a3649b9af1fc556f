"""Records of older software come along whole: nothing is lost, and each row knows its firm afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import alembic.command
import alembic.config
import pytest
from sqlalchemy import create_engine, inspect, text

from assistant.checklist import Checklist
from assistant.records import AnswerForm, RecordStore
from assistant.records.database import default_url
from assistant.records.portable import revisions
from tests.assistant.records.made import NOON, desk


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, checklist: Checklist) -> str:
    """A database as the first version left it, with a firm, a check, two answers, a hazard and their log."""
    url = default_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("databases").make(empty=True)
    engine = create_engine(url)
    config = alembic.config.Config()
    config.set_main_option("script_location", "assistant.records:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0001")
        at = "'2026-01-05 08:00:00'"
        common = f"1, {at}, {at}"
        head = "id, version, created_at, updated_at"
        connection.execute(text(f"INSERT INTO enterprise ({head}, name) VALUES (7, {common}, '老厂')"))
        connection.execute(
            text(
                f"INSERT INTO inspection ({head}, enterprise_id, kind, title, as_of, snapshot_key, checklist, total,"
                f" created_by) VALUES (3, {common}, 7, 'self_check', '老清单', '2026-01-05', 'k', :made, 3, '甲')"
            ),
            {"made": json.dumps(checklist.model_dump(mode="json"), ensure_ascii=False)},
        )
        connection.execute(
            text(
                f"INSERT INTO answer ({head}, inspection_id, check_id, result, note, answered_by) VALUES"
                f" (5, {common}, 3, 't-permit', 'noncompliant', '没有票', '甲'),"
                f" (6, {common}, 3, 't-watch', 'compliant', '', '甲')"
            )
        )
        connection.execute(
            text(
                f"INSERT INTO hazard ({head}, enterprise_id, inspection_id, check_id, description, major, state, note)"
                f" VALUES (4, {common}, 7, 3, 't-permit', '没有票', true, 'found', '')"
            )
        )
        for n, (entity, row) in enumerate(
            (("enterprise", 7), ("inspection", 3), ("answer", 5), ("answer", 6), ("hazard", 4)), 1
        ):
            connection.execute(
                text(
                    "INSERT INTO audit_log (id, at, actor, action, entity, entity_id, changes)"
                    f" VALUES ({n}, {at}, '甲', 'create', '{entity}', {row}, '{{}}')"
                )
            )
        if engine.dialect.name == "postgresql":
            for table in ("enterprise", "inspection", "answer", "hazard", "audit_log"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 10)"))
    engine.dispose()
    return url


def test_old_records_come_along_whole(old: str, tmp_path: Path) -> None:
    store = RecordStore(old, tmp_path, clock=lambda: NOON)
    at = desk(store)
    assert (at.enterprises.get(7).name, at.enterprises.get(7).key_unit) == ("老厂", False)
    held = at.inspections.get(3)
    assert (held.title, held.counts, held.checklist.total) == ("老清单", {"noncompliant": 1, "compliant": 1}, 3)
    assert at.hazards.get(4).description == "没有票"
    # The log says whose each line is, and still can't be changed.
    with store.engine.connect() as connection:
        whose = connection.execute(text("SELECT DISTINCT enterprise_id FROM audit_log")).scalars().all()
        assert whose == [7]
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == revisions()[0]
    for words in ("UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(Exception, match="append-only"), store.engine.execution_options(writes=True).begin() as writing:
            writing.execute(text(words))
    # Work goes on where it stood.
    changed = at.inspections.answer(3, AnswerForm(check_id="t-permit", result="compliant", version=1))
    at.inspections.answer(3, AnswerForm(check_id="t-clear", result="compliant"))
    assert (changed.id, changed.version) == (5, 2)
    assert at.inspections.finish(3, 1).score == 100.0
    store.close()


def test_opening_again_changes_nothing(old: str, tmp_path: Path) -> None:
    RecordStore(old, tmp_path).close()
    engine = create_engine(old)
    before = {t: inspect(engine).get_indexes(t) for t in inspect(engine).get_table_names()}
    engine.dispose()
    RecordStore(old, tmp_path).close()
    assert {t: inspect(engine).get_indexes(t) for t in inspect(engine).get_table_names()} == before
    engine.dispose()
