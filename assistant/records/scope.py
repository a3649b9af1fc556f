"""Who may see and do what. The limits hold for every statement of a session, whatever code issues it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Engine, event, false, select, true
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from assistant.records.base import OfEnterprise
from assistant.records.database import translated
from assistant.records.errors import DeniedError
from assistant.records.models import ROLES, AuditLog, Enterprise, Login, Plan, User

OFFICIALS = frozenset({"inspector", "reviewer", "administrator"})
FIRMS = frozenset({"member", "group"})
# Permission → the roles that have it, and what to call it in a refusal.
PERMISSIONS: dict[str, tuple[frozenset[str], str]] = {
    "add_enterprise": (frozenset({"inspector", "administrator"}), "登记企业"),
    "edit_enterprise": (frozenset({"member", "group", "inspector", "administrator"}), "修改企业情况"),
    "self_check": (frozenset({"member", "group", "administrator"}), "做企业自查"),
    "inspect": (frozenset({"inspector", "administrator"}), "做执法检查"),
    "hazard": (frozenset({"member", "group", "inspector", "administrator"}), "登记和处理隐患"),
    "duty": (frozenset({"member", "group", "administrator"}), "维护到期事项"),
    "level": (frozenset({"inspector", "reviewer", "administrator"}), "登记画像事项"),
    "plan": (frozenset({"inspector", "reviewer", "administrator"}), "编制检查计划"),
    "review": (frozenset({"reviewer", "administrator"}), "审核批准"),
    "administer": (frozenset({"administrator"}), "管理账号"),
    "edit": (frozenset({"editor", "administrator"}), "编辑资料"),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is at work: a person with roles, bound to an enterprise or a district; or the system itself (``roles`` empty)."""

    name: str
    roles: frozenset[str] = frozenset()
    user_id: int | None = None
    enterprise_id: int | None = None
    district: str | None = None
    certificate: str | None = None
    system: bool = field(default=False)

    @classmethod
    def of_system(cls, name: str = "系统") -> Viewer:
        """The program itself: sees and may do everything; for the command line, migrations and tests."""
        return cls(name, system=True)

    def may(self, permission: str) -> bool:
        """Whether this viewer has a permission."""
        return self.system or bool(self.roles & PERMISSIONS[permission][0])

    def require(self, permission: str) -> None:
        """Raise :class:`DeniedError` without the permission."""
        if not self.may(permission):
            roles, action = PERMISSIONS[permission]
            named = "、".join(label for role, label in ROLES.items() if role in roles)
            raise DeniedError(f"你的账号不能{action}（要有{named}的角色）；需要时请管理员调整。")

    @property
    def official(self) -> bool:
        """Whether this viewer sees enterprises by district, not by belonging."""
        return self.system or bool(self.roles & OFFICIALS)

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden from this viewer."""
        return self.system or (self.official and not self.district)


class ScopedSession(Session):
    """A session that reads and writes only what its viewer may see."""


@contextlib.contextmanager
def transaction(engine: Engine, viewer: Viewer, *, writes: bool = False) -> Iterator[Session]:
    """One transaction of a viewer: all of it is kept, or nothing."""
    bound = engine.execution_options(writes=writes)
    with translated(engine), ScopedSession(bound, expire_on_commit=False) as session, session.begin():
        if not viewer.sees_all:
            # The rows that say who belongs to whom are read before the limits hold.
            within = _within(viewer, session)
            session.info["within"] = within
            session.info["criteria"] = _criteria(viewer, within)
        yield session


def _within(viewer: Viewer, session: Session) -> ColumnElement[bool]:
    """The condition on ``enterprise.id``, in terms of the bare table so that no limits are added to it."""
    table = Enterprise.__table__
    if viewer.official:
        return table.c.id.in_(select(table.c.id).where(table.c.district == viewer.district))
    if viewer.enterprise_id is None or not viewer.roles & FIRMS:
        return false()
    if "group" not in viewer.roles:
        return table.c.id == viewer.enterprise_id
    tree = select(table.c.id).where(table.c.id == viewer.enterprise_id).cte("within", recursive=True)
    below = tree.union(select(table.c.id).join(tree, table.c.parent_id == tree.c.id))
    return table.c.id.in_(list(session.connection().scalars(select(below.c.id))))


def _criteria(viewer: Viewer, within: ColumnElement[bool]) -> list[Any]:
    table = Enterprise.__table__
    ids = select(table.c.id).where(within)
    limits: list[tuple[type[Any], ColumnElement[bool]]] = [(Enterprise, Enterprise.id.in_(ids))]
    limits += [(model, model.enterprise_id.in_(ids)) for model in OfEnterprise.__subclasses__()]
    limits.append((AuditLog, AuditLog.enterprise_id.in_(ids)))
    plans = Plan.district == viewer.district if viewer.official else false()
    limits.append((Plan, plans))
    accounts = true() if "administrator" in viewer.roles else false()
    limits += [(User, accounts), (Login, accounts)]
    return [with_loader_criteria(model, limit, include_aliases=True) for model, limit in limits]


@event.listens_for(ScopedSession, "do_orm_execute")
def _read_within(state: ORMExecuteState) -> None:
    criteria = state.session.info.get("criteria")
    if criteria and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(*criteria)


@event.listens_for(ScopedSession, "before_flush")
def _write_within(session: Session, _context: UOWTransaction, _instances: object) -> None:
    within = session.info.get("within")
    if within is None:
        return
    seen: set[int] = session.info.setdefault("seen", set())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfEnterprise) and row.enterprise_id not in seen:
            table = Enterprise.__table__
            found = session.connection().scalar(select(table.c.id).where(table.c.id == row.enterprise_id, within))
            if found is None:
                raise DeniedError("这家企业不在你的账号范围内；没有保存。")
            seen.add(row.enterprise_id)
