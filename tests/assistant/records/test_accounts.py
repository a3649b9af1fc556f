"""Accounts: what is kept of a password, who gets in, who is out at once, and that somebody can always let people in."""

from __future__ import annotations

import datetime
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select

from assistant.records import ConflictError, DeniedError, RecordStore, RecordValueError, SignInError, UserForm, Viewer
from assistant.records.accounts import FAILURES, LOCKED, SIGNED_IN, SignedIn
from assistant.records.models import Login, User
from assistant.records.more_forms import UserOut
from tests.assistant.records.made import NOON, desk, everything

PASSWORD, NEW = "一个好记的密码2026", "另一个密码2027"


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime.datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(address: str, tmp_path: Path, clock: Clock) -> Iterator[RecordStore]:
    opened = RecordStore(address, tmp_path, clock=clock)
    # Quick to compute: what it costs for real is tested apart.
    opened.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    opened.doorkeeper._nobody = opened.doorkeeper.hasher.hash("x")
    yield opened
    opened.close()


def add(store: RecordStore, login: str, *roles: str) -> UserOut:
    form = UserForm(login=login, name=login, roles=list(roles))
    return desk(store).accounts.add(form, PASSWORD, store.doorkeeper.hasher)


@pytest.fixture
def chief(store: RecordStore) -> UserOut:
    return store.doorkeeper.first(UserForm(login="chief", name="王", roles=["administrator"]), PASSWORD)


def signed(store: RecordStore, login: str = "chief", secret: str = PASSWORD) -> SignedIn:
    return store.doorkeeper.sign_in(login, secret)


def form(user: UserOut, **changes: object) -> UserForm:
    told = {"login": user.login, "name": user.name, "roles": user.roles, "active": user.active}
    return UserForm.model_validate(told | changes)


def test_of_a_password_only_an_argon2id_hash_is_kept(tmp_path: Path) -> None:
    store = RecordStore.in_folder(tmp_path)
    store.doorkeeper.first(UserForm(login="chief", name="王", roles=["administrator"]), PASSWORD)
    with desk(store).work.reading() as session:
        hashed = session.scalars(select(User.password)).one()
    used = extract_parameters(hashed)
    # RFC 9106, second recommended option: 64 MiB, three passes.
    assert (used.type.name, used.memory_cost >= 65536, used.time_cost >= 3, used.salt_len >= 16) == ("ID", True, True, True)
    assert PASSWORD not in repr(everything(store))
    store.close()


def test_of_a_signed_in_browser_only_a_digest_is_kept(store: RecordStore, chief: UserOut) -> None:
    here = signed(store)
    assert here.secret is not None
    assert here.secret not in repr(everything(store))
    assert store.doorkeeper.known(here.secret) is not None
    with desk(store).work.reading() as session:
        digest = session.scalars(select(Login.digest)).one()
    assert store.doorkeeper.known(digest) is None


