"""罚则: a failed check or a broken provision → what it costs, and when it costs nothing; the factors asked one by one."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.inquiry import UNKNOWN, Question, answer, open_questions, questions
from assistant.service import Assistant
from assistant.web import penalty_html, render
from assistant.web.parts import Update, at_page_load, update
from assistant.worksheet import Factors, PenaltyWorksheet
from kg_build.errors import HeguiError, UsageError

EXAMPLES = ["焊工没有证", "有限空间没有通风检测", "安全生产法 第三十六条第一款"]
PARTS = (
    ("罚则和幅度", "ranges"),
    ("什么时候不罚、轻罚，要看哪些证据", "grounds"),
    ("同类案件", "cases"),
    ("程序提示", "procedure"),
    ("四理说清（草稿）", "reasons"),
    ("信用修复", "credit"),
)
SHOWN = 12
Session = dict[str, Any]
"""What the officer is at: the subject, the day, and the answers given so far, by question in the order given."""


def find_subjects(assistant: Assistant, words: str) -> list[tuple[str, str]]:
    """What ``words`` may mean, as (words for the reader, check id or citation): a citation, then the checks that fit.

    Raise :class:`UsageError` when there is nothing.
    """
    knowledge = assistant.knowledge
    asked = words.strip()
    if not asked:
        raise UsageError("请先写几个字（如“焊工没有证”），或者写条款（如“安全生产法 第三十六条第一款”）。")
    found: dict[str, str] = {}
    try:
        provision = knowledge.find(*knowledge.names.split(asked))
        found[provision.id] = f"条款：{provision.citation}{f' {provision.heading}' if provision.heading else ''}"
    except HeguiError:
        pass  # not a citation: look for checks
    parts = asked.split()
    checks = [c for c in knowledge.checks.values() if c.id == asked or all(p in c.ask for p in parts)]
    for check in checks[:SHOWN]:
        found[check.id] = f"{check.ask}（{knowledge.label(check.scene)}）"
    if len(found) < SHOWN:
        for shown in assistant.ask(asked, checks=SHOWN).checks:
            found.setdefault(shown.id, f"{shown.ask}（{shown.scene}）")
    if not found:
        raise UsageError(f"没有找到与“{asked}”有关的检查项或条款；请换个说法，或写明条款。")
    return [(label, subject) for subject, label in list(found.items())[:SHOWN]]


def assess(assistant: Assistant, session: Session) -> tuple[PenaltyWorksheet, list[Question], list[tuple[str, str]]]:
    """The worksheet with the answers given, the questions still open, and the answers that still count."""
    factors, kept = Factors(), []
    sheet = assistant.penalties(session["subject"], session["day"], factors)
    for key, given in session["answers"].items():
        asked = next((q for q in questions(assistant.knowledge, sheet) if q.id == key), None)
        if asked is None:
            continue  # another answer made it pointless
        factors = answer(asked, given, factors)
        kept.append((asked.ask, given))
        sheet = assistant.penalties(session["subject"], session["day"], factors)
    left = open_questions(assistant.knowledge, sheet, factors, skipped=list(session["answers"]))
    return sheet, left, kept


def build(assistant: Assistant) -> None:
    """Lay out the tab."""
    hidden = update(visible=False)

    def look(words: str) -> tuple[Update, str]:
        try:
            choices = find_subjects(assistant, words or "")
        except HeguiError as error:
            return update(choices=[], value=None, visible=False), render.error(str(error))
        return update(choices=choices, value=None, visible=True), ""

    def begin(subject: str | None, day: str | None) -> list[Any]:
        if not subject:
            return [None, *_nothing("请先查找，再选一项。"), update()]
        begun = show({"subject": subject, "day": (day or "").strip() or None, "answers": {}})
        # The choice is made: on a phone the list would only stand between the reader and the answer.
        return [*begun, update(visible=begun[0] is None)]

    def linked(request: gr.Request) -> Any:
        """What a page of the records linked to: ``/?check=`` names the check that failed."""
        wanted = (request.query_params.get("check") or "").strip()
        return begin(wanted, None) if wanted else gr.skip()

    def give(session: Session | None, choice: str | None, date: str | None) -> list[Any]:
        if session is None:
            return [None, *_nothing("请先选一项。")]
        try:
            _, left, _ = assess(assistant, session)
        except HeguiError as error:
            return [session, *_nothing(str(error))]
        if not left:
            return show(session)
        asked = left[0]
        given = choice or "" if asked.kind == "choice" else (date or "").strip() or UNKNOWN
        if not given:
            return show(session, "请先选一个答案；不清楚的选“还不知道”。")
        return show({**session, "answers": {**session["answers"], asked.id: given}}, before=session)

    def back(session: Session | None) -> list[Any]:
        if session is None:
            return [None, *_nothing("请先选一项。")]
        return show({**session, "answers": dict(list(session["answers"].items())[:-1])})

    def show(session: Session, problem: str = "", before: Session | None = None) -> list[Any]:
        try:
            sheet, left, answers = assess(assistant, session)
        except HeguiError as error:
            return show(before, str(error)) if before else [None, *_nothing(str(error))]
        asked = left[0] if left else None
        told = penalty_html.question_html(asked, len(left)) if asked else "<p>要认定的情节都问完了。</p>"
        is_choice = asked is not None and asked.kind == "choice"
        is_date = asked is not None and asked.kind == "date"
        labels = asked.labels if asked and is_choice else []
        return [
            session,
            render.error(problem) if problem else "",
            penalty_html.head_html(sheet),
            update(visible=True),
            told,
            update(choices=labels, value=None, visible=is_choice),
            update(value="", visible=is_date),
            update(visible=asked is not None),
            update(visible=bool(session["answers"])),
            penalty_html.answers_html(answers),
            penalty_html.ranges_html(sheet),
            penalty_html.grounds_html(sheet),
            penalty_html.cases_html(sheet),
            penalty_html.reminders_html(sheet.reminders),
            penalty_html.reasons_html(sheet.reasons),
            penalty_html.credit_html(sheet.credit),
            update(value=None, visible=False),
        ]

    def _nothing(problem: str) -> list[Any]:
        return [render.error(problem), "", hidden, "", hidden, hidden, hidden, hidden, *[""] * 7, hidden]

    def write(session: Session | None) -> tuple[Update, str]:
        if session is None:
            return hidden, render.error("请先选一项。")
        # Imported here: the page need not wait for the word processor's library.
        from assistant.documents.worksheet_docx import TITLE, write_docx

        try:
            sheet, left, answers = assess(assistant, session)
            name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{TITLE}-{sheet.subject}")[:60]
            path = Path(tempfile.mkdtemp(prefix="hegui-")) / f"{name}.docx"
            write_docx(sheet, path, answers=answers, still_open=left)
        except HeguiError as error:
            return hidden, render.error(str(error))
        return update(value=str(path), visible=True), ""

    with gr.Row(equal_height=False):
        words = gr.Textbox(
            label="哪一项不符合（写几个字找检查项，或写条款）",
            placeholder=EXAMPLES[0],
            scale=3,
            elem_id="penalty-words",
        )
        day = gr.Textbox(label="按哪一天的法律（可不填）", placeholder="如 2026-05-01", scale=1, min_width=180)
    find = gr.Button("查找", variant="primary", elem_id="penalty-find")
    gr.Examples(EXAMPLES, words, label="例如")
    subject = gr.Radio([], label="选一项", visible=False, elem_id="penalty-subject")
    problem = gr.HTML(elem_id="penalty-problem")
    head = gr.HTML(elem_id="penalty-head")
    session = gr.State(None)
    with gr.Column(visible=False, elem_id="penalty-work") as work:
        with gr.Group():
            asked = gr.HTML(elem_id="penalty-asked", padding=True)
            choice = gr.Radio([], label="认定", visible=False, elem_id="penalty-choice")
            date = gr.Textbox(
                label="日期（还没有终了或者不知道的不填）",
                placeholder="如 2026-05-01",
                visible=False,
                elem_id="penalty-date",
            )
            answered = gr.HTML(elem_id="penalty-answered", padding=True)
        with gr.Row():
            next_ = gr.Button("记下，问下一个", variant="primary", elem_id="penalty-next")
            undo = gr.Button("退回上一个", visible=False, elem_id="penalty-back")
        # Parts that fold, not tabs: on a phone the last of six tabs would hide in a menu.
        parts = {}
        for name, key in PARTS:
            with gr.Accordion(name, open=key == "ranges", elem_id=f"penalty-{key}-part"):
                parts[key] = gr.HTML(elem_id=f"penalty-{key}")
        with gr.Row():
            make = gr.Button("生成工作单（Word）", elem_id="penalty-make")
            docx = gr.DownloadButton("下载 Word", visible=False, elem_id="penalty-docx")

    shown = [session, problem, head, work, asked, choice, date, next_, undo, answered, *parts.values(), docx]
    quick: dict[str, Any] = {"api_name": False, "show_progress": "minimal"}
    gr.on([find.click, words.submit], look, words, [subject, problem], **quick)
    subject.input(begin, [subject, day], [*shown, subject], **quick)
    next_.click(give, [session, choice, date], shown, **quick)
    undo.click(back, session, shown, **quick)
    make.click(write, session, [docx, problem], **quick)
    at_page_load(linked, [*shown, subject])
