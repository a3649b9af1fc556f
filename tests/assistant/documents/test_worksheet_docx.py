"""The penalty worksheet as a Word file: whole, cited, with blanks where a human must judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm

from assistant.documents.worksheet_docx import write_docx
from assistant.documents.worksheet_parts import CELLS, cells_of
from assistant.inquiry import open_questions
from assistant.knowledge import Knowledge
from assistant.penalties import assess
from assistant.penalty_scale import ranges
from assistant.service import Assistant
from assistant.worksheet import BLANK, Factors, PenaltyWorksheet
from tests.conftest import TODAY

WELDER = "安全生产法 第三十条第一款"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def sheet(knowledge: Knowledge) -> PenaltyWorksheet:
    return assess(knowledge, WELDER, TODAY, Factors(overdue=False))


@pytest.fixture(scope="module")
def written(sheet: PenaltyWorksheet, knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> WordDocument:
    path = tmp_path_factory.mktemp("docx") / "worksheet.docx"
    left = open_questions(knowledge, sheet, Factors(overdue=False))
    write_docx(sheet, path, answers=[("责令改正以后，改了没有？", "期限没到")], still_open=left)
    return Document(str(path))


def words(document: WordDocument) -> str:
    cells = [p.text for t in document.tables for r in t.rows for c in r.cells for p in c.paragraphs]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_it_is_an_upright_a4_page(written: WordDocument) -> None:
    section = written.sections[0]
    assert abs(section.page_width - Mm(210)) < 700
    assert abs(section.page_height - Mm(297)) < 700


def test_all_its_parts_are_there_in_order(written: WordDocument) -> None:
    heads = [p.text for p in written.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    parts = [
        "违反的义务",
        "罚则",
        "情节",
        "不予处罚",
        "轻微违法清单",
        "同类案件",
        "程序",
        "四理",
        "信用修复",
        "签名",
        "说明",
    ]
    places = [next((n for n, h in enumerate(heads) if part in h), -1) for part in parts if part != "轻微违法清单"]
    assert -1 not in places
    assert places == sorted(places)


def test_every_sanction_is_printed_with_its_stage_amount_and_condition(knowledge: Knowledge, tmp_path: Path) -> None:
    for name in ("安全生产法 第一百零二条", "安全生产法 第一百零三条第一款", "cs-ventilate-test"):
        found = assess(knowledge, name, TODAY)
        write_docx(found, tmp_path / "x.docx")
        rows = [[c.text for c in r.cells] for t in Document(str(tmp_path / "x.docx")).tables for r in t.rows]
        for rule in found.rules:
            for sanction in (*rule.unit, *rule.principal, *rule.others):
                line = next(r for r in rows if r[0] == sanction.who and r[3] == sanction.text.split("：", 1)[1])
                assert line[2] == (sanction.condition or "没有写明别的条件")


def test_every_tier_is_printed_with_its_facts_and_standard(knowledge: Knowledge, tmp_path: Path) -> None:
    found = assess(knowledge, "安全生产法 第二十一条第（三）项", TODAY)
    write_docx(found, tmp_path / "x.docx")
    told = words(Document(str(tmp_path / "x.docx")))
    tiers = [t for r in found.rules for t in r.tiers]
    assert tiers
    assert all(t.factor in told and t.sanction.text in told and t.standard in told for t in tiers)


def test_what_is_established_is_printed_and_what_is_open_gets_boxes(
    written: WordDocument, knowledge: Knowledge, sheet: PenaltyWorksheet
) -> None:
    told = words(written)
    assert "已填：期限没到" in told
    for question in open_questions(knowledge, sheet, Factors(overdue=False)):
        assert question.ask in told
        assert all(f"□{c.label}" in told for c in question.choices)


def test_every_element_is_printed_with_its_evidence(written: WordDocument, sheet: PenaltyWorksheet) -> None:
    told = words(written)
    for ground in (*sheet.no_penalty, *sheet.mitigation):
        assert f"{ground.provision.citation} → {ground.effect}" in told
        assert all(p.text in told for e in ground.elements for p in e.evidence)
    assert "不是法律规定" in told


def test_the_four_reasons_stand_with_their_citations_and_blanks(written: WordDocument, sheet: PenaltyWorksheet) -> None:
    paragraphs = [p.text for p in written.paragraphs]
    for reason in sheet.reasons:
        assert reason.name in paragraphs
        for sentence in reason.sentences:
            if sentence.text == BLANK:
                assert any(p.startswith(sentence.about or "") and "＿＿＿" in p for p in paragraphs)
            else:
                assert f"{sentence.text}（{sentence.citation}）" in paragraphs


def test_credit_repair_marks_what_was_not_verified(written: WordDocument, sheet: PenaltyWorksheet) -> None:
    assert sheet.credit is not None
    told = words(written)
    for record in sheet.credit.records:
        for statement in (*record.what, *record.period, *record.when, *record.file, *record.where, *record.after):
            assert statement.text in told
            assert all(c in told for c in statement.citations)
            assert statement.verified or f"〔未核对：{statement.source}〕" in told


def test_the_range_is_drawn_as_shaded_cells(written: WordDocument, sheet: PenaltyWorksheet) -> None:
    made = ranges(sheet)
    bars = [t for t in written.tables if len(t.columns) == CELLS + 1]
    assert len(bars) == len(made)
    for shown, table in zip(made, bars, strict=True):
        for band, row in zip(shown.bands, table.rows, strict=False):
            shaded = [n for n, c in enumerate(row.cells[1:]) if c._tc.find(f".//{qn('w:shd')}") is not None]
            assert shaded == list(cells_of(band.start, band.end))
        counts = [int(c.text) for c in table.rows[len(shown.bands)].cells[1:] if c.text.isdigit()]
        assert sum(counts) == len(shown.dots)


def test_cells_cover_a_stretch_and_never_none() -> None:
    assert list(cells_of(0, 1)) == list(range(CELLS))
    assert list(cells_of(0, 0.5)) == list(range(CELLS // 2))
    assert len(cells_of(1, 1)) == len(cells_of(0.3, 0.3)) == 1


def test_there_are_places_to_sign_and_nothing_is_decided(written: WordDocument) -> None:
    told = words(written)
    assert told.count("（签名）") >= 4
    assert "□不予处罚" in told
    assert "不作决定" in told


def test_a_finding_without_penal_provision_or_cases_is_written_whole(knowledge: Knowledge, tmp_path: Path) -> None:
    path = tmp_path / "none.docx"
    write_docx(assess(knowledge, "li-no-dismiss", TODAY), path)
    assert "没有收录这一项的行政罚则" in words(Document(str(path)))


def test_text_that_no_word_file_can_hold_is_cleaned(sheet: PenaltyWorksheet, tmp_path: Path) -> None:
    path = tmp_path / "odd.docx"
    write_docx(sheet.model_copy(update={"subject": "甲\x00\x0b乙<w:p>"}), path, answers=[("问\x01", "答\ud800")])
    told = words(Document(str(path)))
    assert "甲乙<w:p>" in told
    assert "已填：答" in told


def test_nothing_is_left_of_a_file_that_could_not_be_written(sheet: PenaltyWorksheet, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_docx(sheet, tmp_path / "no-folder" / "x.docx")
    assert list(tmp_path.iterdir()) == []
