"""培训: topic and audience → lesson pack, its files, a quiz to answer and a simulated inspection to walk through."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import gradio as gr

from assistant.quiz import Quiz
from assistant.quiz_marking import mark
from assistant.service import Assistant
from assistant.simulation import score
from assistant.training import FEWEST, MOST, LessonPack
from assistant.web import render, training_view
from assistant.web.parts import Update, update
from kg_build.errors import HeguiError

EXAMPLES = [["粉尘涉爆", "班组长"], ["有限空间", "监护人员"], ["动火作业", "焊工"], ["叉车", "叉车司机"]]
Answers = dict[int, list[str]]


def files(pack: LessonPack) -> list[Path | None]:
    """Write the pack's files into a new folder: lesson, slides, quiz without and with keys (none without a quiz)."""
    # Imported here: the page need not wait for the libraries of word processor and slides.
    from assistant.documents.lesson_docx import write_lesson
    from assistant.documents.lesson_pptx import write_slides
    from assistant.documents.quiz_docx import write_quiz

    folder = Path(tempfile.mkdtemp(prefix="hegui-"))
    name = re.sub(r'[\\/:*?"<>|\s]+', "_", pack.topic)[:40]
    lesson, slides = folder / f"{name}教案.docx", folder / f"{name}幻灯片.pptx"
    write_lesson(pack, lesson)
    write_slides(pack, slides)
    if pack.quiz is None:
        return [lesson, slides, None, None]
    paper, keyed = folder / f"{name}试卷.docx", folder / f"{name}试卷_答案.docx"
    write_quiz(pack.quiz, paper)
    write_quiz(pack.quiz, keyed, keys=True)
    return [lesson, slides, paper, keyed]


def question_updates(quiz: Quiz | None, at: int, answers: Answers) -> list[str | Update]:
    """Stem, options of one (radio) and of several answers (boxes), and the three buttons, for question ``at``."""
    hidden = update(visible=False)
    if quiz is None:
        return ["<p>这个主题没有出题。</p>", hidden, hidden, hidden, hidden, hidden]
    question = quiz.questions[at]
    given = answers.get(question.number, [])
    choices = [(o.text if question.kind == "judgement" else f"{o.key}. {o.text}", o.key) for o in question.options]
    several = question.kind == "multiple"
    return [
        training_view.stem_html(question, len(quiz.questions), sum(bool(a) for a in answers.values())),
        update(choices=choices, value=given[0] if given else None, visible=True) if not several else hidden,
        update(choices=choices, value=given, visible=True) if several else hidden,
        update(visible=True, interactive=at > 0),
        update(visible=True, interactive=at < len(quiz.questions) - 1),
        update(visible=True),
    ]