@pytest.mark.parametrize(("login", "secret"), [("chief", "wrong password"), ("nobody", PASSWORD), ("", ""), ("chief", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    store: RecordStore, chief: UserOut, login: str, secret: str
) -> None:
    with pytest.raises(SignInError, match="登录名或者密码不对"):
        signed(store, login, secret)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    store = RecordStore.in_folder(tmp_path)
    store.doorkeeper.first(UserForm(login="chief", name="王", roles=["administrator"]), PASSWORD)
    times: dict[str, list[float]] = {"chief": [], "nobody": []}
    for _ in range(FAILURES - 1):
        for login, taken in times.items():
            began = time.thread_time()
            with pytest.raises(SignInError):
                signed(store, login, "wrong password")
            taken.append(time.thread_time() - began)
    known, unknown = (statistics.median(t) for t in times.values())
    assert 0.5 < unknown / known < 2
    store.close()


def test_after_five_wrong_passwords_not_even_the_right_one_opens(store: RecordStore, chief: UserOut, clock: Clock) -> None:
    for _ in range(FAILURES):
        with pytest.raises(SignInError, match="不对"):
            signed(store, secret="wrong password")
    with pytest.raises(SignInError, match="暂停登录"):
        signed(store)
    clock.moment += LOCKED + datetime.timedelta(seconds=1)
    assert signed(store).viewer.name == "王"
    with pytest.raises(SignInError, match="不对"):
        signed(store, secret="wrong password")
    assert signed(store)


def test_guesses_sent_at_once_all_count(store: RecordStore, chief: UserOut) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(12)

    def guess(n: int) -> None:
        together.wait()
        try:
            signed(store, secret=f"guess number {n}")
        except SignInError as error:
            outcomes.append("locked" if "暂停" in str(error) else "wrong")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["locked"] * (12 - FAILURES) + ["wrong"] * FAILURES


def test_a_stopped_account_is_out_at_once(store: RecordStore, chief: UserOut) -> None:
    user = add(store, "li", "trainer")
    here = signed(store, "li")
    assert store.doorkeeper.known(here.secret) is not None
    desk(store).accounts.update(user.id, desk(store).accounts.get(user.id).version, form(user, active=False))
    assert store.doorkeeper.known(here.secret) is None
    with pytest.raises(SignInError, match="已停用"):
        signed(store, "li")
    with pytest.raises(SignInError, match="不对"):
        signed(store, "li", "wrong password")


def test_who_loses_a_role_loses_what_it_allowed_at_once(store: RecordStore, chief: UserOut) -> None:
    user = add(store, "li", "administrator")
    here = signed(store, "li")
    desk(store).accounts.update(user.id, desk(store).accounts.get(user.id).version, form(user, roles=["trainer"]))
    assert store.doorkeeper.known(here.secret) is None
    with pytest.raises(DeniedError):
        store.desk(signed(store, "li").viewer).accounts.find()


def test_a_changed_password_signs_out_everywhere(store: RecordStore, chief: UserOut) -> None:
    first, second = signed(store), signed(store)
    with pytest.raises(SignInError, match="没有修改"):
        store.doorkeeper.change_password(chief.id, "wrong password", NEW)
    assert store.doorkeeper.known(first.secret)
    store.doorkeeper.change_password(chief.id, PASSWORD, NEW)
    assert [store.doorkeeper.known(s.secret) for s in (first, second)] == [None, None]
    with pytest.raises(SignInError):
        signed(store)
    assert signed(store, secret=NEW)
    assert [e.action for e in desk(store).trail.find("account").items] == ["password", "create"]


def test_signing_in_ends_after_a_week_and_with_signing_out(store: RecordStore, chief: UserOut, clock: Clock) -> None:
    here, other = signed(store), signed(store)
    store.doorkeeper.sign_out(here.secret)
    assert store.doorkeeper.known(here.secret) is None
    assert store.doorkeeper.known(other.secret) is not None
    clock.moment += SIGNED_IN + datetime.timedelta(seconds=1)
    assert store.doorkeeper.known(other.secret) is None
    assert [store.doorkeeper.known(s) for s in (None, "", "x", "' OR 1=1 --")] == [None] * 4


def test_the_last_administrator_stays(store: RecordStore, chief: UserOut) -> None:
    for change in ({"active": False}, {"roles": ["trainer"]}):
        with pytest.raises(RecordValueError, match="至少要有一个"):
            desk(store).accounts.update(chief.id, chief.version, form(chief, **change))
    second = add(store, "li", "administrator")
    desk(store).accounts.update(chief.id, chief.version, form(chief, active=False))
    with pytest.raises(RecordValueError, match="至少要有一个"):
        desk(store).accounts.update(second.id, second.version, form(second, active=False))


def test_two_administrators_can_not_stop_each_other_at_once(store: RecordStore, chief: UserOut) -> None:
    second = add(store, "li", "administrator")
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def stop(user: UserOut) -> None:
        together.wait()
        try:
            desk(store).accounts.update(user.id, user.version, form(user, active=False))
            outcomes.append("stopped")
        except RecordValueError:
            outcomes.append("refused")

    threads = [threading.Thread(target=stop, args=(user,)) for user in (chief, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "stopped"]


def test_of_two_first_administrators_made_at_once_one_is_kept(store: RecordStore) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def begin(login: str) -> None:
        together.wait()
        try:
            store.doorkeeper.first(UserForm(login=login, name=login, roles=["administrator"]), PASSWORD)
            outcomes.append("made")
        except RecordValueError:
            outcomes.append("refused")

    threads = [threading.Thread(target=begin, args=(login,)) for login in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]


def test_names_are_taken_once_and_passwords_must_be_good(store: RecordStore, chief: UserOut) -> None:
    with pytest.raises(RecordValueError, match="换一个登录名"):
        add(store, "chief", "trainer")
    for secret in ("short", "aaaaaaaaaa", "x" * 201):
        with pytest.raises(RecordValueError, match="密码"):
            desk(store).accounts.add(UserForm(login="li", name="李", roles=["trainer"]), secret, store.doorkeeper.hasher)
    for login in ("a", "有 空格", "x" * 61, "<script>", ""):
        with pytest.raises(RecordValueError, match="登录名"):
            add(store, login, "trainer")
    with pytest.raises(RecordValueError, match="管理员"):
        RecordStore.in_folder(store.data / "other").doorkeeper.first(
            UserForm(login="li", name="李", roles=["trainer"]), PASSWORD
        )


def test_only_administrators_manage_accounts(store: RecordStore, chief: UserOut) -> None:
    for role in ("member", "group", "inspector", "reviewer", "trainer", "editor"):
        at = store.desk(Viewer("丙", frozenset({role}), user_id=7)).accounts
        for call, told in ((at.find, ()), (at.get, (chief.id,)), (at.update, (chief.id, 1, form(chief)))):
            with pytest.raises(DeniedError, match="管理账号"):
                call(*told)  # type: ignore[operator]


# --- commands -------------------------------------------------------------------------------------------------------


def test_accounts_are_managed_on_the_command_line(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    import assistant.cli  # noqa: F401 - registers the subcommands
    from assistant.command_line import app

    def run(*arguments: str, told: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(app, ["account", *arguments, "--data", str(tmp_path / "data")], input=told)
        return done.exit_code, done.output + (str(done.exception) if done.exception else "")

    add = ("add", "wang", "--name", "王", "--role", "管理员", "--stdin")
    assert "角色" in run("add", "li", "--name", "李", "--role", "国王", "--stdin", told=PASSWORD)[1]
    assert "管理员" in run("add", "li", "--name", "李", "--role", "培训人员", "--stdin", told=PASSWORD)[1]
    assert run(*add, told=PASSWORD + "\n") == (0, "已添加账号 wang（王，管理员）。\n")
    assert "登录名" in run(*add, told=PASSWORD + "\n")[1]
    assert "没有编号为 9 的企业" in run("add", "zhao", "--name", "赵", "--role", "member", "--firm", "9", "--stdin")[1]
    assert run("add", "li", "--name", "李", "--role", "inspector", "--district", "宝山区", "--stdin", told=PASSWORD)[0] == 0
    assert run("list")[1].splitlines() == ["wang  王  管理员", "li  李  执法人员  宝山区"]
    assert "没有登录名" in run("password", "qian", "--stdin", told=NEW)[1]
    assert run("password", "li", "--stdin", told=NEW)[0] == 0
    store = RecordStore.in_folder(tmp_path / "data")
    assert signed(store, "li", NEW).viewer.district == "宝山区"
    assert {e.actor for e in desk(store).trail.find("account").items} <= {"命令行", "系统"}
    store.close()
