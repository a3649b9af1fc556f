"""Lesson, slides and quiz papers hold the whole pack, open without repair, and keep their text inside its boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pptx import Presentation
from pptx.oxml.ns import qn

from assistant.documents.lesson_docx import write_lesson
from assistant.documents.lesson_pptx import write_slides
from assistant.documents.quiz_docx import write_quiz
from assistant.documents.slides import BODY_HIGH, BODY_WIDE, CHINESE, Para, fitting, height_of, pages_of
from assistant.service import Assistant
from assistant.training import LessonPack


@pytest.fixture(scope="module")
def pack(assistant: Assistant) -> LessonPack:
    return assistant.lesson("粉尘涉爆", "班组长", seed=1)


@pytest.fixture(scope="module")
def folder(pack: LessonPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lesson")
    assert pack.quiz
    write_lesson(pack, made / "lesson.docx")
    write_slides(pack, made / "lesson.pptx")
    write_quiz(pack.quiz, made / "quiz.docx")
    write_quiz(pack.quiz, made / "keys.docx", keys=True)
    return made


def word_text(path: Path) -> str:
    document = Document(str(path))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def shapes(path: Path) -> list[tuple[int, Any]]:
    return [(n, s) for n, slide in enumerate(Presentation(str(path)).slides, 1) for s in slide.shapes if s.has_text_frame]


def slides_text(path: Path, *, notes: bool = False) -> str:
    told = [s.text_frame.text for _, s in shapes(path)]
    if notes:
        show = Presentation(str(path))
        told += [s.notes_slide.notes_text_frame.text for s in show.slides if s.has_notes_slide]
    return "\n".join(told).replace("\v", "\n")


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", ["lesson.docx", "lesson.pptx"])
def test_a_lesson_file_holds_the_whole_pack(folder: Path, pack: LessonPack, name: str) -> None:
    path = folder / name
    held = squeezed(word_text(path) if name.endswith("docx") else slides_text(path, notes=True))
    assert pack.quiz
    assert pack.simulation
    wanted = [o.text for o in pack.objectives] + [d.question for d in pack.discussion] + [d.hint for d in pack.discussion]
    for story in pack.stories:
        wanted += [
            story.title,
            story.lesson,
            *(e.what.removeprefix("处理：").rstrip("。") for e in story.timeline.events[:1]),
        ]
        wanted += [r.citation for r in story.rules] + [story.source.title]
        wanted += [c.text for x in (story.causes.levels if story.causes else ()) for c in x.causes if not c.citations]
    wanted += [r.citation for r in pack.rules] + [c.ask for c in pack.checks]
    wanted += [q.stem for q in pack.quiz.questions] + [q.explanation for q in pack.quiz.questions]
    wanted += [o.text for o in pack.simulation.observations()]
    wanted += [o.gap for o in pack.simulation.observations() if o.hazard]
    wanted += [b.citation for o in pack.simulation.observations() for b in o.basis]
    assert [w for w in wanted if squeezed(w) not in held] == []


def test_keys_stand_after_the_questions_on_pages_of_their_own(folder: Path, pack: LessonPack) -> None:
    assert pack.quiz
    text = word_text(folder / "lesson.docx")
    before, _, after = text.partition("附：答案与解析（讲师用）")
    assert pack.quiz.questions[0].explanation not in before
    assert pack.quiz.questions[0].explanation in after


def test_a_paper_without_keys_gives_none_away(folder: Path, pack: LessonPack) -> None:
    assert pack.quiz
    text = word_text(folder / "quiz.docx")
    assert "姓名" in text
    assert "答案：" not in text
    for question in pack.quiz.questions:
        assert question.stem in text
        assert question.explanation not in text


def test_a_paper_with_keys_cites_the_article_after_each_question(folder: Path, pack: LessonPack) -> None:
    assert pack.quiz
    rest = word_text(folder / "keys.docx")
    for question in pack.quiz.questions:
        _, found, rest = rest.partition(question.stem)
        assert found
        head = rest[: rest.index("解析：")]
        assert f"答案：{'、'.join(question.answer)}" in head
        assert all(c.citation in head for c in question.citations)


def test_equal_packs_give_equal_documents(folder: Path, assistant: Assistant, tmp_path: Path) -> None:
    again = assistant.lesson("粉尘涉爆", "班组长", seed=1)
    write_lesson(again, tmp_path / "lesson.docx")
    write_slides(again, tmp_path / "lesson.pptx")
    assert word_text(tmp_path / "lesson.docx") == word_text(folder / "lesson.docx")
    assert slides_text(tmp_path / "lesson.pptx", notes=True) == slides_text(folder / "lesson.pptx", notes=True)


def test_slides_are_wide_and_chinese_throughout(folder: Path) -> None:
    show = Presentation(str(folder / "lesson.pptx"))
    assert round(show.slide_width / show.slide_height, 3) == round(16 / 9, 3)
    assert all(slide.shapes.title.text_frame.text for slide in show.slides)
    for number, shape in shapes(folder / "lesson.pptx"):
        for run in (r for p in shape.text_frame.paragraphs for r in p.runs):
            east = run._r.find(qn("a:rPr")).find(qn("a:ea"))
            assert east is not None, (number, run.text)
            assert east.get("typeface") == CHINESE


@pytest.mark.parametrize(("topic", "audience"), [("粉尘涉爆", "班组长"), ("危化品仓库", "仓库管理员"), ("消防通道", "")])
def test_text_stays_inside_its_box_and_boxes_inside_the_slide(
    assistant: Assistant, tmp_path: Path, topic: str, audience: str
) -> None:
    write_slides(assistant.lesson(topic, audience, seed=3, cases=6), tmp_path / "x.pptx")
    show = Presentation(str(tmp_path / "x.pptx"))
    for number, shape in shapes(tmp_path / "x.pptx"):
        assert shape.left >= 0
        assert shape.left + shape.width <= show.slide_width
        assert shape.top + shape.height <= show.slide_height
        paragraphs = [p for p in shape.text_frame.paragraphs if p.runs]
        if not paragraphs:
            continue
        sizes = [max(r.font.size.pt for r in p.runs) for p in paragraphs]
        assert min(sizes) >= 8, (number, shape.text_frame.text[:40])
        paras = [
            Para(p.text.replace("\v", "\n"), scale=size, after=p.space_after.pt)
            for p, size in zip(paragraphs, sizes, strict=True)
        ]
        assert height_of(paras, shape.width.pt, 1) <= shape.height.pt + 1, (number, shape.text_frame.text[:60])


def test_what_does_not_fit_goes_on_the_next_page_and_tied_paragraphs_stay_together() -> None:
    paras = [p for n in range(30) for p in (Para(f"第{n}题" * 20, tied=True), Para("解析" * 60))]
    assert fitting(paras, BODY_WIDE, BODY_HIGH, 20, 14) is None
    pages = pages_of(paras, BODY_WIDE, BODY_HIGH, 14)
    assert len(pages) > 1
    assert [p for page in pages for p in page] == paras
    assert all(height_of(page, BODY_WIDE, 14) <= BODY_HIGH for page in pages)
    assert not any(page[-1].tied for page in pages)


def test_a_paragraph_higher_than_a_slide_is_broken_at_a_sentence() -> None:
    pages = pages_of([Para("这是一句很长的话，要占许多行。" * 200)], BODY_WIDE, BODY_HIGH, 18)
    assert len(pages) > 1
    assert all(page[-1].text.endswith("。") for page in pages)
    assert "".join(p.text for page in pages for p in page) == "这是一句很长的话，要占许多行。" * 200


def test_a_file_that_stood_there_is_replaced_whole(folder: Path, pack: LessonPack, tmp_path: Path) -> None:
    path = tmp_path / "lesson.docx"
    path.write_bytes(b"old")
    write_lesson(pack, path)
    assert path.read_bytes()[:2] == b"PK"
    assert [p.name for p in tmp_path.iterdir()] == ["lesson.docx"]
