"""Backups: made while people save, put back whole or not at all, from one kind of database into the other."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import make_url

from assistant.backup import FORMAT, MANIFEST, BackupError, back_up
from assistant.records import AnswerForm, EnterpriseForm, HazardForm, RecordStore, UserForm
from assistant.records.database import default_url
from assistant.restore import restore
from bench.postgres import Databases
from kg_build.errors import UsageError
from tests.assistant.records.conftest import databases  # noqa: F401 - the fixture
from tests.assistant.records.made import DUE, desk, everything, small_checklist

Hegui = Callable[..., "subprocess.CompletedProcess[str]"]
PASSWORD = "一个好记的密码2026"
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[Callable[[str, Path], str]]:
    """Makes the address of an empty database of a kind, for a data folder."""
    made: list[str] = []

    def make(kind: str, data: Path) -> str:
        if kind == "sqlite":
            return default_url(data)
        held: Databases = request.getfixturevalue("databases")
        made.append(held.make(empty=True))
        return made[-1]

    yield make
    for url in made:
        request.getfixturevalue("databases").drop(url)


Address = Callable[[str, Path], str]


def picture(color: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(held, "JPEG")
    return held.getvalue()


def fill(store: RecordStore) -> int:
    """A day's work: a group, a check with photos, hazards, an account; return the check."""
    at = desk(store)
    head = at.enterprises.add(EnterpriseForm(name="集团"))
    # A firm whose parent comes after it: rows point forward too.
    firm = at.enterprises.add(EnterpriseForm(name='测试厂\n"引号" \u2028 😀'))
    late = at.enterprises.add(EnterpriseForm(name="后建的上级", parent_id=head.id))
    at.enterprises.update(firm.id, firm.version, EnterpriseForm(name=firm.name, parent_id=late.id))
    check = at.inspections.add(firm.id, "inspection", small_checklist(), "k" * 16, details={"authority": "局"})
    at.inspections.answer(check.id, AnswerForm(check_id="t-permit", result="noncompliant", responsible="李", due=DUE))
    at.photos.add_to_check(check.id, "t-permit", picture("#a33"), "现场.jpg")
    hazard = at.hazards.add(firm.id, HazardForm(description="通道堵了", major=True))
    at.hazards.move(hazard.id, hazard.version, "assigned", responsible="王", due=DUE)
    at.photos.add_to_hazard(hazard.id, "found", picture("#3a3"))
    form = UserForm(login="wang", name="王", roles=["administrator"])
    store.doorkeeper.first(form, PASSWORD)
    store.doorkeeper.sign_in("wang", PASSWORD)
    (store.data / "imports").mkdir(exist_ok=True)
    (store.data / "imports" / "gb-1.json").write_text('{"document": "gb-1"}', encoding="utf-8")
    (store.data / "practice").mkdir(exist_ok=True)
    (store.data / "practice" / "portrait.yaml").write_text("title: 本地方案\n", encoding="utf-8")
    return check.id


def rows(store: RecordStore) -> dict[str, Any]:
    return {name: held for name, held in everything(store).items() if name != "login"}


def files(data: Path) -> dict[str, bytes]:
    return {
        p.relative_to(data).as_posix(): p.read_bytes()
        for folder in ("photos", "imports", "practice")
        for p in sorted((data / folder).rglob("*"))
        if p.is_file()
    }


def opened(url: str, data: Path) -> RecordStore:
    return RecordStore(url, data)


