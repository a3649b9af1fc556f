"""Nobody reads, counts or changes what is not theirs, whichever method or statement they use."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import delete, func, insert, inspect, select, update
from sqlalchemy.orm import Session, aliased

from assistant.records import (
    DeniedError,
    Desk,
    NotFoundError,
    RecordStore,
    RecordValueError,
    Viewer,
)
from assistant.records.base import Base, OfEnterprise
from assistant.records.database import default_url
from assistant.records.models import Answer, AuditLog, Enterprise, Hazard, HazardStep, Inspection, Photo, Plan, PlanVisit
from assistant.records.models import User as Account
from assistant.records.work import Part
from tests.assistant.records.made import NOON, desk, everything
from tests.assistant.records.world import CASES, DAY, OWN, SECRET, STRANGERS, World, fill, viewer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("world")
    url = default_url(data) if request.param == "sqlite" else request.getfixturevalue("databases").make()
    store = RecordStore(url, data, clock=lambda: NOON)
    yield fill(store)
    store.close()


def empty(value: Any) -> bool:
    """Whether an answer tells nothing: no rows, and every count is zero."""
    if isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
        told = value.model_dump() if isinstance(value, BaseModel) else dataclasses.asdict(value)  # type: ignore[arg-type]
        return all(empty(v) for k, v in told.items() if k not in ("page", "size"))
    if isinstance(value, dict):
        return all(empty(v) for v in value.values())
    return not value


def test_every_method_of_every_desk_has_a_case(world: World) -> None:
    at = world.of(Viewer.of_system())
    parts = {name: part for name, part in vars(at).items() if isinstance(part, Part)}
    methods = {f"{n}.{m}" for n, p in parts.items() for m in dir(p) if not m.startswith("_") and callable(getattr(p, m))}
    assert methods == set(CASES)


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_learn_nothing_and_change_nothing(world: World, who: str) -> None:
    before = everything(world.store)
    at = world.of(STRANGERS[who](world.firms))
    told = {}
    for name, call in CASES.items():
        try:
            found = call(at, world.ids)
        except (NotFoundError, DeniedError):
            continue
        except RecordValueError:
            # A plan names the firms that can't be found.
            if name == "plans.add":
                continue
            raise
        if not empty(found) or OWN in repr(found):
            told[name] = found
    assert told == {}
    assert everything(world.store) == before


def test_whose_records_they_are_finds_them_by_the_same_calls(world: World) -> None:
    """The cases above are worth something: those who may read get an answer."""
    reads = [n for n in CASES if n.split(".")[1] in ("get", "find", "profile", "profiles", "answers", "results", "steps")]
    reads += ["hazards.counts", "hazards.history", "photos.content", "photos.of_inspection", "inspections.scores"]
    reads += ["overview.counts", "overview.pressing", "overview.side_by_side", "overview.names", "due.find", "trail.find"]
    officials_only = {"plans.get", "plans.find", "accounts.get", "accounts.find"}
    for who in (viewer("member", world.firms["firm"]), viewer("group", world.firms["head"])):
        at = world.of(who)
        assert [n for n in reads if n not in officials_only and empty(CASES[n](at, world.ids))] == []
    at = world.of(viewer("inspector", district="宝山区"))
    assert [n for n in reads if not n.startswith("accounts") and empty(CASES[n](at, world.ids))] == []


def test_lists_count_only_what_is_seen(world: World) -> None:
    seen = {
        "a member of a sister": 1,
        "a group member of a sister": 2,
        "a group member of another group": 2,
        "a member of no firm": 0,
        "an inspector of another district": 4,
        "a trainer": 0,
    }
    for who, firms in seen.items():
        at = world.of(STRANGERS[who](world.firms))
        assert at.enterprises.find().total == len(at.enterprises.find().items) == firms, who
        assert at.overview.counts(DAY, DAY).firms == at.overview.side_by_side(DAY)[0] == firms
        assert at.trail.find().total == len(at.trail.find(size=200).items)
    assert world.of(viewer("group", world.firms["head"])).enterprises.find().total == 4


# --- statements of any code -----------------------------------------------------------------------------------------

MODELS: list[type[Any]] = sorted((m.class_ for m in Base.registry.mappers), key=lambda m: m.__name__)


def own_rows(world: World, model: type[Any]) -> set[Any]:
    """The identities of the rows a stranger must not see: those of the firm; of accounts and plans all."""
    identity = inspect(model).primary_key[0]
    query = select(identity)
    if model is Enterprise:
        query = query.where(Enterprise.id == world.firms["firm"])
    elif issubclass(model, OfEnterprise) or model is AuditLog:
        query = query.where(model.enterprise_id == world.firms["firm"])
    with desk(world.store).work.reading() as session:
        return set(session.scalars(query))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
@pytest.mark.parametrize("who", ["a member of a sister", "an inspector of another district"])
def test_no_statement_reaches_what_is_not_seen(world: World, model: type[Any], who: str) -> None:
    hidden = own_rows(world, model)
    identity = inspect(model).primary_key[0]
    key = identity.key
    at = world.of(STRANGERS[who](world.firms))
    with at.work.reading() as session:
        column = getattr(model, key)
        assert not hidden & {getattr(row, key) for row in session.scalars(select(model))}
        assert not hidden & set(session.scalars(select(column)))
        assert session.scalar(select(func.count()).select_from(model)) == len(session.scalars(select(model)).all())
        assert session.scalar(select(func.count(column)).where(column.in_(hidden))) == 0
        other = aliased(model)
        assert not hidden & set(session.scalars(select(getattr(other, key))))
        within = select(column).where(column.in_(select(getattr(other, key)))).subquery()
        assert not hidden & set(session.scalars(select(within.c[0])))
        assert session.scalar(select(column).where(column.in_(hidden)).exists().select()) is False
        assert not hidden & set(session.scalars(select(column).union(select(getattr(other, key)))))
        assert all(session.get(model, one) is None for one in hidden)
        assert session.query(model).filter(column.in_(hidden)).count() == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_no_bulk_statement_changes_what_is_not_seen(world: World, model: type[Any]) -> None:
    before = everything(world.store)
    at = world.of(STRANGERS["an inspector of another district"](world.firms))
    hidden = own_rows(world, model)
    key = inspect(model).primary_key[0].key
    column = getattr(model, key)
    with at.work.writing() as session:
        for fetched in (False, "fetch"):
            told = {"synchronize_session": fetched}
            done = session.execute(update(model).where(column.in_(hidden)).values({key: column}), execution_options=told)
            assert done.rowcount == 0
            assert session.execute(delete(model).where(column.in_(hidden)), execution_options=told).rowcount == 0
    with pytest.raises(DeniedError), at.work.writing() as session:
        session.execute(insert(model), [{}])
    assert everything(world.store) == before


def test_joins_do_not_lead_around_the_limits(world: World) -> None:
    at = world.of(STRANGERS["a member of a sister"](world.firms))
    with at.work.reading() as session:
        for query in (
            select(Answer.note, Inspection.title).join(Inspection, Inspection.id == Answer.inspection_id),
            select(Enterprise.name, Hazard.description).outerjoin(Hazard, Hazard.enterprise_id == Enterprise.id),
            select(HazardStep.note, Hazard.description).join(Hazard, Hazard.id == HazardStep.hazard_id),
            select(Enterprise.name, func.count(Photo.id))
            .join(Photo, Photo.enterprise_id == Enterprise.id)
            .group_by(Enterprise.name),
        ):
            assert OWN not in repr(session.execute(query).all())


def hand_over(at: Desk, session: Session, own: int, to: int) -> None:
    mine = Hazard(enterprise_id=own, description="x", major=False, state="found", note="")
    at.work.add(session, mine)
    mine.enterprise_id = to
    session.flush()


def test_nobody_writes_a_row_for_a_firm_of_others(world: World) -> None:
    before = everything(world.store)
    at = world.of(STRANGERS["a member of a sister"](world.firms))
    row = Hazard(enterprise_id=world.firms["firm"], description="x", major=False, state="found", note="")
    with pytest.raises(DeniedError, match="不在你的账号范围内"), at.work.writing() as session:
        at.work.add(session, row)
    with pytest.raises(DeniedError), at.work.writing() as session:
        hand_over(at, session, world.firms["sister"], world.firms["firm"])
    assert everything(world.store) == before


# --- official inspections before they are finished ------------------------------------------------------------------


def secrets_of(ids: dict[str, int]) -> dict[str, int]:
    """The same names, but of the official inspection that is not finished."""
    return ids | {
        "check": ids["official"],
        "check_photo": ids["official_photo"],
        "hazard": ids["official_hazard"],
        "hazard_photo": ids["official_hazard_photo"],
    }


ABOUT_ALL = ("inspections.scores", "inspections.history", "hazards.history", "hazards.counts")


@pytest.mark.parametrize("who", ["member", "group"])
def test_a_firm_sees_nothing_of_an_official_inspection_before_it_is_finished(world: World, who: str) -> None:
    before = everything(world.store)
    at = world.of(viewer(who, world.firms["firm" if who == "member" else "head"]))
    ids = secrets_of(world.ids)
    for name, call in CASES.items():
        part, method = name.split(".")
        if method in ("add", "add_profile") or part in ("enterprises", "due", "happenings"):
            continue
        try:
            found = call(at, ids)
        except (NotFoundError, DeniedError):
            continue
        assert empty(found) or method == "find" or part == "overview" or name in ABOUT_ALL, name
        assert SECRET not in repr(found), name
    assert everything(world.store) == before


def test_no_count_gives_an_unfinished_official_inspection_away(world: World) -> None:
    member, inspector = viewer("member", world.firms["firm"]), viewer("inspector", district="宝山区")
    firm = world.firms["firm"]

    def counted(who: Viewer) -> list[int]:
        at = world.of(who)
        with at.work.reading() as session:
            direct = [
                session.scalar(select(func.count()).select_from(m)) or 0
                for m in (Inspection, Answer, Hazard, HazardStep, Photo, PlanVisit, Plan)
            ]
        return [
            *direct,
            at.hazards.counts(firm)["open"],
            at.hazards.counts(firm)["major"],
            at.overview.counts(DAY, DAY).open,
            at.inspections.find(firm).total,
        ]

    # One each of the secret inspection, its answer, hazard, step, visit and plan; two photos.
    assert [a - b for a, b in zip(counted(inspector), counted(member), strict=True)] == [1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1]
    trail = world.of(member).trail.find(size=200)
    assert (SECRET in repr(trail), trail.total) == (False, len(trail.items))
    for entity, row in (("inspection", "official"), ("hazard", "official_hazard"), ("photo", "official_photo")):
        assert world.of(member).trail.find(entity, world.ids[row]).total == 0
        assert world.of(inspector).trail.find(entity, world.ids[row]).total > 0


def test_a_firm_may_not_touch_an_unfinished_official_inspection_by_any_statement(world: World) -> None:
    before = everything(world.store)
    at = world.of(viewer("member", world.firms["firm"]))
    with at.work.writing() as session:
        assert session.execute(update(PlanVisit).values(version=9)).rowcount == 0
        assert session.execute(update(Answer).where(Answer.note.contains(SECRET)).values(note="x")).rowcount == 0
        assert session.execute(delete(Photo).where(Photo.inspection_id == world.ids["official"])).rowcount == 0
        assert session.execute(delete(Hazard).where(Hazard.description.contains(SECRET))).rowcount == 0
    assert everything(world.store) == before


def test_the_log_of_accounts_is_for_administrators(world: World) -> None:
    for who in (viewer("member", world.firms["firm"]), viewer("inspector", district="宝山区"), viewer("inspector")):
        assert world.of(who).trail.find("account").total == 0
        with world.of(who).work.reading() as session:
            assert session.scalars(select(Account)).all() == []
    assert world.of(viewer("administrator")).trail.find("account").total == 1


def test_what_an_official_found_is_the_firms_to_see_once_it_is_finished(store: RecordStore, tmp_path: Path) -> None:
    made = fill(store)
    official = desk(store).inspections.get(made.ids["official"])
    desk(store).inspections.finish(official.id, official.version)
    at = store.desk(viewer("member", made.firms["firm"]))
    assert at.inspections.get(official.id).counts == {"noncompliant": 1}
    assert at.inspections.results(official.id)["t-permit"].note.startswith(SECRET)
    assert at.photos.get(made.ids["official_photo"]).inspection_id == official.id
    assert at.hazards.get(made.ids["official_hazard"]).major
    assert at.trail.find("inspection", official.id).total == 2
