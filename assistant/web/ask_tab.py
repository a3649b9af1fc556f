"""问法规: a question → grounds, checks and cases."""

from __future__ import annotations

import gradio as gr

from assistant.service import Assistant
from assistant.web import render
from assistant.web.parts import Update, update
from kg_build.errors import HeguiError

EXAMPLES = [
    "员工进污水池清淤要办什么手续",
    "焊工证过期了还在干活，我们要罚多少",
    "抛光车间的除尘器要注意什么",
    "危化品仓库里不同的东西能不能放一起",
    "GB 30871-2022 动火作业",
]
FIRST, MORE = 8, 20


def build(assistant: Assistant) -> None:
    """Lay out the tab."""

    def ask(question: str, as_of: str | None, shown: int) -> tuple[str, str, str, Update]:
        try:
            answer = assistant.ask(question or "", as_of or None, provisions=MORE)
        except HeguiError as error:
            return render.error(str(error)), "", "", update(visible=False)
        grounds, checks, cases = render.answer_html(answer, shown)
        return grounds, checks, cases, update(visible=shown < len(answer.provisions))

    with gr.Row(equal_height=False):
        question = gr.Textbox(
            label="用平常的话提问，或直接写文号和条款",
            placeholder=EXAMPLES[0],
            lines=2,
            scale=4,
            elem_id="ask-question",
            autofocus=True,
        )
        as_of = gr.Textbox(label="按哪一天的法律（可不填）", placeholder="如 2026-05-01", scale=1, elem_id="ask-day")
    button = gr.Button("查询", variant="primary", elem_id="ask-button")
    gr.Examples(EXAMPLES, question, label="例如")
    with gr.Tabs():
        with gr.Tab("依据"):
            grounds = gr.HTML(elem_id="ask-grounds")
            more = gr.Button("显示更多依据", visible=False, size="sm", elem_id="ask-more")
        with gr.Tab("该查什么"):
            checks = gr.HTML(elem_id="ask-checks")
        with gr.Tab("类似案例"):
            cases = gr.HTML(elem_id="ask-cases")
    targets = [grounds, checks, cases, more]

    def first(q: str, day: str | None) -> tuple[str, str, str, Update]:
        return ask(q, day, FIRST)

    def all_of_it(q: str, day: str | None) -> tuple[str, str, str, Update]:
        return ask(q, day, MORE)

    gr.on([button.click, question.submit], first, [question, as_of], targets, api_name=False, show_progress="minimal")
    more.click(all_of_it, [question, as_of], targets, api_name=False, show_progress="minimal")