@pytest.mark.parametrize(("kind", "into"), [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_a_backup_brings_everything_back_into_either_database(
    kind: str, into: str, tmp_path: Path, address: Address
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    store = opened(address(kind, old), old)
    fill(store)
    made = back_up(store, tmp_path / "b.zip")
    before, held = rows(store), files(old)
    store.close()
    shutil.rmtree(old)
    url = address(into, new)
    restore(tmp_path / "b.zip", new, url)
    again = opened(url, new)
    assert rows(again) == before
    assert len(before["audit_log"]) == made.manifest.counts["audit_log"] > 8
    assert files(new) == held
    assert len(held) == 6
    # Whoever goes on working gets new numbers, and can read what was kept.
    assert again.doorkeeper.sign_in("wang", PASSWORD).viewer.name == "王"
    photo = desk(again).photos.of_hazard(1)[0]
    assert desk(again).photos.content(photo.id)[0] == picture("#3a3")
    assert desk(again).enterprises.add(EnterpriseForm(name="新的")).id == 4
    assert desk(again).trail.find().total == made.manifest.counts["audit_log"] + 1
    again.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_made_while_people_save_is_one_moment(kind: str, tmp_path: Path, address: Address) -> None:
    store = opened(address(kind, tmp_path / "old"), tmp_path / "old")
    check = fill(store)
    stop, begun, saves = threading.Event(), threading.Event(), [0]

    def save() -> None:
        version = 0
        while not stop.is_set():
            told = AnswerForm(check_id="t-watch", result="compliant", note=f"第{version}次", version=version)
            version = desk(store).inspections.answer(check, told).version
            desk(store).photos.add_to_hazard(1, "found", picture(f"#{version % 900 + 100}")) if version < 8 else None
            saves[0] += 1
            if saves[0] > 3:
                begun.set()

    thread = threading.Thread(target=save)
    thread.start()
    begun.wait(30)
    before = saves[0]
    made = [back_up(store, tmp_path / f"{n}.zip") for n in range(3)]
    during = saves[0] - before
    stop.set()
    thread.join()
    store.close()
    assert during > 0
    for n, one in enumerate(made):
        data = tmp_path / f"new{n}"
        restore(one.path, data)
        again = RecordStore.in_folder(data)
        answer = desk(again).inspections.results(check)["t-watch"]
        # Each save is there with its line of the log, or not at all.
        logged = desk(again).trail.find("answer", answer.id, size=200).items
        assert logged[0].changes["note"][1] == answer.note == f"第{answer.version - 1}次"
        assert desk(again).trail.find("answer", answer.id).total == answer.version
        assert one.manifest.missing_photos == 0
        for photo in desk(again).photos.of_hazard(1):
            assert len(desk(again).photos.content(photo.id)[0]) == photo.size
        again.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_is_not_replaced_unless_asked(kind: str, tmp_path: Path, address: Address) -> None:
    store = opened(address(kind, tmp_path / "old"), tmp_path / "old")
    fill(store)
    back_up(store, tmp_path / "b.zip")
    wanted, held = rows(store), files(tmp_path / "old")
    store.close()
    data = tmp_path / "new"
    url = address(kind, data)
    other = opened(url, data)
    desk(other).enterprises.add(EnterpriseForm(name="别的厂"))
    (data / "imports").mkdir(parents=True)
    (data / "imports" / "other.json").write_text("{}", encoding="utf-8")
    before = rows(other)
    other.close()
    with pytest.raises(UsageError, match="--replace"):
        restore(tmp_path / "b.zip", data, url)
    other = opened(url, data)
    assert (rows(other), list(files(data))) == (before, ["imports/other.json"])
    other.close()
    restore(tmp_path / "b.zip", data, url, replace=True)
    again = opened(url, data)
    assert rows(again) == wanted
    assert files(data) == held
    again.close()
    assert [p.name for p in data.iterdir() if p.name.startswith(".")] == []


def test_a_backup_is_not_written_over_another(tmp_path: Path) -> None:
    store = RecordStore.in_folder(tmp_path / "old")
    back_up(store, tmp_path / "b.zip")
    with pytest.raises(UsageError, match="已经存在"):
        back_up(store, tmp_path / "b.zip")
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="没有写成"):
        back_up(store, tmp_path / "file" / "b.zip")
    store.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "file", "old"]
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0


def test_records_in_use_are_not_replaced(tmp_path: Path) -> None:
    store = RecordStore.in_folder(tmp_path / "old")
    fill(store)
    back_up(store, tmp_path / "b.zip")
    before = rows(store)
    with pytest.raises(UsageError, match="先停止"):
        restore(tmp_path / "b.zip", tmp_path / "old", replace=True)
    assert rows(store) == before
    store.close()


def test_a_damaged_database_is_replaced(tmp_path: Path) -> None:
    store = RecordStore.in_folder(tmp_path / "old")
    fill(store)
    back_up(store, tmp_path / "b.zip")
    wanted = rows(store)
    store.close()
    for ending in ("", "-wal"):
        (tmp_path / "old" / f"records.sqlite3{ending}").write_bytes(b"broken" * 1000)
    restore(tmp_path / "b.zip", tmp_path / "old", replace=True)
    again = RecordStore.in_folder(tmp_path / "old")
    assert rows(again) == wanted
    again.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_restore_that_fails_at_the_last_step_leaves_everything_as_it_was(
    kind: str, tmp_path: Path, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(address(kind, tmp_path / "old"), tmp_path / "old")
    fill(store)
    back_up(store, tmp_path / "b.zip")
    store.close()
    data = tmp_path / "new"
    url = address(kind, data)
    other = opened(url, data)
    fill(other)
    desk(other).enterprises.add(EnterpriseForm(name="别的厂"))
    before, held = rows(other), files(data)
    other.close()
    real = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if target == data / "practice":
            monkeypatch.undo()
            raise OSError("the disk is full")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(BackupError, match="没有恢复"):
        restore(tmp_path / "b.zip", data, url, replace=True)
    again = opened(url, data)
    assert rows(again) == before
    assert files(data) == held
    again.close()


# --- files that are no good -----------------------------------------------------------------------------------------


@pytest.fixture
def good(tmp_path: Path) -> Path:
    store = RecordStore.in_folder(tmp_path / "old")
    fill(store)
    back_up(store, tmp_path / "good.zip")
    store.close()
    return tmp_path / "good.zip"


def changed(good: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """A copy of a backup with other files and another manifest."""
    with zipfile.ZipFile(good) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(held.pop(MANIFEST))
    change(held, manifest)
    path = good.with_name("bad.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, json.dumps(manifest))
    return path


def refused(path: Path, tmp_path: Path, says: str) -> None:
    target = tmp_path / "target"
    with pytest.raises((BackupError, UsageError), match=says) as told:
        restore(path, target)
    assert "\n" not in str(told.value)
    assert not target.exists() or list(target.iterdir()) == []


def entry(content: bytes) -> dict[str, Any]:
    import hashlib

    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def with_file(name: str, content: bytes = b"x") -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(held: dict[str, bytes], manifest: dict[str, Any]) -> None:
        held[name] = content
        manifest["files"][name] = entry(content)

    return change


def test_a_file_that_is_no_backup_is_told(good: Path, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("不是压缩文件", encoding="utf-8")
    refused(tmp_path / "text.zip", tmp_path, "已损坏")
    refused(tmp_path / "nothing.zip", tmp_path, "没有备份文件")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    refused(tmp_path / "other.zip", tmp_path, "不是合规图谱的备份")


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 0.999])
def test_a_backup_cut_short_is_refused(good: Path, tmp_path: Path, at: float) -> None:
    whole = good.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * at)])
    refused(tmp_path / "cut.zip", tmp_path, "已损坏")


