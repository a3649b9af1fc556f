"""The one request that people send by the hundred: a tap on a checklist. JSON in, JSON out, a few hundred bytes.

It goes past the framework, whose routing and dependencies cost more than keeping the answer, and has threads of its own:
neither a large report nor a hundred other taps make it wait for a place.
"""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor

from fastapi import Request
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.records import AnswerForm, AnswerOut, RecordValueError
from assistant.web.work.site import PREFIX, Site, own_page, status_of
from kg_build.errors import HeguiError

UNREADABLE = "这一项没有保存：内容的写法不对；请刷新页面后重新填写。"
LARGEST = 64 * 1024
THREADS = 3
"""More would only wait for one another: for the interpreter, and for the disk."""
_PATH = re.compile(rf"{PREFIX}/checks/(\d{{1,18}})/answer")


class Taps:
    """Answers taps; passes everything else on."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site
        self.threads = ThreadPoolExecutor(THREADS, "tap")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep one answer, or pass the request on."""
        matched = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if matched is None:
            await self.app(scope, receive, send)
            return
        body = b""
        more = True
        while more and len(body) <= LARGEST:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        work = asyncio.get_running_loop().run_in_executor(self.threads, self._keep, Request(scope), int(matched[1]), body)
        status, told = await work
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(told)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    def _keep(self, request: Request, check_id: int, body: bytes) -> tuple[int, bytes]:
        try:
            own_page(request)
            here = self.site.here(request)
            self.site.own_form(here, request.headers.get("X-Form-Key") or "")
            if not request.headers.get("content-type", "").startswith("application/json"):
                raise RecordValueError(UNREADABLE)
            status, told = 200, answer_json(here.desk.inspections.answer(check_id, _form(body)))
        except HeguiError as error:
            status, told = status_of(error), {"error": str(error)}
        return status, json.dumps(told, ensure_ascii=False).encode()


def _form(body: bytes) -> AnswerForm:
    if len(body) > LARGEST:
        raise RecordValueError("这一项没有保存：内容太长；请把备注写短一些。")
    try:
        return AnswerForm.model_validate_json(body)
    except ValidationError as error:
        raise RecordValueError(UNREADABLE) from error


def answer_json(answer: AnswerOut) -> dict[str, object]:
    """What a page needs to know of an answer."""
    return {
        "check": answer.check_id,
        "version": answer.version,
        "result": answer.result,
        "note": answer.note,
        "responsible": answer.responsible or "",
        "due": answer.due.isoformat() if answer.due else "",
        "by": answer.answered_by,
        "at": f"{answer.updated_at.astimezone():%H:%M}",
    }
