"""Signing in and out, the first administrator, one's own password, and the administrator's list of accounts."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.records import DeniedError, RecordValueError, UserForm
from assistant.records.accounts import SIGNED_IN
from assistant.records.more_forms import password as usable_password
from assistant.web.work.site import COOKIE, PREFIX, Here, Site, own_page, safe_next

USES = {
    "firm": ("本企业自查用", ["administrator", "member"]),
    "authority": ("监管部门检查用", ["administrator", "inspector"]),
    "other": ("培训、资料维护等", ["administrator", "trainer", "editor"]),
}


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/login")
    def login_page(request: Request) -> Response:
        if site.store.doorkeeper.is_new():
            return site.show("start.html", request)
        return site.show("login.html", request, next=safe_next(request.query_params.get("next", PREFIX)))

    @router.post("/login")
    async def login(request: Request) -> Response:
        own_page(request)
        form = await request.form()
        name, secret = str(form.get("login", "")), str(form.get("password", ""))
        signed = await run_in_threadpool(site.store.doorkeeper.sign_in, name, secret)
        answer = RedirectResponse(safe_next(str(form.get("next", PREFIX))), 303)
        _remember(answer, request, signed.secret or "")
        return answer

    @router.post("/logout")
    def logout(request: Request, here: Here = Depends(site.writer)) -> Response:
        site.store.doorkeeper.sign_out(request.cookies.get(COOKIE))
        answer = here.go("/login")
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @router.get("/setup")
    def setup_page(request: Request) -> Response:
        if not site.store.doorkeeper.is_new():
            return RedirectResponse(f"{PREFIX}/login", 303)
        return site.show("setup.html", request, code=request.query_params.get("code", ""), uses=USES)

    @router.post("/setup")
    async def setup(request: Request) -> Response:
        own_page(request)
        form = {k: str(v) for k, v in (await request.form()).items()}
        given, is_new = form.get("code", "").strip(), await run_in_threadpool(site.store.doorkeeper.is_new)
        if is_new and not secrets.compare_digest(given.encode(), site.store.setup_code().encode()):
            raise DeniedError("启动码不对；启动码在运行 hegui serve 的窗口里，也在数据目录的 setup-code 文件里。")
        if form.get("password") != form.get("again"):
            raise RecordValueError("两次输入的密码不一样；请重新输入。")
        await run_in_threadpool(_first, site, form)
        site.store.forget_setup_code()
        signed = await run_in_threadpool(site.store.doorkeeper.sign_in, form["login"], form["password"])
        answer = RedirectResponse(PREFIX, 303)
        _remember(answer, request, signed.secret or "")
        return answer

    @router.get("/me")
    def me(here: Here = Depends(site.reader)) -> HTMLResponse:
        return here.show("me.html", saved=bool(here.text("saved")))

    @router.post("/me/password")
    def change_password(here: Here = Depends(site.writer)) -> Response:
        if here.text("password") != here.text("again"):
            raise RecordValueError("两次输入的新密码不一样；请重新输入。")
        user_id = here.signed.viewer.user_id or 0
        site.store.doorkeeper.change_password(user_id, here.text("old"), here.text("password"))
        return here.go("/login?next=/work/me")

    @router.get("/accounts")
    def accounts(here: Here = Depends(site.reader)) -> HTMLResponse:
        found = here.desk.accounts.find(here.text("q"), page=here.page_number())
        names = {u.enterprise_id: here.desk.enterprises.get(u.enterprise_id).name for u in found.items if u.enterprise_id}
        return here.show("accounts.html", found=found, q=here.text("q"), firms=names)

    @router.get("/accounts/new")
    def new_account(here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("administer")
        return here.show("account.html", user=None, firms=_firms(here))

    @router.get("/accounts/{user_id}")
    def account(user_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        return here.show("account.html", user=here.desk.accounts.get(user_id), firms=_firms(here))

    @router.post("/accounts/new")
    def add_account(here: Here = Depends(site.writer)) -> Response:
        here.desk.accounts.add(_form(here), here.text("password"), site.store.doorkeeper.hasher)
        return here.go("/accounts")

    @router.post("/accounts/{user_id}")
    def change_account(user_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.viewer.require("administer")
        secret = here.text("password")
        if secret:
            # Before anything is saved: a password that can't be used must not leave half of the form kept.
            usable_password(secret)
        here.desk.accounts.update(user_id, here.version(), _form(here))
        if secret:
            site.store.doorkeeper.set_password(user_id, secret)
        return here.go("/accounts")

    @router.get("/audit")
    def audit(here: Here = Depends(site.reader)) -> HTMLResponse:
        entity, row = here.text("entity") or None, here.number("id", "编号")
        found = here.desk.trail.find(entity, row, page=here.page_number())
        return here.show("audit.html", found=found, entity=entity, row=row)

    return router


def _remember(answer: Response, request: Request, secret: str) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(
        COOKIE, secret, max_age=int(SIGNED_IN.total_seconds()), httponly=True, samesite="lax", secure=secure, path="/"
    )


def _first(site: Site, form: dict[str, str]) -> None:
    """Make the first administrator, and the firm whose self-checks are meant."""
    from assistant.records import EnterpriseForm, Viewer

    use = form.get("use", "firm")
    if use not in USES:
        raise RecordValueError("请选择用途。")
    desk = site.store.desk(Viewer.of_system(form.get("name", "")))
    user = UserForm(login=form.get("login", ""), name=form.get("name", ""), roles=["administrator"])
    user.values()
    if use == "firm":
        firm = EnterpriseForm(name=form.get("firm", ""))
        firm.values()
        made = site.store.doorkeeper.first(user, form.get("password", ""))
        roles = user.model_copy(update={"roles": USES[use][1], "enterprise_id": desk.enterprises.add(firm).id})
    else:
        made = site.store.doorkeeper.first(user, form.get("password", ""))
        roles = user.model_copy(update={"roles": USES[use][1]})
    desk.accounts.update(made.id, made.version, roles)


def _form(here: Here) -> UserForm:
    return UserForm(
        login=here.text("login"),
        name=here.text("name"),
        roles=here.texts("roles"),
        enterprise_id=here.number("enterprise_id", "所属企业编号"),
        district=here.text("district") or None,
        certificate=here.text("certificate") or None,
        active=here.text("active") == "on" if "sent_active" in here.form else True,
    )


def _firms(here: Here) -> list[tuple[int, str]]:
    return [(e.id, e.name) for e in here.desk.enterprises.find(size=200).items]
