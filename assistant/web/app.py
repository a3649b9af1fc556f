"""The application: the page mounted beside the JSON routes, and nothing that leaves the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from assistant.api import create_api, error_json
from assistant.records import RecordStore
from assistant.service import Assistant
from assistant.web import ask_tab, cases_tab, checklist_tab, hazard_tab, library_tab, penalty_tab, training_tab
from assistant.web.docs import docs_page
from assistant.web.door import SignInFirst, StayHome
from assistant.web.parts import at_page_load
from assistant.web.work import pages
from assistant.web.work.site import PREFIX, Site, mount
from assistant.web.work.taps import Taps
from kg_build.errors import HeguiError

# Fonts of the reader's own machine: a web font would be a request to someone else's server.
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
TABS = (
    ("问法规", ask_tab),
    ("生成清单", checklist_tab),
    ("类案", cases_tab),
    ("罚则", penalty_tab),
    ("重大危险源", hazard_tab),
    ("培训", training_tab),
    ("图谱与资料", library_tab),
)


def create_page(assistant: Assistant) -> gr.Blocks:
    """The Gradio page."""
    with gr.Blocks(title="合规图谱", analytics_enabled=False) as page:
        gr.HTML(
            '<div class="hg-head"><h1>合规图谱</h1><p>安全生产法规、检查清单与案例。每条意见都注明依据、强制或推荐；'
            '不代替执法机关的决定。<a href="/work">工作台：填清单、管隐患、做检查</a></p></div>'
        )
        with gr.Tabs() as tabs:
            for name, tab in TABS:
                with gr.Tab(name, id=name):
                    tab.build(assistant)
        at_page_load(_linked_tab, tabs)
    return page


def _linked_tab(request: gr.Request) -> Any:
    """The tab that a link of the working pages means."""
    return gr.Tabs(selected="罚则") if request.query_params.get("check") else gr.skip()


GUEST = "访客"


def create_app(
    assistant: Assistant, store: RecordStore, *, sign_in_first: bool = False, public: str | None = None
) -> FastAPI:
    """JSON routes, their documentation, the working pages under ``/work``, and the page at ``/``.

    With ``sign_in_first`` nothing but the check codes is shown to anybody who is not signed in. ``public`` is the address
    under which others reach the page, for check codes.
    """
    app = create_api(assistant)
    site = Site(assistant, store, public)
    mount(app, site, pages.BUILDERS)

    @app.exception_handler(HeguiError)
    def _sentence(request: Request, error: HeguiError) -> Response:
        return site.error(request, error) if request.url.path.startswith(PREFIX) else error_json(error)

    app.add_middleware(Taps, site=site)
    if sign_in_first:
        app.add_middleware(SignInFirst, known=site.known, open_below=PREFIX)
    app.add_middleware(StayHome)

    @app.get("/docs", include_in_schema=False)
    def _docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    def who(request: Request) -> str:
        signed = site.known(request)
        return signed.viewer.name if signed else GUEST

    page = create_page(assistant)
    # Answers take milliseconds, but Gradio runs one event at a time unless told otherwise.
    page.queue(default_concurrency_limit=16)
    theme = gr.themes.Default(primary_hue="blue", font=FONTS, font_mono=["ui-monospace", "Consolas", "monospace"])
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme,
        css=(Path(__file__).parent / "style.css").read_text(encoding="utf-8"),
        footer_links=[],
        ssr_mode=False,
        auth_dependency=who,
    )
    return mounted
