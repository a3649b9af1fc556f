"""What the working pages share: who is at work, forms that can't be forged, pages, and errors as one sentence."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.models import NATURE_LABELS, SEVERITY_LABELS, yuan
from assistant.records import (
    ConflictError,
    DeniedError,
    Desk,
    NotFoundError,
    RecordsError,
    RecordStore,
    RecordValueError,
    SignInError,
)
from assistant.records.accounts import SignedIn
from assistant.records.models import INSPECTION_KINDS, PHOTO_STAGES, RESULTS, ROLES, STATES, VISIT_STATES
from assistant.service import Assistant
from kg_build.errors import HeguiError, SnapshotError

HERE = Path(__file__).parent
PREFIX = "/work"
COOKIE = "hegui-work"
LARGEST_BODY = 13 * 2**20
"""A photo and its form; nothing that people send is larger."""


class NotSignedInError(SignInError):
    """The page needs somebody who is signed in."""


@dataclass
class Here:
    """One request: who is at work, their desk, and what their form says."""

    site: Site
    request: Request
    signed: SignedIn
    desk: Desk
    form: FormData = field(default_factory=FormData)

    def text(self, name: str) -> str:
        """A field of the form (or of the address) as text without blanks around it; empty when it is missing."""
        value = self.form.get(name) if name in self.form else self.request.query_params.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        values = self.form.getlist(name) if name in self.form else self.request.query_params.getlist(name)
        return [v.strip() for v in values if isinstance(v, str) and v.strip()]

    def day(self, name: str, label: str) -> datetime.date | None:
        """A day; raise :class:`RecordValueError` when it is none."""
        value = self.text(name)
        try:
            return datetime.date.fromisoformat(value) if value else None
        except ValueError as error:
            raise RecordValueError(f"{label}“{value[:20]}”不是日期；请写成 2026-05-01 这样。") from error

    def number(self, name: str, label: str) -> int | None:
        """A whole number; raise :class:`RecordValueError` when it is none."""
        value = self.text(name)
        try:
            return int(value) if value else None
        except ValueError as error:
            raise RecordValueError(f"{label}“{value[:20]}”不是整数；请只填数字，不清楚就留空。") from error

    def page_number(self) -> int:
        """The page of a list, from 1."""
        return max(1, self.number("page", "页码") or 1)

    def version(self) -> int:
        """The version that the form was shown with."""
        return self.number("version", "版本") or 0

    async def upload(self, name: str) -> tuple[bytes, str]:
        """An uploaded file and the name it came with; empty when none was chosen."""
        value = self.form.get(name)
        return (await value.read(), value.filename or "") if isinstance(value, UploadFile) else (b"", "")

    def show(self, template: str, **values: Any) -> HTMLResponse:
        """A page."""
        return self.site.show(template, self.request, signed=self.signed, desk=self.desk, **values)

    def go(self, path: str) -> RedirectResponse:
        """On to another page after saving."""
        return RedirectResponse(PREFIX + path, 303)


class Site:
    """The working pages of one assistant and one record store."""

    def __init__(self, assistant: Assistant, store: RecordStore, public: str | None = None) -> None:
        self.public = public
        self.assistant = assistant
        self.store = store
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(
            RESULTS=RESULTS,
            STATES=STATES,
            ROLES=ROLES,
            KINDS=INSPECTION_KINDS,
            STAGES=PHOTO_STAGES,
            VISIT_STATES=VISIT_STATES,
            NATURES=NATURE_LABELS,
            SEVERITIES=SEVERITY_LABELS,
            work=PREFIX,
        )
        self.templates.filters.update(day=_day, moment=_moment, yuan=yuan, link=lambda value: quote(str(value), safe=""))

    def known(self, request: Request) -> SignedIn | None:
        """Who is signed in in this browser."""
        return self.store.doorkeeper.known(request.cookies.get(COOKIE))

    def here(self, request: Request) -> Here:
        """Who asks, at their desk; raise :class:`NotSignedInError` where nobody is signed in."""
        signed = self.known(request)
        if signed is None:
            raise NotSignedInError("请先登录；登录后会回到这一页。")
        return Here(self, request, signed, self.store.desk(signed.viewer))

    def reader(self, request: Request) -> Here:
        """Dependency of pages that only show."""
        return self.here(request)

    async def writer(self, request: Request) -> Here:
        """Dependency of pages that save: the form must come from one of our own pages."""
        own_page(request)
        here = await run_in_threadpool(self.here, request)
        here.form = await request.form()
        self.own_form(here, request.headers.get("X-Form-Key") or here.text("form_key"))
        return here

    def own_form(self, here: Here, key: str) -> None:
        """Refuse a form that does not carry the key of whoever is signed in."""
        if not secrets.compare_digest(key.encode(), here.signed.form_key.encode()):
            raise DeniedError("这个页面开得太久或者不是从本站打开的，没有保存；请刷新页面后重新提交。")

    def show(self, template: str, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
        """A page; ``signed`` is None where nobody is signed in."""
        values.setdefault("signed", None)
        values.setdefault("desk", None)
        told = self.templates.get_template(template).render(request=request, path=request.url.path, **values)
        return HTMLResponse(told, status, {"Cache-Control": "no-store"})

    def error(self, request: Request, error: HeguiError) -> Response:
        """One sentence, as a page or as JSON; whoever isn't signed in is sent to sign in and comes back."""
        wants_json = "application/json" in request.headers.get("accept", "")
        if isinstance(error, NotSignedInError) and not wants_json:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            target = back if request.method == "GET" else PREFIX
            return RedirectResponse(f"{PREFIX}/login?next={quote(target, safe='')}", 303)
        status = status_of(error)
        if wants_json:
            return JSONResponse({"error": str(error)}, status)
        return self.show("error.html", request, status, sentence=str(error), signed=self.known(request))


