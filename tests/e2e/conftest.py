"""A running server on the shipped corpus, and a headless Chromium."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.speed import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def serving(data: Path, **environment: str) -> Iterator[str]:
    """Address of a running ``hegui serve`` on a data folder."""
    port = free_port()
    command = [sys.executable, "-m", "assistant.cli", "serve", "--no-open", "--port", str(port), "--data", str(data)]
    told = {**os.environ, **environment}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise AssertionError(f"the server ended: {process.stderr.read() if process.stderr else ''}")
            try:
                if httpx.get(address + "/api/stats", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def server(full_data: Path) -> Iterator[str]:
    """Address of a running ``hegui serve``."""
    with serving(full_data) as address:
        yield address


@dataclass
class Office:
    """A running server with records of its own, and its data folder."""

    address: str
    data: Path

    @property
    def setup_code(self) -> str:
        """What the console shows for making the first administrator."""
        return (self.data / "setup-code").read_text(encoding="utf-8").strip()


@contextlib.contextmanager
def _opened(full_data: Path, data: Path) -> Iterator[Office]:
    shutil.copytree(full_data, data, ignore=shutil.ignore_patterns("records*", "photos", "setup-code"))
    with serving(data) as address:
        yield Office(address, data)


@pytest.fixture
def office(full_data: Path, tmp_path: Path) -> Iterator[Office]:
    """A server that nobody has used yet."""
    with _opened(full_data, tmp_path / "office") as opened:
        yield opened


@pytest.fixture(scope="module")
def busy_office(full_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A server that the tests of one file share."""
    with _opened(full_data, tmp_path_factory.mktemp("office") / "data") as opened:
        yield opened


# One browser a module, not a run: while Playwright is open it holds the thread's event loop, which other tests need.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
        )
        yield launched
        launched.close()


WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def outside() -> list[str]:
    """Addresses beyond this machine that the page asked for."""
    return []


def _page(context: BrowserContext, server: str, outside: list[str]) -> Page:
    page = context.new_page()
    page.on("request", lambda r: None if r.url.startswith((server, "data:", "blob:")) else outside.append(r.url))
    page.goto(server)
    page.get_by_role("tab", name="问法规").wait_for()
    return page


@pytest.fixture
def desktop(browser: Browser, server: str, outside: list[str]) -> Iterator[Page]:
    """The page on a wide screen."""
    context = browser.new_context(**WIDE, locale="zh-CN", accept_downloads=True)
    yield _page(context, server, outside)
    context.close()


@pytest.fixture
def phone(browser: Browser, server: str, outside: list[str]) -> Iterator[Page]:
    """The page at phone width, with touch."""
    context = browser.new_context(**PHONE, locale="zh-CN", accept_downloads=True)
    yield _page(context, server, outside)
    context.close()
