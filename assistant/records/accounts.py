"""Accounts: passwords (argon2id), who is signed in in which browser, and the first administrator."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from assistant.records.database import alone, translated
from assistant.records.errors import RecordValueError, SignInError
from assistant.records.forms import Page
from assistant.records.models import Enterprise, Login, User
from assistant.records.more_forms import UserForm, UserOut, password
from assistant.records.scope import Viewer
from assistant.records.work import Part, Work, get

SIGNED_IN = datetime.timedelta(days=7)
FAILURES = 5
LOCKED = datetime.timedelta(minutes=10)
WRONG = "登录名或者密码不对；请重新输入，忘记密码请管理员重设。"

PAUSED = f"密码连续输错 {FAILURES} 次，账号暂停登录；请 {LOCKED.seconds // 60} 分钟后再试。"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in browser: who, the secret for its cookie (only when just signed in), and the key its forms must carry."""

    viewer: Viewer
    form_key: str
    secret: str | None = None


_KNOWN = select(Login.form_key, Login.expires_at, *User.__table__.columns).where(
    User.id == Login.user_id, Login.digest == bindparam("digest")
)


def viewer_of(row: Any) -> Viewer:
    """Who an account is at work."""
    return Viewer(
        name=row.name,
        roles=frozenset(row.roles),
        user_id=row.id,
        enterprise_id=row.enterprise_id,
        district=row.district,
        certificate=row.certificate,
    )


class Doorkeeper:
    """Signs people in and out; works before anybody is known, so as the system itself."""

    def __init__(self, work: Work, hasher: PasswordHasher | None = None) -> None:
        self.work = work
        self.hasher = hasher or PasswordHasher()
        # Signing in with an unknown name must take as long as with a wrong password.
        self._nobody = self.hasher.hash(secrets.token_hex(8))

    def is_new(self) -> bool:
        """Whether there is no account yet."""
        with self.work.reading() as session:
            return session.scalar(select(func.count(User.id))) == 0

    def first(self, form: UserForm, secret: str) -> UserOut:
        """Make the first administrator; raise :class:`RecordValueError` when there is an account already."""
        values = form.values()
        if "administrator" not in values["roles"]:
            raise RecordValueError("第一个账号要有管理员的角色；请选上管理员。")
        hashed = self.hasher.hash(password(secret))
        with self.work.writing() as session:
            alone(session)
            if session.scalar(select(func.count(User.id))):
                raise RecordValueError("已经有账号了；请登录，或者请管理员添加账号。")
            return UserOut.model_validate(self.work.add(session, User(password=hashed, failures=0, **values)))

    def sign_in(self, login: str, secret: str) -> SignedIn:
        """Sign in; raise :class:`SignInError` with one sentence that does not tell which of both is wrong."""
        with self.work.reading() as session:
            row = session.scalar(select(User).where(User.login == login.strip()))
            hashed = row.password if row else self._nobody
            locked = row.locked_until if row else None
        moment = self.work.clock()
        if locked and locked > moment:
            raise SignInError(PAUSED)
        # Outside of any transaction: this takes a tenth of a second on purpose.
        good = self._fits(hashed, secret) and row is not None
        with self.work.writing() as session:
            if row is None:
                raise SignInError(WRONG)
            # Locked and read again: of many guesses sent at once each one counts, and none gets in after the last allowed.
            held = session.scalar(select(User).where(User.id == row.id).with_for_update())
            if held is None:
                raise SignInError(WRONG)
            if held.locked_until and held.locked_until > moment:
                raise SignInError(PAUSED)
            if good and held.active:
                held.failures, held.locked_until = 0, None
                return self._begin(session, held, moment)
            held.failures += 0 if good else 1
            if held.failures >= FAILURES:
                held.failures, held.locked_until = 0, moment + LOCKED
        raise SignInError("这个账号已停用；请联系管理员。" if good else WRONG)

    def _begin(self, session: Session, row: User, moment: datetime.datetime) -> SignedIn:
        session.execute(delete(Login).where(Login.expires_at < moment))
        secret, form_key = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        expires = moment + SIGNED_IN
        session.add(Login(digest=_digest(secret), user_id=row.id, form_key=form_key, created_at=moment, expires_at=expires))
        session.flush()
        return SignedIn(viewer_of(row), form_key, secret)

    def known(self, secret: str | None) -> SignedIn | None:
        """Who holds a cookie's secret, if they are still signed in and active."""
        if not secret:
            return None
        # Every tap asks this: plain columns, a statement that is made once, and no transaction to begin and end.
        engine = self.work.engine.execution_options(isolation_level="AUTOCOMMIT")
        with translated(engine), engine.connect() as connection:
            found = connection.execute(_KNOWN, {"digest": _digest(secret)}).first()
        if found is None or found.expires_at < self.work.clock() or not found.active:
            return None
        return SignedIn(viewer_of(found), found.form_key)

    def sign_out(self, secret: str | None) -> None:
        """Forget a browser."""
        if secret:
            with self.work.writing() as session:
                session.execute(delete(Login).where(Login.digest == _digest(secret)))

    def change_password(self, user_id: int, old: str, new: str) -> None:
        """Change one's own password; every other browser is signed out."""
        with self.work.reading() as session:
            hashed = get(session, User, user_id).password
        if not self._fits(hashed, old):
            raise SignInError("现在的密码不对；没有修改。")
        self.set_password(user_id, new)

    def set_password(self, user_id: int, new: str) -> None:
        """Set a password and sign the account out everywhere."""
        hashed = self.hasher.hash(password(new))
        with self.work.writing() as session:
            row = get(session, User, user_id)
            row.password, row.failures, row.locked_until = hashed, 0, None
            row.updated_at = self.work.clock()
            session.execute(delete(Login).where(Login.user_id == user_id))
            session.flush()
            self.work.log(session, row, "password", {})

    def _fits(self, hashed: str, secret: str) -> bool:
        try:
            return self.hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False


