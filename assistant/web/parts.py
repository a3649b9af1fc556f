"""Small pieces the tabs share."""

from __future__ import annotations

from typing import Any

import gradio as gr

Update = dict[str, Any]


def update(**properties: Any) -> Update:
    """A change of a component's properties."""
    return dict(gr.update(**properties))


def at_page_load(function: Any, outputs: Any) -> None:
    """Run ``function`` whenever the page is opened (the tab is being laid out inside the page)."""
    page = gr.context.Context.root_block
    if page is not None:
        page.load(function, None, outputs, api_name=False)
