"""Records: kept whole or not at all, never overwritten unseen, and every change written down."""

from __future__ import annotations

import datetime
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.checklist import Checklist
from assistant.records import (
    AnswerForm,
    ConflictError,
    EnterpriseForm,
    EnterpriseOut,
    HazardForm,
    InspectionOut,
    NotFoundError,
    RecordsError,
    RecordStore,
    RecordValueError,
)
from assistant.records.base import Base
from assistant.records.database import default_url
from assistant.records.models import AuditLog
from tests.assistant.records.made import DUE, NOON, desk

# --- opening --------------------------------------------------------------------------------------------------------


def test_the_database_is_made_in_the_data_folder_in_wal_mode(tmp_path: Path) -> None:
    folder = tmp_path / "数据 100%?"
    store = RecordStore.in_folder(folder)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()
    assert (folder / "records.sqlite3").is_file()


def test_the_migrations_lead_to_the_tables_of_the_models(store: RecordStore) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_reopening_finds_what_was_kept(tmp_path: Path) -> None:
    first = RecordStore.in_folder(tmp_path)
    kept = desk(first).enterprises.add(EnterpriseForm(name="测试机械厂"))
    first.close()
    second = RecordStore.in_folder(tmp_path)
    assert desk(second).enterprises.get(kept.id) == kept
    second.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_stores_may_open_a_new_database_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    problems: list[Exception] = []
    url = default_url(tmp_path) if kind == "sqlite" else request.getfixturevalue("databases").make(empty=True)

    def begin() -> None:
        try:
            RecordStore(url, tmp_path).close()
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_file_that_is_no_database_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite3").write_text("这不是数据库" * 200, encoding="utf-8")
    with pytest.raises(RecordsError, match="不是有效的数据库文件"):
        RecordStore.in_folder(tmp_path)


def test_a_database_of_newer_software_is_left_alone(tmp_path: Path) -> None:
    RecordStore.in_folder(tmp_path).close()
    with sqlite3.connect(tmp_path / "records.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(RecordsError, match="升级软件"):
        RecordStore.in_folder(tmp_path)


@pytest.mark.parametrize("url", ["no-such-scheme://x", "这不是地址"])
def test_an_address_that_leads_nowhere_is_told_in_chinese(url: str, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="记录库打不开"):
        RecordStore(url, tmp_path)


# --- enterprises ----------------------------------------------------------------------------------------------------


def test_a_second_save_from_the_same_page_does_not_overwrite_the_first(store: RecordStore, firm: EnterpriseOut) -> None:
    changed = desk(store).enterprises.update(firm.id, firm.version, EnterpriseForm(name="甲改的名字"))
    with pytest.raises(ConflictError, match="已被别人改过"):
        desk(store, "乙").enterprises.update(firm.id, firm.version, EnterpriseForm(name="乙改的名字"))
    assert desk(store).enterprises.get(firm.id) == changed
    assert changed.version == firm.version + 1


def test_of_many_saves_at_once_exactly_one_wins(store: RecordStore, firm: EnterpriseOut) -> None:
    outcomes: list[str] = []

    def save(n: int) -> None:
        try:
            desk(store, f"用户{n}").enterprises.update(firm.id, firm.version, EnterpriseForm(name=f"名字{n}"))
            outcomes.append("saved")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=save, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 5 + ["saved"]
    assert desk(store).trail.find("enterprise", firm.id).total == 2


def test_saving_nothing_new_changes_nothing(store: RecordStore, firm: EnterpriseOut) -> None:
    again = desk(store, "乙").enterprises.update(firm.id, firm.version, EnterpriseForm(name=" 测试机械厂 ", headcount=20))
    assert again == firm
    assert desk(store).trail.find().total == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (EnterpriseForm(name="  "), "企业名称不能为空"),
        (EnterpriseForm(name="厂" * 201), "最多 200 字"),
        (EnterpriseForm(name="厂", credit_code="91310000MA1FL5E0"), "统一社会信用代码"),
        (EnterpriseForm(name="厂", credit_code="91310000MA1FL5E0IO"), "统一社会信用代码"),
        (EnterpriseForm(name="厂", headcount=-1), "人数不能是 -1"),
    ],
)
def test_values_that_make_no_sense_are_refused(store: RecordStore, form: EnterpriseForm, words: str) -> None:
    with pytest.raises(RecordValueError, match=words):
        desk(store).enterprises.add(form)
    assert desk(store).enterprises.find().total == 0
    assert desk(store).trail.find().total == 0


