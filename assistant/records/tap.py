"""Keeping answers, which is what every tap on a checklist does: plain statements, made once for each viewer.

Many people tap at once, and building statements and objects costs more than running them; so this one path speaks to the
tables without the session. The limits of a viewer stand in its first statement.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, Connection, Engine, Select, Table, bindparam, false, select, true
from sqlalchemy.exc import IntegrityError

from assistant.records.database import translated, turn
from assistant.records.errors import ConflictError, NotFoundError, RecordValueError
from assistant.records.forms import AnswerForm, AnswerOut
from assistant.records.models import Answer, AuditLog, Inspection
from assistant.records.scope import FIRMS, Viewer, group_tree, in_district
from assistant.records.work import Work, plain

FINISHED = "这次检查已经办结，结果不能再改；需要时请另做一次检查。"
WITHDRAWN = "这次检查已经撤销，不能再填；需要时请另做一次检查。"
CHANGED = "在你打开之后已被别人改过，这次没有保存；请刷新后重新填写。"
PERMISSION = {"self_check": "self_check", "inspection": "inspect"}

_answer = cast(Table, Answer.__table__)
_log = cast(Table, AuditLog.__table__)
_HELD = select(_answer).where(
    _answer.c.inspection_id == bindparam("inspection_id"), _answer.c.check_id == bindparam("check_id")
)
_NEW = _answer.insert()
_CHANGED = (
    _answer.update()
    .where(_answer.c.id == bindparam("of_id"), _answer.c.version == bindparam("of_version"))
    .values({name: bindparam(name) for name in ("result", "note", "responsible", "due", "answered_by")})
    .values(version=bindparam("next_version"), updated_at=bindparam("updated_at"))
)
_TOLD = _log.insert()


def keep(work: Work, inspection_id: int, forms: Sequence[AnswerForm]) -> list[AnswerOut]:
    """Keep or change results of one inspection, all or none.

    Raise :class:`NotFoundError` where the viewer may not see it, :class:`ConflictError` where somebody else answered since.
    """
    values = [form.values() for form in forms]
    with _writing(work.engine) as connection:
        return [_keep(work, connection, inspection_id, f, v) for f, v in zip(forms, values, strict=True)]


@contextlib.contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with turn(engine), translated(engine), engine.execution_options(writes=True).begin() as connection:
        yield connection


def _keep(work: Work, connection: Connection, inspection_id: int, form: AnswerForm, values: dict[str, Any]) -> AnswerOut:
    viewer = work.viewer
    named = {"inspection_id": inspection_id, "check_id": form.check_id}
    row = connection.execute(_fillable(viewer), named).first()
    if row is None or (row.kind == "inspection" and row.finished_at is None and not viewer.official):
        raise NotFoundError(f"没有编号为 {inspection_id} 的检查；可能链接已经过时，请从列表重新打开。")
    viewer.require(PERMISSION[row.kind])
    if row.finished_at is not None:
        raise RecordValueError(FINISHED)
    if row.withdrawn_at is not None:
        raise RecordValueError(WITHDRAWN)
    if row.item is None:
        raise RecordValueError(f"这次检查的清单里没有检查项 {form.check_id}；请刷新清单后再填。")
    of = f"检查项“{row.item['ask']}”的结果"
    values["answered_by"] = work.actor()
    moment = work.clock()
    made = {**named, **values, "enterprise_id": row.enterprise_id, "version": 1}
    kept: dict[str, Any]
    if form.version == 0:
        # Answered for the first time, as far as the user saw: the database itself refuses a second row.
        try:
            done = connection.execute(_NEW, {**made, "created_at": moment, "updated_at": moment})
        except IntegrityError as error:
            raise ConflictError(f"{of}{CHANGED}") from error
        kept = {**made, "id": (done.inserted_primary_key or (0,))[0], "created_at": moment, "updated_at": moment}
        changes = {n: [None, plain(v)] for n, v in made.items() if v is not None and n != "version"}
    else:
        held = connection.execute(_HELD, named).mappings().first()
        if held is None or held["version"] != form.version:
            raise ConflictError(f"{of}{CHANGED}")
        changes = {n: [plain(held[n]), plain(v)] for n, v in values.items() if held[n] != v}
        kept = {**held, **values, "version": form.version + 1, "updated_at": moment}
        if not changes:
            return AnswerOut(**held)
        which = {"of_id": held["id"], "of_version": form.version, "next_version": form.version + 1}
        if connection.execute(_CHANGED, {**which, **values, "updated_at": moment}).rowcount != 1:
            raise ConflictError(f"{of}{CHANGED}")
    action = "update" if form.version else "create"
    told = {"at": moment, "actor": values["answered_by"], "action": action, "entity": "answer", "entity_id": kept["id"]}
    connection.execute(_TOLD, {**told, "changes": changes, "enterprise_id": row.enterprise_id})
    return AnswerOut(**kept)


@functools.lru_cache(maxsize=4096)
def _fillable(viewer: Viewer) -> Select[Any]:
    """The inspection a viewer may see, with the one item that is answered; it stays unfinished until the answer is in."""
    table = Inspection.__table__.c
    item = table["items"][bindparam("check_id", type_=JSON.JSONStrIndexType())].label("item")
    query = select(table.enterprise_id, table.kind, table.finished_at, table.withdrawn_at, item)
    query = query.where(table.id == bindparam("inspection_id"), _within(viewer, table.enterprise_id))
    return query.with_for_update(read=True, of=Inspection.__table__)


def _within(viewer: Viewer, column: ColumnElement[int]) -> ColumnElement[bool]:
    """The limits of :mod:`scope` on the column of an enterprise, in one condition."""
    if viewer.sees_all:
        return true()
    if viewer.official:
        return in_district(viewer.district, column)
    if viewer.enterprise_id is None or not viewer.roles & FIRMS:
        return false()
    if "group" not in viewer.roles:
        return column == viewer.enterprise_id
    return column.in_(group_tree(viewer.enterprise_id))