def build(assistant: Assistant) -> None:
    """Lay out the tab."""

    def make(topic: str, audience: str, cases: float, questions: float, seed: float | None) -> list[object]:
        try:
            pack = assistant.lesson(
                topic or "", audience or "", seed=int(seed or 0), cases=int(cases), questions=int(questions)
            )
            written = files(pack)
        except HeguiError as error:
            gone = update(visible=False)
            blank = [*question_updates(None, 0, {}), "", "", gone, gone, ""]
            return [render.error(str(error)), None, "", gone, gone, gone, gone, gone, 0, {}, *blank]
        downloads = [update(value=str(f) if f else None, visible=f is not None) for f in written]
        site = pack.simulation
        return [
            "",
            pack,
            training_view.pack_html(pack),
            update(visible=True, selected="lesson"),
            *downloads,
            0,
            {},
            *question_updates(pack.quiz, 0, {}),
            "",
            training_view.site_html(site) if site else "<p>这个主题没有能写成现场情况的检查项。</p>",
            update(choices=training_view.sights(site) if site else [], value=[], visible=site is not None),
            update(visible=site is not None),
            "",
        ]

    def keep(pack: LessonPack | None, at: int, answers: Answers, one: str | None, several: list[str]) -> Answers:
        if pack is None or pack.quiz is None:
            return answers
        question = pack.quiz.questions[at]
        given = list(several or []) if question.kind == "multiple" else [one] if one else []
        return {**answers, question.number: given}

    def turn(
        step: int, pack: LessonPack | None, at: int, answers: Answers, one: str | None, several: list[str]
    ) -> list[object]:
        held = keep(pack, at, answers, one, several)
        quiz = pack.quiz if pack else None
        there = min(max(at + step, 0), len(quiz.questions) - 1) if quiz else 0
        return [there, held, *question_updates(quiz, there, held)]

    def back(*held: object) -> list[object]:
        return turn(-1, *held)  # type: ignore[arg-type]

    def on(*held: object) -> list[object]:
        return turn(1, *held)  # type: ignore[arg-type]

    def hand_in(
        pack: LessonPack | None, at: int, answers: Answers, one: str | None, several: list[str]
    ) -> tuple[Answers, str]:
        held = keep(pack, at, answers, one, several)
        if pack is None or pack.quiz is None:
            return held, render.error("还没有试卷；请先填写主题并备课。")
        try:
            return held, training_view.result_html(mark(pack.quiz, held))
        except HeguiError as error:
            return held, render.error(str(error))

    def judge(pack: LessonPack | None, marked: list[int]) -> str:
        if pack is None or pack.simulation is None:
            return render.error("还没有模拟检查；请先填写主题并备课。")
        try:
            return training_view.score_html(score(pack.simulation, [int(n) for n in marked or []]))
        except HeguiError as error:
            return render.error(str(error))

    with gr.Row():
        topic = gr.Textbox(label="培训主题", placeholder="如 粉尘涉爆", scale=2, elem_id="train-topic")
        audience = gr.Textbox(label="培训对象（可不填）", placeholder="如 班组长", scale=2, elem_id="train-audience")
    with gr.Row():
        cases = gr.Slider(FEWEST, MOST, 5, step=1, label="案例数", elem_id="train-cases")
        questions = gr.Slider(5, 40, 10, step=1, label="测验题数", elem_id="train-questions")
        seed = gr.Number(0, precision=0, minimum=0, label="编号（换一个编号就换一套）", elem_id="train-seed")
    button = gr.Button("备课", variant="primary", elem_id="train-button")
    gr.Examples(EXAMPLES, [topic, audience], label="例如")
    said = gr.HTML(elem_id="train-said")
    with gr.Row(elem_id="train-files"):
        names = (("下载教案（Word）", "docx"), ("下载幻灯片", "pptx"), ("下载试卷", "quiz"), ("下载试卷（答案）", "keys"))
        downloads = [
            gr.DownloadButton(name, visible=False, elem_id=f"train-{key}", size="sm", min_width=140) for name, key in names
        ]
    with gr.Tabs(visible=False, elem_id="train-parts") as parts:
        with gr.Tab("教案", id="lesson"):
            view = gr.HTML(elem_id="train-view")
        with gr.Tab("做测验", id="quiz"):
            stem = gr.HTML(elem_id="train-stem")
            one = gr.Radio([], label="选一个", visible=False, elem_id="train-one", elem_classes="hg-choices")
            several = gr.CheckboxGroup(
                [], label="选出全部正确的", visible=False, elem_id="train-several", elem_classes="hg-choices"
            )
            with gr.Row(elem_id="train-steps"):
                previous = gr.Button("上一题", elem_id="train-back", min_width=80)
                following = gr.Button("下一题", elem_id="train-next", min_width=80)
                done = gr.Button("交卷", variant="primary", elem_id="train-done", min_width=80)
            marks = gr.HTML(elem_id="train-marks")
        with gr.Tab("模拟检查", id="site"):
            told = gr.HTML(elem_id="train-site")
            ticked = gr.CheckboxGroup([], label="勾出隐患", visible=False, elem_id="train-ticked", elem_classes="hg-choices")
            judged = gr.Button("提交检查结果", variant="primary", visible=False, elem_id="train-judge")
            verdict = gr.HTML(elem_id="train-verdict")
    held, at, answers = gr.State(None), gr.State(0), gr.State({})

    asked = [stem, one, several, previous, following, done]
    everything = [said, held, view, parts, *downloads, at, answers, *asked, marks, told, ticked, judged, verdict]
    gr.on(
        [button.click, topic.submit, audience.submit],
        make,
        [topic, audience, cases, questions, seed],
        everything,
        api_name=False,
        show_progress="minimal",
    )
    state = [held, at, answers, one, several]
    previous.click(back, state, [at, answers, *asked], api_name=False, show_progress="hidden")
    following.click(on, state, [at, answers, *asked], api_name=False, show_progress="hidden")
    done.click(hand_in, state, [answers, marks], api_name=False, show_progress="minimal")
    judged.click(judge, [held, ticked], verdict, api_name=False, show_progress="minimal")