def test_a_credit_code_names_one_firm(store: RecordStore) -> None:
    desk(store).enterprises.add(EnterpriseForm(name="一厂", credit_code="91310000ma1fl5e01x"))
    with pytest.raises(RecordValueError, match="不要重复建档"):
        desk(store).enterprises.add(EnterpriseForm(name="二厂", credit_code="91310000MA1FL5E01X"))
    assert desk(store).trail.find().total == 1


def test_a_save_without_a_name_of_who_saves_keeps_nothing(store: RecordStore) -> None:
    with pytest.raises(RecordValueError, match="操作人"):
        desk(store, " ").enterprises.add(EnterpriseForm(name="一厂"))
    assert desk(store).enterprises.find().total == 0


def test_lists_are_paged_and_searched_literally(store: RecordStore) -> None:
    for n in range(25):
        desk(store).enterprises.add(EnterpriseForm(name=f"第{n}厂"))
    desk(store).enterprises.add(EnterpriseForm(name="产能100%公司"))
    second = desk(store).enterprises.find(page=2, size=10)
    assert (second.total, second.pages, len(second.items)) == (26, 3, 10)
    assert desk(store).enterprises.find(page=9).items == []
    assert [e.name for e in desk(store).enterprises.find("100%").items] == ["产能100%公司"]
    assert desk(store).enterprises.find("_").total == 0
    for page, size in ((0, 10), (1, 0), (1, 9999)):
        with pytest.raises(RecordValueError, match="页码从1起"):
            desk(store).enterprises.find(page=page, size=size)


# --- inspections ----------------------------------------------------------------------------------------------------


def test_an_inspection_keeps_the_checklist_as_it_was(
    store: RecordStore, inspection: InspectionOut, checklist: Checklist
) -> None:
    read = desk(store).inspections.get(inspection.id)
    assert read.checklist == checklist
    assert (read.snapshot_key, read.as_of) == ("0123456789abcdef", checklist.as_of)
    assert (read.total, read.unanswered) == (3, 3)
    assert desk(store).inspections.find().items[0].title == checklist.title
    assert desk(store).inspections.find(99).total == 0


def test_interrupted_work_is_still_there(store: RecordStore, inspection: InspectionOut) -> None:
    desk(store).inspections.answer(inspection.id, AnswerForm(check_id="t-permit", result="noncompliant", note="没有票"))
    read = desk(store).inspections.get(inspection.id)
    assert read.counts == {"noncompliant": 1}
    assert read.unanswered == 2
    assert [a.note for a in desk(store).inspections.answers(inspection.id).items] == ["没有票"]


@pytest.mark.parametrize("note", ["", "  "])
def test_not_applicable_needs_a_reason(store: RecordStore, inspection: InspectionOut, note: str) -> None:
    with pytest.raises(RecordValueError, match="写明理由"):
        desk(store).inspections.answer(inspection.id, AnswerForm(check_id="t-watch", result="not_applicable", note=note))
    assert desk(store).inspections.answers(inspection.id).total == 0


def test_not_even_the_database_takes_not_applicable_without_a_reason(store: RecordStore, inspection: InspectionOut) -> None:
    bound = store.engine.execution_options(writes=True)
    with pytest.raises(IntegrityError, match="justified"), bound.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO answer (id, version, created_at, updated_at, enterprise_id, inspection_id, check_id, result,"
                " note, answered_by) VALUES (1, 1, '2026-01-01', '2026-01-01', :firm, :of, 't-watch', 'not_applicable', ' ',"
                " '甲')"
            ),
            {"of": inspection.id, "firm": inspection.enterprise_id},
        )


