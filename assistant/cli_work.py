"""Subcommands for whoever looks after the records: accounts, backups."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.command_line import DataOption, JsonOption, app, emit, out, settings_for
from kg_build.errors import UsageError

if TYPE_CHECKING:
    from assistant.records import Desk, RecordStore

ACTOR = "命令行"
accounts = typer.Typer(help="管理账号：添加、列出、重设密码。", no_args_is_help=True)
app.add_typer(accounts, name="account")

InputOption = Annotated[bool, typer.Option("--stdin", help="从标准输入读密码（一行），不在屏幕上询问。")]


@contextmanager
def _records(data: Path | None) -> Iterator[RecordStore]:
    # Imported at first use: most commands need no database.
    from assistant.records import RecordStore
    from assistant.records.database import default_url

    settings = settings_for(data)
    store = RecordStore(settings.records or default_url(settings.data), settings.data)
    try:
        yield store
    finally:
        store.close()


def _desk(store: RecordStore) -> Desk:
    from assistant.records import Viewer

    return store.desk(Viewer.of_system(ACTOR))


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    return typed


@accounts.command("add")
def add_account(
    login: Annotated[str, typer.Argument(help="登录名。")],
    name: Annotated[str, typer.Option("--name", help="姓名。")],
    role: Annotated[list[str], typer.Option("--role", help="角色，可重复，如 管理员、执法人员、企业人员。")],
    firm: Annotated[int | None, typer.Option("--firm", help="所属企业的编号（企业人员、集团人员必填）。")] = None,
    district: Annotated[str | None, typer.Option("--district", help="所在区（执法、审核人员；不填则看全市）。")] = None,
    certificate: Annotated[str | None, typer.Option("--certificate", help="执法证号。")] = None,
    from_input: InputOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """添加账号；第一个账号要有管理员的角色。"""
    from assistant.records import UserForm
    from assistant.records.models import ROLES

    keys = {label: key for key, label in ROLES.items()} | {key: key for key in ROLES}
    unknown = [r for r in role if r not in keys]
    if unknown:
        raise UsageError(f"没有叫“{unknown[0]}”的角色；可选：{'、'.join(ROLES.values())}。")
    form = UserForm(
        login=login,
        name=name,
        roles=[keys[r] for r in role],
        enterprise_id=firm,
        district=district,
        certificate=certificate,
    )
    # Before the password is asked for.
    form.values()
    with _records(data) as store:
        desk = _desk(store)
        if firm is not None:
            desk.enterprises.get(firm)
        secret = _password(from_input)
        if store.doorkeeper.is_new():
            made = store.doorkeeper.first(form, secret)
        else:
            made = desk.accounts.add(form, secret, store.doorkeeper.hasher)
    if as_json:
        emit(made)
    else:
        out.print(f"已添加账号 {made.login}（{made.name}，{'、'.join(ROLES[r] for r in made.roles)}）。")


@accounts.command("list")
def list_accounts(as_json: JsonOption = False, data: DataOption = None) -> None:
    """列出所有账号。"""
    from assistant.records.models import ROLES

    with _records(data) as store:
        found, page = [], 1
        while True:
            part = _desk(store).accounts.find(page=page, size=200)
            found += part.items
            if page >= part.pages:
                break
            page += 1
    if as_json:
        emit({"accounts": [u.model_dump(mode="json") for u in found]})
        return
    for user in found:
        place = user.district or (f"企业 {user.enterprise_id}" if user.enterprise_id else "")
        roles = "、".join(ROLES[r] for r in user.roles)
        line = [user.login, user.name, roles, place, "" if user.active else "已停用"]
        out.print("  ".join(part for part in line if part), markup=False, highlight=False)
    if not found:
        out.print("还没有账号；请用 hegui account add 添加管理员，或者打开网页的工作台。")


@accounts.command("password")
def reset_password(
    login: Annotated[str, typer.Argument(help="登录名。")],
    from_input: InputOption = False,
    data: DataOption = None,
) -> None:
    """重设密码；这个账号在所有设备上都要重新登录。"""
    with _records(data) as store:
        found = _desk(store).accounts.find(login, size=200)
        user = next((u for u in found.items if u.login == login), None)
        if user is None:
            raise UsageError(f"没有登录名是“{login}”的账号；用 hegui account list 查看。")
        store.doorkeeper.set_password(user.id, _password(from_input))
    out.print(f"已重设 {user.login} 的密码。", markup=False)


@app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="备份写到哪个文件（.zip），不能是已有的文件。")],
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """备份：检查记录、账号、照片、导入的原文和本地方案存成一个文件；备份时大家可以照常使用。"""
    from assistant.backup import back_up

    with _records(data) as store:
        made = back_up(store, file)
    if as_json:
        emit({"path": str(made.path), "bytes": made.size, **made.manifest.model_dump(mode="json", exclude={"files"})})
        return
    rows, files = sum(made.manifest.counts.values()), len(made.manifest.files) - len(made.manifest.counts)
    out.print(f"已备份到 {made.path}：记录 {rows} 条，照片等文件 {files} 个，共 {made.size / 2**20:.1f} MB。", markup=False)
    out.print("文件里有账号和企业的资料，请妥善保管。")
    if made.manifest.missing_photos:
        out.print(f"注意：有 {made.manifest.missing_photos} 张照片的文件已不在数据目录里，没有备份到。")


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="hegui backup 做的备份文件。")],
    replace: Annotated[bool, typer.Option("--replace", help="已有记录或者照片时，用备份换掉它们。")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """恢复备份：先核对整份备份，再全部换上；请先停止 hegui serve。"""
    from assistant.restore import restore

    settings = settings_for(data)
    manifest = restore(file, settings.data, settings.records, replace=replace)
    if as_json:
        emit(manifest.model_dump(mode="json", exclude={"files"}))
        return
    made = f"{manifest.made_at.astimezone():%Y-%m-%d %H:%M}"
    out.print(f"已恢复 {made} 的备份：记录 {sum(manifest.counts.values())} 条。所有人都要重新登录。")
    out.print("导入的原文在下次 hegui build 或 hegui serve 建立快照后生效。")
