"""类案: a situation → similar cases and what they have in common."""

from __future__ import annotations

import gradio as gr

from assistant.service import Assistant
from assistant.web import render
from kg_build.errors import HeguiError
from kg_build.forms import CASE_TYPE_LABELS

EXAMPLES = [
    "没有检测气体就下污水池，两个人先后倒下",
    "电焊工没有特种作业证被查到",
    "抛光车间粉尘积得很厚没有清扫",
    "初次违法及时改正没有罚款",
]


def build(assistant: Assistant) -> None:
    """Lay out the tab."""
    kinds = {label: key for key, label in CASE_TYPE_LABELS.items()}

    def find(situation: str, chosen: list[str], shanghai: bool) -> tuple[str, str]:
        try:
            found = assistant.cases(situation or "", kinds=[kinds[c] for c in chosen or []], shanghai=shanghai)
        except HeguiError as error:
            return render.error(str(error)), ""
        return render.cases_html(found)

    situation = gr.Textbox(label="写出发生的情况", placeholder=EXAMPLES[0], lines=2, elem_id="cases-situation")
    with gr.Row():
        chosen = gr.CheckboxGroup(list(kinds), label="只看哪几类（不选为全部）", scale=3)
        shanghai = gr.Checkbox(label="只看上海", scale=1)
    button = gr.Button("找类案", variant="primary", elem_id="cases-button")
    gr.Examples(EXAMPLES, situation, label="例如")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            cards = gr.HTML(elem_id="cases-cards")
        with gr.Column(scale=2, min_width=320):
            common = gr.HTML(elem_id="cases-common")
    gr.on(
        [button.click, situation.submit],
        find,
        [situation, chosen, shanghai],
        [cards, common],
        api_name=False,
        show_progress="minimal",
    )