class Accounts(Part):
    """Accounts as an administrator works with them."""

    def add(self, form: UserForm, secret: str, hasher: PasswordHasher | None = None) -> UserOut:
        """Make an account."""
        self.work.viewer.require("administer")
        values = form.values()
        hashed = (hasher or PasswordHasher()).hash(password(secret))
        with self.work.writing("administer") as session:
            if values["enterprise_id"] is not None:
                get(session, Enterprise, values["enterprise_id"])
            return UserOut.model_validate(self.work.add(session, User(password=hashed, failures=0, **values)))

    def update(self, user_id: int, version: int, form: UserForm) -> UserOut:
        """Change an account; one administrator must stay, and one that is stopped is signed out at once."""
        self.work.viewer.require("administer")
        values = form.values()
        with self.work.writing("administer") as session:
            alone(session)
            row = get(session, User, user_id, version)
            if values["enterprise_id"] is not None:
                get(session, Enterprise, values["enterprise_id"])
            changed = self.work.change(session, row, values)
            if not any("administrator" in u.roles for u in session.scalars(select(User).where(User.active.is_(True)))):
                raise RecordValueError("至少要有一个在用的管理员账号；没有保存。")
            session.execute(delete(Login).where(Login.user_id == user_id))
            return UserOut.model_validate(changed)

    def get(self, user_id: int) -> UserOut:
        """An account."""
        self.work.viewer.require("administer")
        with self.work.reading() as session:
            return UserOut.model_validate(get(session, User, user_id))

    def find(self, q: str = "", *, page: int = 1, size: int = 50) -> Page[UserOut]:
        """Accounts by login or name."""
        self.work.viewer.require("administer")
        query = select(User).order_by(User.id)
        if words := q.strip():
            query = query.where(User.login.contains(words, autoescape=True) | User.name.contains(words, autoescape=True))
        return self.work.page(query, UserOut, page, size)


def _digest(secret: str) -> str:
    return hmac.new(b"hegui login", secret.encode(), hashlib.sha256).hexdigest()
