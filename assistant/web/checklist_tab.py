"""生成清单: scenes and/or a plant in plain words → recognized facts to correct → checklist, docx and xlsx."""

from __future__ import annotations

import re
import tempfile
from html import escape
from pathlib import Path

import gradio as gr

from assistant.checklist import ALL_INDUSTRIES, THIS_FIRM, Checklist, SceneGroup, scenes_with_checks
from assistant.service import Assistant
from assistant.web import render
from assistant.web.parts import Update, at_page_load, update
from kg_build.errors import HeguiError

EXAMPLES = [
    "铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气",
    "小化工厂，甲苯和盐酸放在危化品仓库，罐区要动火检修，120人",
    "食品厂自己有污水处理站，定期请外面的人清淤，还有一个冷库",
]
EVERYTHING = -1


def _part_name(group: SceneGroup) -> str:
    count = sum(len(point.items) for link in group.links for point in link.points)
    sector = "" if group.industry in (ALL_INDUSTRIES, THIS_FIRM) else f"·{group.industry}"
    return f"{group.scene}{sector}（{count}项）"


def build(assistant: Assistant) -> None:
    """Lay out the tab."""

    def recognize(text: str) -> tuple[Update, str]:
        if not (text or "").strip():
            return update(choices=[], value=[], visible=False), ""
        try:
            facts = assistant.facts(text)
        except HeguiError as error:
            return update(choices=[], value=[], visible=False), render.error(str(error))
        if not facts:
            return update(choices=[], value=[], visible=False), render.notices(
                ["没有认出行业、工序、设备或物质；请写得具体些，如“铝件打磨，布袋除尘，20人”，或直接勾选场景。"]
            )
        return update(choices=facts, value=[i for _, i in facts], visible=True), ""

    def make(
        scenes: list[str], text: str, kept: list[str] | None, title: str, as_of: str
    ) -> tuple[Checklist | None, str, Update, Update, Update]:
        hidden = update(visible=False)
        try:
            only = kept if (text or "").strip() and kept is not None and kept != [] else None
            made = assistant.checklist(scenes or (), text or None, as_of or None, only=only, title=title or None)
        except HeguiError as error:
            return None, render.error(str(error)), hidden, hidden, hidden
        # Imported here: the page need not wait for the word processor's and the spreadsheet's libraries.
        from assistant.documents.checklist_docx import write_docx
        from assistant.documents.checklist_xlsx import write_xlsx

        folder = Path(tempfile.mkdtemp(prefix="hegui-"))
        name = re.sub(r'[\\/:*?"<>|\s]+', "_", made.title)[:60]
        docx, xlsx = folder / f"{name}.docx", folder / f"{name}.xlsx"
        write_docx(made, docx)
        write_xlsx(made, xlsx)
        parts = [(_part_name(g), n) for n, g in enumerate(made.groups)]
        chosen = 0 if len(parts) > 1 else EVERYTHING
        return (
            made,
            show(made, chosen),
            update(choices=[*parts, ("全部", EVERYTHING)], value=chosen, visible=len(parts) > 1),
            update(value=str(docx), visible=True),
            update(value=str(xlsx), visible=True),
        )

    def show(made: Checklist | None, chosen: int | None) -> str:
        if made is None:
            return ""
        picked = None if chosen is None or chosen == EVERYTHING else int(chosen)
        head = (
            f"<h2>{escape(made.title)}</h2><p>按 {made.as_of} 的法律，共 {made.total} 项："
            f"重大事故隐患 {made.major} 项，强制 {made.mandatory} 项，推荐 {made.total - made.mandatory} 项。</p>"
        )
        return head + render.checklist_html(made, picked)

    text = gr.Textbox(label="企业情况（可不填，用平常的话写）", placeholder=EXAMPLES[0], lines=2, elem_id="list-profile")
    gr.Examples(EXAMPLES, text, label="例如")
    # Some forty scenes: a list to type into, not a wall of boxes.
    scenes = gr.Dropdown(
        [], multiselect=True, label="另外要查的场景（可不选，可多选，输入几个字可查找）", elem_id="list-scenes"
    )
    facts = gr.CheckboxGroup([], label="认出的情况（不对的请取消勾选）", visible=False, elem_id="list-facts")
    told = gr.HTML()
    with gr.Row():
        title = gr.Textbox(label="清单标题（可不填）", scale=2)
        as_of = gr.Textbox(label="按哪一天的法律（可不填）", placeholder="如 2026-05-01", scale=1)
    with gr.Row():
        button = gr.Button("生成清单", variant="primary", elem_id="list-button", scale=2)
        docx = gr.DownloadButton("下载 Word", visible=False, elem_id="list-docx")
        xlsx = gr.DownloadButton("下载 Excel", visible=False, elem_id="list-xlsx")
    part = gr.Radio([], label="查看哪个场景", visible=False, elem_id="list-part")
    view = gr.HTML(elem_id="list-view")
    made_state = gr.State(None)

    text.change(recognize, text, [facts, told], api_name=False, show_progress="hidden", trigger_mode="always_last")
    button.click(
        make,
        [scenes, text, facts, title, as_of],
        [made_state, view, part, docx, xlsx],
        api_name=False,
        show_progress="minimal",
    )
    part.input(show, [made_state, part], view, api_name=False, show_progress="hidden")

    def start() -> Update:
        knowledge = assistant.knowledge
        return update(choices=[knowledge.label(s) for s in scenes_with_checks(knowledge)])

    at_page_load(start, scenes)