def test_any_flipped_byte_of_the_content_is_noticed(good: Path, tmp_path: Path) -> None:
    whole = good.read_bytes()
    with zipfile.ZipFile(good) as archive:
        places = [i.header_offset + 80 + i.compress_size // 2 for i in archive.infolist() if i.compress_size > 200]
    assert len(places) > 5
    for place in places:
        bad = bytearray(whole)
        bad[place] ^= 0x5A
        (tmp_path / "flipped.zip").write_bytes(bad)
        refused(tmp_path / "flipped.zip", tmp_path, "已损坏|读不了")


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "photos/../../evil", "/etc/evil", "photos/aa/../../../x.jpg", "imports/a/b.json", "records.sqlite3"],
)
def test_a_name_that_leads_out_of_its_folder_is_refused(good: Path, tmp_path: Path, name: str) -> None:
    refused(changed(good, with_file(name)), tmp_path, "不该有的文件")
    assert not (tmp_path / "evil.txt").exists()


def test_a_link_in_the_archive_is_refused(good: Path, tmp_path: Path) -> None:
    path = changed(good, lambda held, manifest: manifest["files"].update({"imports/a.json": entry(b"/etc/passwd")}))
    link = zipfile.ZipInfo("imports/a.json")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(path, tmp_path, "已损坏")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(good: Path, tmp_path: Path) -> None:
    refused(changed(good, with_file("imports/big.json", b"0" * 40 * 2**20)), tmp_path, "已损坏")

    def claims(held: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["files"]["records/answer.jsonl"]["size"] = 2**60

    refused(changed(good, claims), tmp_path, "磁盘空间不够")


def test_a_backup_of_newer_software_is_told(good: Path, tmp_path: Path) -> None:
    refused(changed(good, lambda held, manifest: manifest.update(format=FORMAT + 1, more=1)), tmp_path, "升级软件")
    refused(changed(good, lambda held, manifest: manifest.update(tables="9999")), tmp_path, "升级软件")


def test_rows_that_do_not_fit_are_refused(good: Path, tmp_path: Path) -> None:
    def lost(held: dict[str, bytes], manifest: dict[str, Any]) -> None:
        held["records/audit_log.jsonl"] = held["records/audit_log.jsonl"].split(b"\n", 1)[1]
        manifest["files"]["records/audit_log.jsonl"] = entry(held["records/audit_log.jsonl"])

    refused(changed(good, lost), tmp_path, "已损坏")
    refused(changed(good, lambda held, manifest: held.pop("records/answer.jsonl") and None), tmp_path, "已损坏")
    for bad in (b"not json\n", b'{"id": 1}\n', b'{"id": "1; DROP TABLE plan", "colour": 1}\n', b"[]\n"):

        def wrong(held: dict[str, bytes], manifest: dict[str, Any], bad: bytes = bad) -> None:
            held["records/due_item.jsonl"] = bad
            manifest["files"]["records/due_item.jsonl"] = entry(bad)
            manifest["counts"]["due_item"] = 1

        refused(changed(good, wrong), tmp_path, "due_item 的一行读不了")

    def dangling(held: dict[str, bytes], manifest: dict[str, Any]) -> None:
        content = held["records/answer.jsonl"].replace(b'"inspection_id":1', b'"inspection_id":77')
        held["records/answer.jsonl"] = content
        manifest["files"]["records/answer.jsonl"] = entry(content)

    with pytest.raises(Exception, match="记录"):
        restore(changed(good, dangling), tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_the_commands_back_up_and_restore(hegui: Hegui, good: Path, tmp_path: Path) -> None:
    data = tmp_path / "again"
    done = hegui("restore", str(good), data=data)
    assert (done.returncode, "所有人都要重新登录" in done.stdout) == (0, True), done.stderr
    again = hegui("restore", str(good), data=data)
    assert (again.returncode, again.stderr.count("\n"), "--replace" in again.stderr) == (2, 1, True)
    made = hegui("backup", str(tmp_path / "second.zip"), "--json", data=data)
    assert json.loads(made.stdout)["counts"]["enterprise"] == 3
    listed = hegui("account", "list", "--json", data=data)
    assert [a["login"] for a in json.loads(listed.stdout)["accounts"]] == ["wang"]
    assert "password" not in listed.stdout
    assert make_url(default_url(data)).database