def test_two_people_answering_the_same_check_do_not_overwrite_each_other(
    store: RecordStore, inspection: InspectionOut
) -> None:
    first = desk(store).inspections.answer(inspection.id, AnswerForm(check_id="t-watch", result="compliant"))
    with pytest.raises(ConflictError, match="t-watch做到了吗"):
        desk(store, "乙").inspections.answer(inspection.id, AnswerForm(check_id="t-watch", result="noncompliant"))
    changed = desk(store, "乙").inspections.answer(
        inspection.id, AnswerForm(check_id="t-watch", result="noncompliant", version=first.version)
    )
    assert (changed.result, changed.answered_by, changed.version) == ("noncompliant", "乙", 2)


def test_several_answers_are_kept_all_or_none(store: RecordStore, inspection: InspectionOut) -> None:
    good = AnswerForm(check_id="t-permit", result="compliant")
    with pytest.raises(RecordValueError, match="没有检查项 t-other"):
        desk(store).inspections.answer_all(inspection.id, [good, AnswerForm(check_id="t-other", result="compliant")])
    assert desk(store).inspections.answers(inspection.id).total == 0
    kept = desk(store).inspections.answer_all(inspection.id, [good, AnswerForm(check_id="t-clear", result="compliant")])
    assert [a.check_id for a in kept] == ["t-permit", "t-clear"]


def test_a_finished_inspection_takes_no_more_answers(store: RecordStore, inspection: InspectionOut) -> None:
    finished = desk(store).inspections.finish(inspection.id, inspection.version)
    assert finished.finished_at == NOON
    with pytest.raises(RecordValueError, match="已经办结"):
        desk(store).inspections.answer(inspection.id, AnswerForm(check_id="t-watch", result="compliant"))


def test_what_does_not_exist_is_told(store: RecordStore, checklist: Checklist) -> None:
    with pytest.raises(NotFoundError, match="没有编号为 7 的企业"):
        desk(store).enterprises.get(7)
    with pytest.raises(NotFoundError, match="企业"):
        desk(store).inspections.add(7, "self_check", checklist, "k")
    with pytest.raises(NotFoundError, match="检查"):
        desk(store).inspections.answer(7, AnswerForm(check_id="t-watch", result="compliant"))
    with pytest.raises(RecordValueError, match="检查类型"):
        desk(store).inspections.add(7, "other", checklist, "k")  # type: ignore[arg-type]


# --- hazards --------------------------------------------------------------------------------------------------------


def test_a_hazard_goes_from_found_to_closed(store: RecordStore, firm: EnterpriseOut, inspection: InspectionOut) -> None:
    form = HazardForm(description="没有动火票", inspection_id=inspection.id, check_id="t-permit")
    hazard = desk(store).hazards.add(firm.id, form)
    assert (hazard.state, hazard.major) == ("found", True)
    hazard = desk(store).hazards.move(hazard.id, hazard.version, "assigned", responsible="王班长", due=DUE)
    hazard = desk(store, "王班长").hazards.move(hazard.id, hazard.version, "mended", note="补办了动火票")
    hazard = desk(store).hazards.move(hazard.id, hazard.version, "assigned", note="监护人没签字")
    assert (hazard.responsible, hazard.due) == ("王班长", DUE)
    hazard = desk(store, "王班长").hazards.move(hazard.id, hazard.version, "mended", note="已补签")
    hazard = desk(store).hazards.move(hazard.id, hazard.version, "verified")
    hazard = desk(store).hazards.move(hazard.id, hazard.version, "closed")
    assert (hazard.state, hazard.closed_at) == ("closed", NOON)
    steps = [entry.action for entry in desk(store).trail.find("hazard", hazard.id).items]
    assert steps == ["closed", "verified", "mended", "assigned", "mended", "assigned", "create"]
    with pytest.raises(RecordValueError, match="已经销号"):
        desk(store).hazards.update(hazard.id, hazard.version, HazardForm(description="别的"))
    with pytest.raises(RecordValueError, match="流程已经走完"):
        desk(store).hazards.move(hazard.id, hazard.version, "found")


def test_a_hazard_skips_no_step(store: RecordStore, firm: EnterpriseOut) -> None:
    hazard = desk(store).hazards.add(firm.id, HazardForm(description="通道堵了"))
    for step in ("found", "mended", "verified", "closed"):
        with pytest.raises(RecordValueError, match="下一步只能是“已派单”"):
            desk(store).hazards.move(hazard.id, hazard.version, step, note="x")  # type: ignore[arg-type]
    assert desk(store).hazards.get(hazard.id).state == "found"


