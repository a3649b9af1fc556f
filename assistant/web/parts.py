"""Small pieces the tabs share."""

from __future__ import annotations

from typing import Any

import gradio as gr

Update = dict[str, Any]


def update(**properties: Any) -> Update:
    """A change of a component's properties."""
    return dict(gr.update(**properties))


def at_page_load(function: Any, outputs: Any, inputs: Any = None) -> Any:
    """Run ``function`` whenever the page is opened (the tab is being laid out inside the page); return the event."""
    page = gr.context.Context.root_block
    return page.load(function, inputs, outputs, api_name=False) if page is not None else None
