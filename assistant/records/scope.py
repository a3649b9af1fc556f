"""Who may see and do what. The limits hold for every statement of a session, whatever code issues it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, event, false, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from assistant.records.base import OfEnterprise
from assistant.records.database import translated, turn
from assistant.records.errors import DeniedError
from assistant.records.models import (
    ROLES,
    Answer,
    AuditLog,
    Enterprise,
    Hazard,
    HazardStep,
    Inspection,
    Login,
    Photo,
    Plan,
    PlanVisit,
    User,
)

OFFICIALS = frozenset({"inspector", "reviewer"})
FIRMS = frozenset({"member", "group"})
# Permission → the roles that have it, and what to call it in a refusal.
PERMISSIONS: dict[str, tuple[frozenset[str], str]] = {
    "add_enterprise": (frozenset({"inspector", "administrator"}), "登记企业"),
    "edit_enterprise": (frozenset({"member", "group", "inspector", "administrator"}), "修改企业情况"),
    "self_check": (frozenset({"member", "group"}), "做企业自查"),
    "inspect": (frozenset({"inspector"}), "做执法检查"),
    "hazard": (frozenset({"member", "group", "inspector"}), "登记和处理隐患"),
    "duty": (frozenset({"member", "group"}), "维护到期事项"),
    "level": (frozenset({"inspector", "reviewer"}), "登记画像事项"),
    "plan": (frozenset({"inspector", "reviewer"}), "编制检查计划"),
    "review": (frozenset({"reviewer"}), "审核批准"),
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
        """Whether this viewer works for an authority: sees enterprises by district, not by belonging."""
        return self.system or bool(self.roles & OFFICIALS)

    @property
    def administers(self) -> bool:
        """Whether this viewer looks after accounts, and so knows every enterprise."""
        return "administrator" in self.roles

    @property
    def oversees(self) -> bool:
        """Whether this viewer may see more than one enterprise."""
        return self.official or self.administers or "group" in self.roles

    @property
    def sees_all(self) -> bool:
        """Whether no enterprise is hidden from this viewer."""
        return self.system or self.administers or (self.official and not self.district)


class ScopedSession(Session):
    """A session that reads and writes only what its viewer may see."""


@contextlib.contextmanager
def transaction(engine: Engine, viewer: Viewer, *, writes: bool = False) -> Iterator[Session]:
    """One transaction of a viewer: all of it is kept, or nothing."""
    bound = engine.execution_options(writes=writes)
    waiting = turn(engine) if writes else contextlib.nullcontext()
    with waiting, translated(engine), ScopedSession(bound, expire_on_commit=False) as session, session.begin():
        below = _below(viewer, session)
        if not viewer.sees_all:
            session.info["within"] = _within(viewer, below, Enterprise.__table__.c.id)
            session.info["below"] = below
        session.info["criteria"] = _criteria(viewer, below)
        yield session


def _below(viewer: Viewer, session: Session) -> tuple[int, ...]:
    """The firms of a member or group member, read before any limits hold; empty for everybody else."""
    if viewer.sees_all or viewer.official or not viewer.roles & FIRMS or viewer.enterprise_id is None:
        return ()
    if "group" not in viewer.roles:
        return (viewer.enterprise_id,)
    return tuple(session.connection().scalars(group_tree(viewer.enterprise_id)))


def group_tree(head: int) -> Select[tuple[int]]:
    """The ids of a firm and of all firms under it."""
    table = Enterprise.__table__
    tree = select(table.c.id).where(table.c.id == head).cte("within", recursive=True)
    return select(tree.union(select(table.c.id).join(tree, table.c.parent_id == tree.c.id)).c.id)


def in_district(district: str | None, column: Any) -> ColumnElement[bool]:
    """The condition on a column that holds the id of an enterprise: it lies in the district."""
    table = Enterprise.__table__
    return column.in_(select(table.c.id).where(table.c.district == district))  # type: ignore[no-any-return]


def _within(viewer: Viewer, below: tuple[int, ...], column: Any) -> ColumnElement[bool]:
    """The condition on a column that holds the id of an enterprise; the bare table is used, which has no limits itself."""
    if viewer.official:
        return in_district(viewer.district, column)
    if not below:
        return false()
    return column.in_(below) if len(below) > 1 else column == below[0]  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=1000)
def _criteria(viewer: Viewer, below: tuple[int, ...]) -> tuple[Any, ...]:
    """The limits of a viewer; kept, since making them costs more than most statements."""
    limits: dict[type[Any], ColumnElement[bool]] = {}
    if not (viewer.system or viewer.administers):
        limits |= {User: false(), Login: false(), AuditLog: AuditLog.entity != "account"}
    if not viewer.sees_all:
        owned: list[type[Any]] = [*OfEnterprise.__subclasses__(), AuditLog]
        limits[Enterprise] = _within(viewer, below, Enterprise.id)
        for model in owned:
            limit = _within(viewer, below, model.enterprise_id)
            limits[model] = limits[model] & limit if model in limits else limit
        limits[Plan] = Plan.district == viewer.district if viewer.official else false()
        if not viewer.official:
            secret = _still_secret(lambda column: _within(viewer, below, column))
            limits |= {model: limits[model] & limit for model, limit in secret.items()}
    return tuple(with_loader_criteria(model, limit, include_aliases=True) for model, limit in limits.items())


def _still_secret(within: Callable[[Any], ColumnElement[bool]]) -> dict[type[Any], ColumnElement[bool]]:
    """What firms don't see of their own rows: an official inspection until it is finished, and plans of inspections."""
    inspection, answer, hazard, photo = (m.__table__ for m in (Inspection, Answer, Hazard, Photo))
    official = (inspection.c.kind == "inspection") & inspection.c.finished_at.is_(None)
    secret = select(inspection.c.id).where(official, within(inspection.c.enterprise_id))
    hazards = select(hazard.c.id).where(hazard.c.inspection_id.in_(secret))
    answers = select(answer.c.id).where(answer.c.inspection_id.in_(secret))
    photos = select(photo.c.id).where(photo.c.inspection_id.in_(secret) | photo.c.hazard_id.in_(hazards))
    log = AuditLog.__table__
    # Of a photo that was removed only the log tells where it belonged.
    removed = (log.c.entity == "photo") & (log.c.action == "remove")
    gone = select(log.c.entity_id).where(removed, log.c.changes[("inspection_id", 0)].as_integer().in_(secret))
    logged = {"inspection": secret, "answer": answers, "hazard": hazards, "photo": photos.union(gone)}
    told = [(AuditLog.entity == entity) & AuditLog.entity_id.in_(of) for entity, of in logged.items()]
    return {
        Inspection: Inspection.id.not_in(secret),
        Answer: Answer.inspection_id.not_in(secret),
        Hazard: Hazard.inspection_id.is_(None) | Hazard.inspection_id.not_in(secret),
        HazardStep: HazardStep.hazard_id.not_in(hazards),
        Photo: Photo.id.not_in(photos),
        PlanVisit: false(),
        AuditLog: AuditLog.entity.not_in(("plan", "plan_visit")) & ~or_(*told),
    }


@event.listens_for(ScopedSession, "do_orm_execute")
def _read_within(state: ORMExecuteState) -> None:
    criteria = state.session.info.get("criteria")
    if criteria and state.is_insert:
        # Rows come in one by one, so that each is looked at before it is written.
        raise DeniedError("不能这样批量写入；没有保存。")
    if criteria and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(*criteria)


@event.listens_for(ScopedSession, "before_flush")
def _write_within(session: Session, _context: UOWTransaction, _instances: object) -> None:
    within = session.info.get("within")
    if within is None:
        return
    # Most viewers have a handful of firms, known without asking; a district's are looked up.
    seen: set[int] = session.info.setdefault("seen", set(session.info["below"]))
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfEnterprise) and row.enterprise_id not in seen:
            table = Enterprise.__table__
            found = session.connection().scalar(select(table.c.id).where(table.c.id == row.enterprise_id, within))
            if found is None:
                raise DeniedError("这家企业不在你的账号范围内；没有保存。")
            seen.add(row.enterprise_id)
