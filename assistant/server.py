"""Runs the page and the JSON routes in one process: ``hegui serve``."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import socket
import threading
import webbrowser

import uvicorn

from assistant.records import RecordStore
from assistant.records.database import default_url
from assistant.service import Assistant
from assistant.settings import Settings
from kg_build.errors import UsageError
from kg_build.lean import quick_gradio

ARENAS = 2
_M_ARENA_MAX = -8
"""The option's number in glibc's malloc.h."""


def run(settings: Settings, host: str, port: int, *, open_page: bool) -> None:
    """Serve until interrupted; build the snapshot first where there is none."""
    from assistant.command_line import build_if_missing, err

    listening = _listen(host, port)
    _share_memory()
    build_if_missing(settings)
    assistant = Assistant(settings.data)
    # Importing and reading make some million lasting objects: looking for garbage among them is wasted time.
    gc.disable()
    threading.Thread(target=_warm, args=[assistant], daemon=True).start()
    with quick_gradio():
        import gradio  # noqa: F401
    from assistant.web.app import create_app

    store = open_records(settings)
    app = create_app(assistant, store, sign_in_first=settings.sign_in_first, public=settings.address)
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}/"
    err.print(f"合规图谱已启动：{address}  （JSON 接口说明 {address}docs；按 Ctrl+C 停止）")
    if store.doorkeeper.is_new():
        err.print(f"工作台还没有账号；第一次使用请打开 {address}work/setup?code={store.setup_code()} 建立管理员。")
    if open_page:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def open_records(settings: Settings) -> RecordStore:
    """The records of these settings: a database by URL, or the file in the data folder."""
    return RecordStore(settings.records or default_url(settings.data), settings.data)


def _share_memory() -> None:
    """Let threads share what others freed: glibc would keep it apart for each, tens of megabytes for every one that answers.

    Elsewhere nothing is changed.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, ARENAS)


def _warm(assistant: Assistant) -> None:
    """Load what the first question needs, beside the page's own start."""
    try:
        assistant.warm()
    finally:
        gc.freeze()
        gc.enable()


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle on: then every long answer waits 40 ms for an acknowledgment.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"端口 {port} 已被其他程序占用；请用 --port 换一个端口，例如 --port {port + 1}。") from error
        if error.errno == errno.EACCES:
            raise UsageError(f"没有权限使用端口 {port}；请用 --port 换成 1024 以上的端口。") from error
        raise UsageError(f"地址 {host}:{port} 不能监听（{error.strerror or error}）；请检查 --host 和 --port。") from error
    return listening
