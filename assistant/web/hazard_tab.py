"""算重大危险源: what stands in one unit → S, R and the grade, each number with its source."""

from __future__ import annotations

from html import escape

import gradio as gr

from assistant.hazard_source import HazardSource, Sourced
from assistant.service import Assistant
from assistant.web import render
from kg_build.errors import HeguiError

EXAMPLES = [["液氨=12", 60], ["甲醇=300@W5.3\n丙酮=200@W5.3\n乙酸丁酯=800@W5.4", 0], ["液氯=4吨\n氟化氢=800kg", 150]]


def result_html(found: HazardSource) -> str:
    """The result: the verdict, the table of substances, and what to mind."""
    rows = "".join(
        f"<tr><td>{escape(i.shown_name)}</td><td>{i.tonnes:g}</td>"
        f"<td>{i.critical.value:g}<br>{_source(i.critical)}</td><td>{i.ratio:.4g}</td>"
        f"<td>{i.beta_text}<br>{_source(i.beta_min)}</td></tr>"
        for i in found.items
    )
    verdict = render.badge("构成重大危险源", "major") if found.is_major else render.badge("不构成重大危险源", "no_penalty")
    grades = "、".join(f"{escape(g.condition or f'{g.value:g}')} {_source(g)}" for g in found.grade_sources)
    return (
        f'<article class="hg-card"><h4>{escape(found.sentence)}</h4><div>{verdict}</div>'
        "<table class='hg-table'><tr><th>物质</th><th>数量（吨）</th><th>临界量（吨）</th><th>q/Q</th><th>β</th></tr>"
        f"{rows}</table>"
        f"<p>α＝{found.alpha.value:g}（{found.exposed} 人）{_source(found.alpha)}</p>"
        + (f"<p>分级界限：{grades}</p>" if grades else "")
        + f"{render.notices(found.notices)}</article>"
    )


def _source(number: Sourced) -> str:
    return f'<span class="hg-quiet">{escape(number.citation)}</span>'


def build(assistant: Assistant) -> None:
    """Lay out the tab."""

    def compute(substances: str, exposed: float | None, day: str | None) -> str:
        if exposed is None:
            return render.error("请填写厂区边界向外500米范围内的常住人口（没有人住写 0）。")
        try:
            return result_html(assistant.hazard_source([substances or ""], int(exposed), day or None))
        except HeguiError as error:
            return render.error(str(error))

    with gr.Row(equal_height=False):
        substances = gr.Textbox(
            label="一个单元里有什么（一行一种：物质=数量，不写单位按吨；没有列名的写上 @类别）",
            placeholder="液氨=12",
            lines=4,
            scale=3,
            elem_id="hazard-substances",
        )
        with gr.Column(scale=1, min_width=220):
            exposed = gr.Number(None, minimum=0, precision=0, label="边界外500米内常住人口", elem_id="hazard-exposed")
            day = gr.Textbox(label="按哪一天的标准（可不填）", placeholder="如 2026-05-01")
    button = gr.Button("计算", variant="primary", elem_id="hazard-button")
    gr.Examples(EXAMPLES, [substances, exposed], label="例如")
    result = gr.HTML(elem_id="hazard-result")
    button.click(compute, [substances, exposed, day], result, api_name=False, show_progress="minimal")