def test_assigning_and_mending_say_who_when_and_what(store: RecordStore, firm: EnterpriseOut) -> None:
    hazard = desk(store).hazards.add(firm.id, HazardForm(description="通道堵了"))
    with pytest.raises(RecordValueError, match="责任人和整改期限"):
        desk(store).hazards.move(hazard.id, hazard.version, "assigned", responsible="王班长")
    hazard = desk(store).hazards.move(hazard.id, hazard.version, "assigned", responsible="王班长", due=DUE)
    with pytest.raises(RecordValueError, match="整改了什么"):
        desk(store, "王班长").hazards.move(hazard.id, hazard.version, "mended")
    with pytest.raises(RecordValueError, match="责任人和整改期限"):
        desk(store).hazards.update(hazard.id, hazard.version, HazardForm(description="通道堵了"))


def test_a_hazard_moved_by_someone_else_is_not_moved_again(store: RecordStore, firm: EnterpriseOut) -> None:
    hazard = desk(store).hazards.add(firm.id, HazardForm(description="通道堵了"))
    desk(store).hazards.move(hazard.id, hazard.version, "assigned", responsible="王班长", due=DUE)
    with pytest.raises(ConflictError):
        desk(store, "乙").hazards.move(hazard.id, hazard.version, "assigned", responsible="李班长", due=DUE)
    assert desk(store).hazards.get(hazard.id).responsible == "王班长"


def test_a_hazard_belongs_to_the_firm_that_was_inspected(store: RecordStore, inspection: InspectionOut) -> None:
    other = desk(store).enterprises.add(EnterpriseForm(name="另一家"))
    with pytest.raises(RecordValueError, match="不是这家企业的"):
        desk(store).hazards.add(other.id, HazardForm(description="x", inspection_id=inspection.id))


def test_the_ledger_puts_major_and_pressing_hazards_first(store: RecordStore, firm: EnterpriseOut) -> None:
    late = datetime.date(2026, 11, 1)
    for name, major, due in (("无期限", False, None), ("一般", False, DUE), ("逾期", False, late), ("重大", True, DUE)):
        desk(store).hazards.add(firm.id, HazardForm(description=name, major=major, due=due))
    assert [h.description for h in desk(store).hazards.find(firm.id).items] == ["重大", "逾期", "一般", "无期限"]
    assert [h.description for h in desk(store).hazards.find(due_before=datetime.date(2026, 11, 23)).items] == ["逾期"]
    assert [h.description for h in desk(store).hazards.find(major=True).items] == ["重大"]
    assert desk(store).hazards.find(states=["closed"]).total == 0


# --- audit ----------------------------------------------------------------------------------------------------------


def test_every_change_says_who_what_and_when(store: RecordStore, firm: EnterpriseOut) -> None:
    desk(store, "乙").enterprises.update(firm.id, firm.version, EnterpriseForm(name="新名字", headcount=20))
    entry = desk(store).trail.find("enterprise", firm.id).items[0]
    assert (entry.actor, entry.action, entry.at) == ("乙", "update", NOON)
    assert entry.changes == {"name": ["测试机械厂", "新名字"]}


@pytest.mark.parametrize("words", ["UPDATE audit_log SET actor = '别人'", "DELETE FROM audit_log"])
def test_the_audit_log_can_not_be_changed_by_sql(store: RecordStore, firm: EnterpriseOut, words: str) -> None:
    with pytest.raises(Exception, match="append-only"), store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(words))
    assert [e.actor for e in desk(store).trail.find().items] == ["甲"]


@pytest.mark.parametrize("how", ["change", "delete"])
def test_the_audit_log_can_not_be_changed_by_the_program(store: RecordStore, firm: EnterpriseOut, how: str) -> None:
    with Session(store.engine) as session:
        row = session.get_one(AuditLog, 1)
        if how == "change":
            row.actor = "别人"
        else:
            session.delete(row)
        with pytest.raises(RecordsError, match="只能追加"):
            session.flush()
