"""The printable checklist, opened again with python-docx."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.table import Table

from assistant.checklist import Checklist
from assistant.documents.checklist_docx import COLUMNS, write_docx
from assistant.documents.common import clean
from tests.assistant.documents.made import LONG_GIST, checklist, item, large, varied


def written(made: Checklist, folder: Path) -> WordDocument:
    path = folder / "清单.docx"
    write_docx(made, path)
    return Document(str(path))


def text_of(document: WordDocument) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p")))


def item_tables(document: WordDocument) -> list[Table]:
    return [t for t in document.tables if t.cell(0, 0).text == COLUMNS[0][0]]


def item_rows(document: WordDocument) -> dict[str, list[str]]:
    """The texts of the cells of each item, by its number."""
    found: dict[str, list[str]] = {}
    for table in item_tables(document):
        for row in table._tbl.tr_lst:
            cells = ["\n".join(p.text for p in cell.p_lst) for cell in row.tc_lst]
            if re.fullmatch(r"(★\n)?\d+(\.\d+)+", cells[0]):
                found[cells[0].split("\n")[-1]] = cells
    return found


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> WordDocument:
    return written(varied(), tmp_path_factory.mktemp("docx"))


def test_every_item_with_every_citation_and_every_range_is_there(document: WordDocument) -> None:
    rows = item_rows(document)
    for one in varied().items():
        row = rows[one.number]
        assert clean(one.ask) in row[1]
        assert all(clean(way) in row[2] for way in one.how)
        for basis in one.basis:
            assert clean(basis.citation) in row[3]
            assert clean(basis.gist or basis.official_text or "") in row[3]
        for penalty in one.penalty:
            assert clean(penalty.citation) in row[4]
            assert all(clean(r) in row[4] for r in penalty.ranges)
        assert clean(one.fix) in row[6]


def test_a_hundred_and_fifty_items_are_all_there_in_order(tmp_path: Path) -> None:
    rows = item_rows(written(large(), tmp_path))
    assert [*rows] == [i.number for i in large().items()]
    for one in large().items():
        assert all(b.citation in rows[one.number][3] for b in one.basis)
        assert all(r in rows[one.number][4] for p in one.penalty for r in p.ranges)


def test_items_stand_under_their_key_link_and_risk_point(document: WordDocument) -> None:
    (table,) = item_tables(document)
    first = [r.cells[0].text for r in table.rows]
    assert first[1:4] == ["1.1　关键环节：作业前准备", "风险点：风险点1", "★\n1.1.1"]
    assert first.index("风险点：风险点2") == first.index("1.1.2") + 1


def test_each_item_has_boxes_to_tick(document: WordDocument) -> None:
    assert {row[5] for row in item_rows(document).values()} == {"□符合\n□不符合\n□不适用"}


def test_the_page_is_a4_landscape_with_page_number_and_page_count(document: WordDocument) -> None:
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    codes = [e.text.strip() for e in section.footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_tables_are_as_wide_as_the_page_between_its_margins(document: WordDocument) -> None:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    for table in document.tables:
        assert sum(c.width or 0 for c in table.columns) <= room * 1.002
        assert table.autofit is False


def test_the_header_row_is_repeated_on_each_page(document: WordDocument) -> None:
    for table in item_tables(document):
        properties = table.rows[0]._tr.trPr
        assert properties.find(qn("w:tblHeader")) is not None
        assert [c.text for c in table.rows[0].cells] == [name for name, _ in COLUMNS]


def test_short_rows_stay_on_one_page_and_very_high_ones_may_break(document: WordDocument) -> None:
    (table,) = item_tables(document)
    whole = {
        r.cells[0].text.split("\n")[-1]: r._tr.trPr is not None and r._tr.trPr.find(qn("w:cantSplit")) is not None
        for r in table.rows
    }
    assert whole["1.1.3"]
    assert not whole["1.1.2"], "a row with a gist of 900 characters must be able to break"


def test_headings_of_links_and_points_stay_with_the_row_after_them(document: WordDocument) -> None:
    (table,) = item_tables(document)
    bands = [r for r in table.rows if "：" in r.cells[0].text]
    assert bands
    assert all(r.cells[0].paragraphs[0].paragraph_format.keep_with_next for r in bands)


def test_styles_name_a_chinese_font_and_no_theme_font_overrides_it(document: WordDocument) -> None:
    for name, font in (
        ("Normal", "宋体"),
        ("Title", "黑体"),
        ("Heading 1", "黑体"),
        ("清单正文", "宋体"),
        ("清单小字", "宋体"),
    ):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
    assert not [a for f in document.styles.element.iter(qn("w:rFonts")) for a in f.attrib if a.lower().endswith("theme")]
    languages = {e.get(qn("w:eastAsia")) for e in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"zh-CN"}


def test_a_major_hazard_is_starred_named_and_shaded(document: WordDocument) -> None:
    (table,) = item_tables(document)
    for row in table.rows:
        shaded = {s.get(qn("w:fill")) for s in row._tr.iter(qn("w:shd"))}
        if row.cells[0].text.startswith("★"):
            assert row.cells[1].text.startswith("★重大事故隐患\n")
            assert shaded == {"FBE9E7"}
        elif re.match(r"\d", row.cells[0].text) and "：" not in row.cells[0].text:
            assert not shaded


def test_a_gist_not_compared_with_the_text_says_so_and_an_official_text_is_called_one(document: WordDocument) -> None:
    rows = item_rows(document)
    assert "要点（未与原文核对）：用电设备的插头" in rows["1.1.3"][3]
    assert "原文：生产经营单位应当" in rows["1.1.4"][3]
    assert "\n要点：作业前先通风" in rows["1.1.1"][3]
    assert "标明“未与原文核对”的有 1 条" in text_of(document)


def test_each_ground_says_mandatory_or_recommended_and_what_to_note(document: WordDocument) -> None:
    rows = item_rows(document)
    assert "GB/T 13869-2017 6.1〔推荐〕" in rows["1.1.3"][3]
    assert "注：与《安全生产法》不一致的，以后者为准。" in rows["1.1.3"][3]
    assert "第十三条第（二）项〔强制·重大隐患判定〕" in rows["1.1.1"][3]


def test_provisions_with_the_same_ranges_are_named_together_and_those_without_show_their_words(
    document: WordDocument,
) -> None:
    cell = item_rows(document)["1.1.4"][4]
    assert "《有限空间规定》第31条、《有限空间规定》第20条" in cell
    assert cell.count("第1种情形") == 1
    assert "《有限空间规定》第30条\n构成犯罪的，追究刑事责任。" in cell


def test_an_item_without_penal_provision_says_that_none_is_recorded(document: WordDocument) -> None:
    assert item_rows(document)["1.1.3"][4] == "未收录对应的罚则"


def test_the_fields_to_fill_what_it_was_made_from_and_the_signatures_are_there(document: WordDocument) -> None:
    text = text_of(document)
    for label in (
        "企业名称",
        "检查日期",
        "检查人员",
        "企业陪同人员",
        "检查人员（签名）",
        "企业陪同人员（签名）",
        "检查结论与意见",
    ):
        assert label in text
    for origin in ("=铝合金轮毂抛光，20人", "工序：打磨抛光", "粉尘涉爆企业：有铝粉", "快照已超过 90 天", "2026年11月23日"):
        assert origin in text


def test_the_documents_used_and_the_closing_note_are_there(document: WordDocument) -> None:
    text = text_of(document)
    assert all(title in text for title in varied().documents)
    assert "不代替监管部门的决定" in text


def test_the_summary_counts_each_scene_and_all(document: WordDocument) -> None:
    table = next(t for t in document.tables if t.rows[0].cells[0].text == "场景")
    assert [c.text for c in table.rows[1].cells][:6] == ["1 有限空间作业", "工贸", "5", "1", "4", "1"]
    assert [c.text for c in table.rows[-1].cells][:6] == ["合计", "", "5", "1", "4", "1"]


def test_characters_that_xml_cannot_hold_are_left_out(document: WordDocument) -> None:
    assert "含控制字符和半个字的要点" in text_of(document)


def test_a_long_gist_is_not_cut(document: WordDocument) -> None:
    assert LONG_GIST in item_rows(document)["1.1.2"][3]


def test_a_checklist_without_items_is_still_a_document(tmp_path: Path) -> None:
    made = checklist().model_copy(update={"groups": [], "documents": []})
    assert "检查结论与签名" in text_of(written(made, tmp_path))


def test_an_old_file_stays_when_the_new_one_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "清单.docx"
    write_docx(checklist([item("1.1.1")]), path)
    before = path.read_bytes()

    def fail(self: Path, target: Path) -> Path:
        raise PermissionError(13, "open in Word")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PermissionError):
        write_docx(large(3), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["清单.docx"]


def test_a_folder_that_does_not_exist_is_an_os_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_docx(checklist([item("1.1.1")]), tmp_path / "nowhere" / "x.docx")


def test_the_file_is_a_sound_zip_with_a_chinese_title(tmp_path: Path) -> None:
    document = written(checklist([item("1.1.1")]), tmp_path)
    with zipfile.ZipFile(tmp_path / "清单.docx") as archive:
        assert archive.testzip() is None
    assert document.core_properties.title == "有限空间作业安全检查清单"
    assert document.core_properties.author == "合规图谱"
