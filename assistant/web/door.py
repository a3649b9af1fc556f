"""What every answer carries (nothing leaves the machine), and, where asked for, signing in before anything is shown.

Written on ASGI itself: the framework's own middleware runs each request in tasks of their own, which cost more than a tap
on a checklist does.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
    "frame-src 'self'; object-src 'none'; base-uri 'self'"
)


class StayHome:
    """Adds headers that keep pages from loading or telling anything elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await self.app(scope, receive, with_headers)


class SignInFirst:
    """Shows nothing outside ``open_below`` to anybody who is not ``known``."""

    def __init__(self, app: ASGIApp, known: Callable[[Request], object], open_below: str) -> None:
        self.app = app
        self.known = known
        self.open_below = open_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] == "http" and not scope["path"].startswith(self.open_below):
            request = Request(scope)
            if not await run_in_threadpool(self.known, request):
                await self._refusal(request)(scope, receive, send)
                return
        elif scope["type"] == "websocket" and not await run_in_threadpool(self.known, Request({**scope, "type": "http"})):
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)

    def _refusal(self, request: Request) -> Response:
        if request.method == "GET" and request.url.path == "/":
            return RedirectResponse(f"{self.open_below}/login?next={self.open_below}", 303)
        return JSONResponse({"error": f"请先登录；登录页面在 {self.open_below}/login。"}, 401)
