"""Reports and ledgers, opened again with python-docx and openpyxl."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from openpyxl import Workbook, load_workbook
from PIL import Image

from assistant.documents import common, excel
from assistant.documents.common import clean
from assistant.documents.ledger_xlsx import COLUMNS, write_ledger_xlsx
from assistant.documents.report_docx import write_report_docx
from assistant.documents.report_xlsx import write_report_xlsx
from assistant.report import FORMULA, CheckReport, Ledger, Photo, Score, Tally, agreement
from tests.assistant.documents.made import DAY, checklist, item
from tests.assistant.made_reports import FIRM, HOSTILE, crowded, failing, four_list, hazard, photo, report, result


def text_of(document: WordDocument) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p")))


def word(made: CheckReport, folder: Path) -> WordDocument:
    path = folder / "报告.docx"
    write_report_docx(made, path)
    return Document(str(path))


def book(made: CheckReport, folder: Path) -> Workbook:
    path = folder / "报告.xlsx"
    write_report_xlsx(made, path)
    return load_workbook(path)


def pictures(path: Path) -> list[tuple[int, int]]:
    """Sizes of the photos (JPEG) in a docx or xlsx file."""
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if "/media/" in n and n.endswith((".jpg", ".jpeg"))]
        return [Image.open(io.BytesIO(archive.read(n))).size for n in names]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckReport, Path]:
    folder = tmp_path_factory.mktemp("many")
    made = crowded(folder)
    write_report_docx(made, folder / "报告.docx")
    write_report_xlsx(made, folder / "报告.xlsx")
    write_ledger_xlsx(Ledger(firm=made.firm, as_of=DAY, hazards=made.hazards), folder / "台账.xlsx")
    return made, folder


# --- Word ----------------------------------------------------------------------------------------------------------------


def test_the_score_stands_with_the_major_failures_and_how_it_is_reckoned(tmp_path: Path) -> None:
    text = text_of(word(failing(), tmp_path))
    assert "25.0" in text
    assert "33.3" in text
    assert "★有 1 项不符合，可能构成重大事故隐患，不论得分高低都要立即处理：1.1.2 管道积尘2毫米" in text
    assert FORMULA in text


def test_findings_show_grounds_penalties_person_day_and_ledger(tmp_path: Path) -> None:
    line = hazard(5, check_id="item-1.1.1", responsible="王五", due=DAY, state="assigned")
    text = text_of(word(failing(hazards=(line,)), tmp_path))
    for one in failing().findings:
        assert all(b.citation in text and (b.gist or "") in text for b in one.item.basis)
        assert all(p.citation in text for p in one.item.penalty)
        assert one.item.fix in text
    assert "责任人：王五" in text
    assert "期限：2026-11-23" in text
    assert "状态：已派单（台账 5）" in text


def test_an_unfinished_check_says_so_and_what_is_missing(tmp_path: Path) -> None:
    text = text_of(word(report(four_list(), {"1.1.1": "compliant"}, finished=None), tmp_path))
    assert "本次检查尚未完成：还有 3 项未检查" in text
    assert "尚未完成" in text
    assert text.count("未检查") > 3


def test_a_check_with_nothing_answered_and_one_with_nothing_failed_can_be_printed(tmp_path: Path) -> None:
    assert "—" in text_of(word(report(four_list(), finished=None), tmp_path))
    assert "已检查的项中没有不符合项" in text_of(word(report(four_list(), {"1.1.1": "compliant"}), tmp_path))
    assert book(report(four_list(), finished=None), tmp_path)["不符合项"].max_row == 1


def test_every_item_of_two_hundred_is_there_with_its_result(many: tuple[CheckReport, Path]) -> None:
    made, folder = many
    text = text_of(Document(str(folder / "报告.docx")))
    assert all(i.ask in text for i in made.checklist.items())
    sheet = load_workbook(folder / "报告.xlsx")["全部结果"]
    assert [r[0] for r in sheet.iter_rows(min_row=2, values_only=True)] == [i.number for i in made.checklist.items()]


def test_thirty_photos_are_in_the_report_and_in_the_workbook(many: tuple[CheckReport, Path]) -> None:
    _, folder = many
    document = Document(str(folder / "报告.docx"))
    assert len(list(document.element.body.iter(qn("pic:pic")))) == 30
    assert len(load_workbook(folder / "报告.xlsx")["照片"]._images) == 30


def test_headers_are_repeated_on_every_page(tmp_path: Path) -> None:
    line = hazard(check_id="item-1.1.1", photos_after=(photo(tmp_path),))
    tally = Tally(compliant=1)
    before = Score(number=1, kind="self_check", day=DAY, all=tally, mandatory=tally, major=tally)
    document = word(failing(hazards=(line,), previous=(before,)), tmp_path)
    headed = [t for t in document.tables if t.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None]
    assert {t.cell(0, 0).text for t in headed} == {"类别", "日期", "序号", "场景、关键环节", "编号"}


def test_pages_are_upright_a4_and_tables_fit_between_the_margins(tmp_path: Path) -> None:
    document = word(failing(hazards=(hazard(),)), tmp_path)
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    room = section.page_width - section.left_margin - section.right_margin
    assert all(sum(c.width or 0 for c in t.columns) <= room * 1.002 for t in document.tables)
    codes = [e.text.strip() for e in section.footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_the_report_says_how_self_check_and_inspection_agree(tmp_path: Path) -> None:
    outcomes = {"1.1.1": "compliant", "1.1.2": "noncompliant", "1.1.4": "compliant"}
    own = report(four_list(), outcomes)
    theirs = failing(kind="inspection")
    write_report_docx(theirs, tmp_path / "r.docx", agreement(own, theirs))
    text = text_of(Document(str(tmp_path / "r.docx")))
    assert "结果一致的占 66.6%" in text
    assert "自查未发现，检查不符合" in text


def test_the_check_code_is_a_picture_and_one_too_long_is_written_out(tmp_path: Path) -> None:
    document = word(report(four_list(), code_url="https://hegui.example/c/1"), tmp_path)
    assert len(list(document.element.body.iter(qn("pic:pic")))) == 1
    long = "https://hegui.example/" + "长" * 3000
    assert long in text_of(word(report(four_list(), code_url=long), tmp_path))


# --- photos --------------------------------------------------------------------------------------------------------------


def with_photo(shot: Photo) -> CheckReport:
    results = {"item-1.1.1": result("item-1.1.1", "noncompliant", photos=(shot,))}
    return report(four_list(), results=results)


def test_a_photo_taken_upright_is_printed_upright(tmp_path: Path) -> None:
    word(with_photo(photo(tmp_path, turned=True)), tmp_path)
    book(with_photo(photo(tmp_path, turned=True)), tmp_path)
    assert pictures(tmp_path / "报告.docx") == [(200, 400)]
    assert pictures(tmp_path / "报告.xlsx") == [(200, 400)]


def test_large_photos_are_made_small(tmp_path: Path) -> None:
    path = tmp_path / "大.jpg"
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(path, quality=95)
    word(with_photo(Photo(path=path)), tmp_path)
    assert pictures(tmp_path / "报告.docx") == [(1000, 750)]
    assert (tmp_path / "报告.docx").stat().st_size < path.stat().st_size / 5


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "LA", "1"])
def test_photos_of_any_kind_of_color_are_shown(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.new(mode, (40, 20)).save(path)
    shown = common.picture(Photo(path=path))
    assert shown.jpeg
    assert (shown.width, shown.height) == (40, 20)


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (40, 20), (0, 0, 0, 0)).save(path)
    shown = common.picture(Photo(path=path))
    assert shown.jpeg
    assert Image.open(io.BytesIO(shown.jpeg)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xd8\xff\xe0"])
def test_a_broken_photo_becomes_a_line_and_never_a_crash(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "坏.jpg"
    path.write_bytes(content)
    made = with_photo(Photo(path=path, caption="除尘管道"))
    text = text_of(word(made, tmp_path))
    assert "照片无法显示：文件“坏.jpg”不是能识别的图片或已损坏。" in text
    assert "除尘管道" in text
    assert "无法显示" in str([c.value for r in book(made, tmp_path)["照片"].iter_rows() for c in r])


def test_a_cut_off_photo_becomes_a_line(tmp_path: Path) -> None:
    whole = photo(tmp_path)
    content = whole.path.read_bytes()
    whole.path.write_bytes(content[: len(content) // 2])
    assert common.picture(whole.model_copy(update={"sha256": ""})).jpeg is None


def test_a_missing_photo_and_a_folder_become_a_line_with_the_name_only(tmp_path: Path) -> None:
    text = text_of(word(with_photo(Photo(path=tmp_path / "不在.jpg", caption="风机")), tmp_path))
    assert "找不到或读不出文件“不在.jpg”" in text
    assert "风机" in text
    assert str(tmp_path) not in text
    assert common.picture(Photo(path=tmp_path)).jpeg is None


def test_a_photo_that_is_no_longer_what_was_taken_in_is_not_shown(tmp_path: Path) -> None:
    kept = photo(tmp_path)
    Image.new("RGB", (400, 200), "red").save(kept.path)
    text = text_of(word(with_photo(kept), tmp_path))
    assert "与登记时的校验值不一致" in text
    assert pictures(tmp_path / "报告.docx") == []


def test_photos_of_compliant_items_are_shown_too(tmp_path: Path) -> None:
    results = {"item-1.1.4": result("item-1.1.4", "compliant", photos=(photo(tmp_path),))}
    word(report(four_list(), results=results), tmp_path)
    assert len(pictures(tmp_path / "报告.docx")) == 1


def test_a_photo_of_the_ledger_that_stands_with_no_finding_is_shown(tmp_path: Path) -> None:
    shot, after = photo(tmp_path), photo(tmp_path, "后.jpg")
    results = {"item-1.1.1": result("item-1.1.1", "noncompliant", photos=(shot,))}
    line = hazard(check_id="item-1.1.1", photos_before=(shot,), photos_after=(after,))
    alone = hazard(2, photos_before=(photo(tmp_path, "前.jpg"),))
    document = word(report(four_list(), results=results, hazards=(line, alone)), tmp_path)
    assert len(list(document.element.body.iter(qn("pic:pic")))) == 3


# --- workbooks -----------------------------------------------------------------------------------------------------------


def test_no_text_of_a_person_becomes_a_formula(many: tuple[CheckReport, Path]) -> None:
    _, folder = many
    for name in ("报告.xlsx", "台账.xlsx"):
        with zipfile.ZipFile(folder / name) as archive:
            assert not any(b"<f>" in archive.read(n) for n in archive.namelist() if n.endswith(".xml"))
        cells = [c for sheet in load_workbook(folder / name) for row in sheet.iter_rows() for c in row]
        risky = [c for c in cells if isinstance(c.value, str) and c.value[0] in "=+-@\t\r\n"]
        assert len(risky) > 50
        assert all(c.data_type == "s" and c.quotePrefix for c in risky)
        assert {clean(HOSTILE)} <= {c.value for c in risky}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n+"])
def test_text_that_starts_like_a_formula_is_kept_as_text(start: str, tmp_path: Path) -> None:
    made = excel.new_book("试")
    sheet = made.active
    excel.put(sheet["A1"], f"{start}1+1")
    made.save(tmp_path / "t.xlsx")
    cell = load_workbook(tmp_path / "t.xlsx").active["A1"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", clean(f"{start}1+1"), True)


def test_no_character_that_a_file_cannot_hold_gets_into_a_document(many: tuple[CheckReport, Path]) -> None:
    _, folder = many
    for name in ("报告.docx", "报告.xlsx", "台账.xlsx"):
        with zipfile.ZipFile(folder / name) as archive:
            assert not any("\u202e".encode() in archive.read(n) for n in archive.namelist() if n.endswith(".xml"))


def test_the_workbook_has_a_sheet_for_each_part_that_can_be_filtered_and_printed(tmp_path: Path) -> None:
    made = book(failing(hazards=(hazard(check_id="item-1.1.1", photos_after=(photo(tmp_path),)),)), tmp_path)
    assert made.sheetnames == ["概况", "不符合项", "场景统计", "全部结果", "隐患台账", "照片"]
    for name in made.sheetnames[1:]:
        sheet = made[name]
        head = 3 if name == "隐患台账" else 1
        assert sheet.auto_filter.ref.startswith(f"A{head}:")
        assert sheet.freeze_panes.endswith(str(head + 1))
        assert sheet.print_title_rows == f"${head}:${head}"
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert made["隐患台账"].cell(4, 11).value == "1.1.1"


def test_the_first_sheet_shows_score_major_failures_and_formula(tmp_path: Path) -> None:
    text = "\n".join(str(r) for r in book(failing(), tmp_path)["概况"].iter_rows(values_only=True))
    assert "25.0 分（符合 1，不符合 3" in text
    assert "★须立即处理" in text
    assert FORMULA in text


def test_the_ledger_has_a_row_a_hazard_with_real_dates_and_counts_above(tmp_path: Path) -> None:
    lines = (
        hazard(1, due=DAY - datetime.timedelta(days=1), major=True, responsible="王五"),
        hazard(2, state="closed", closed_on=DAY, check_id="c1"),
        hazard(3, major=True, reported=DAY),
    )
    write_ledger_xlsx(Ledger(firm=FIRM, as_of=DAY, hazards=lines), tmp_path / "t.xlsx")
    sheet = load_workbook(tmp_path / "t.xlsx")["隐患台账"]
    names = [name for name, _ in COLUMNS]
    rows = [dict(zip(names, r, strict=True)) for r in sheet.iter_rows(min_row=4, values_only=True)]
    assert [r["编号"] for r in rows] == [1, 2, 3]
    assert [r["是否逾期"] for r in rows] == ["逾期", "否", "否"]
    assert rows[0]["报告监管部门日期"] == "未记录"
    assert rows[1]["销号日期"] == datetime.datetime(2026, 11, 23)
    assert "共 3 条，其中★重大事故隐患 2 条；未销号 2 条，其中逾期未整改 1 条" in sheet["A2"].value


def test_an_empty_ledger_can_be_written(tmp_path: Path) -> None:
    write_ledger_xlsx(Ledger(firm=FIRM, as_of=DAY), tmp_path / "t.xlsx")
    assert "共 0 条" in load_workbook(tmp_path / "t.xlsx").active["A2"].value


def test_text_too_long_for_a_cell_is_cut_with_a_word_about_it(tmp_path: Path) -> None:
    write_ledger_xlsx(Ledger(firm=FIRM, as_of=DAY, hazards=(hazard(description="长" * 40_000),)), tmp_path / "t.xlsx")
    told = load_workbook(tmp_path / "t.xlsx").active["B4"].value
    assert len(told) < 32_767
    assert told.endswith("（内容过长，以下略）")


def test_a_file_that_stood_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_report_docx(failing(), path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["报告.docx"]


def test_a_checklist_of_one_item_without_grounds_can_be_reported(tmp_path: Path) -> None:
    made = report(checklist([item("1.1.1", basis=[], penalty=[])]), {"1.1.1": "noncompliant"}, firm=FIRM)
    assert "1.1.1" in text_of(word(made, tmp_path))
    assert book(made, tmp_path)["不符合项"]["A2"].value == "1.1.1"