def status_of(error: HeguiError) -> int:
    """The HTTP status of an error."""
    kinds: tuple[tuple[type[HeguiError], int], ...] = (
        (SignInError, 401),
        (DeniedError, 403),
        (NotFoundError, 404),
        (ConflictError, 409),
        (SnapshotError, 503),
        (RecordsError, 503),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 422)


def own_page(request: Request) -> None:
    """Refuse what another site's page sends."""
    origin = request.headers.get("origin")
    # Browsers send the first over https and on this machine; pages that hide where they come from send the origin "null".
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise DeniedError("这个请求不是从本站的页面发出的，没有保存；请从本站打开页面后重新提交。")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise DeniedError("这个请求不是从本站的页面发出的，没有保存；请从本站打开页面后重新提交。")


def safe_next(target: str) -> str:
    """Where to go after signing in: only to a page of ours."""
    good = target.startswith(PREFIX) and "\\" not in target and not target.startswith("//") and "\n" not in target
    return target if good else PREFIX


def _day(value: datetime.date | datetime.datetime | None) -> str:
    if isinstance(value, datetime.datetime):
        value = value.astimezone().date()
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def _moment(value: datetime.datetime | None) -> str:
    return f"{value.astimezone():%Y-%m-%d %H:%M}" if value else ""


class BodyLimit:
    """Refuses bodies that are too large before they are read, whatever their headers claim."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it sends."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > LARGEST_BODY:
            await too_large()(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise RecordValueError(TOO_LARGE)
            return message

        await self.app(scope, counted, send)


TOO_LARGE = f"文件太大（最多 {LARGEST_BODY // 2**20 - 1} MB）；请压缩后再上传。"


def too_large() -> Response:
    """The answer to a body that is too large."""
    return JSONResponse({"error": TOO_LARGE}, 413)


def mount(app: FastAPI, site: Site, builders: tuple[Callable[[Site], Any], ...]) -> None:
    """Add the working pages to the application."""
    app.mount(f"{PREFIX}/static", StaticFiles(directory=HERE / "static"), "work-static")
    for build in builders:
        app.include_router(build(site), prefix=PREFIX, include_in_schema=False)
    app.add_middleware(BodyLimit)
