"""The workbook to work in, opened again with openpyxl."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from assistant.checklist import Checklist
from assistant.documents.checklist_xlsx import HEAD_ROW, HIGHEST_POINTS, PRINTED_COLUMNS, WORK_COLUMNS, write_xlsx
from assistant.documents.common import clean
from tests.assistant.documents.made import checklist, item, large, penalty, provision, varied

NAMES = [name for name, _ in WORK_COLUMNS]
PRINTED = [name for name, _ in PRINTED_COLUMNS]
FIRST = HEAD_ROW + 1
A4_POINTS, DIGIT_POINTS = 297 / 25.4 * 72, 5.25


def letter(name: str) -> str:
    return get_column_letter(NAMES.index(name) + 1)


def written(made: Checklist, folder: Path) -> Workbook:
    path = folder / "清单.xlsx"
    write_xlsx(made, path)
    return load_workbook(path)


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    values = sheet.iter_rows(min_row=HEAD_ROW + 1, values_only=True)
    return [dict(zip(NAMES, row, strict=True)) for row in values]


def everything(book: Workbook) -> str:
    return "\n".join(str(c.value) for s in book for r in s.iter_rows() for c in r if c.value is not None)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return written(varied(), tmp_path_factory.mktemp("xlsx"))


def test_there_is_a_sheet_to_work_in_one_of_provisions_and_one_that_explains(book: Workbook) -> None:
    assert book.sheetnames == ["检查表", "依据", "说明"]


def test_each_item_is_one_row_with_its_grounds_methods_and_measures(book: Workbook) -> None:
    found = rows(book["检查表"])
    made = varied().items()
    assert [r["序号"] for r in found] == [i.number for i in made]
    for row, one in zip(found, made, strict=True):
        assert row["检查内容"] == clean(one.ask)
        assert all(clean(way) in str(row["检查方法"]) for way in one.how)
        assert str(row["依据条款"]).split("\n") == [clean(b.citation) for b in one.basis]
        assert all(clean(b.citation) in str(row["依据要点"]) for b in one.basis)
        assert all(clean(b.gist or b.official_text or "") in str(row["依据要点"]) for b in one.basis)
        assert all(clean(p.citation) in str(row["违法后果"]) for p in one.penalty)
        assert all(clean(r) in str(row["违法后果"]) for p in one.penalty for r in p.ranges)
        assert row["整改措施"] == clean(one.fix)
        assert (row["场景"], row["关键环节"]) == ("有限空间作业", "作业前准备")
        assert [row[name] for name in ("检查结果", "问题描述 / 备注", "责任人", "整改期限", "复查")] == [None] * 5


def test_no_citation_gist_text_or_range_is_missing_from_the_workbook(book: Workbook) -> None:
    text = everything(book)
    for one in varied().items():
        for basis in one.basis:
            assert clean(basis.citation) in text
            assert clean(basis.gist or "") in text
            assert clean(basis.official_text or "") in text
        for penal in one.penalty:
            assert clean(penal.citation) in text
            assert all(clean(r) in text for r in penal.ranges)


def test_a_hundred_and_fifty_items_are_all_there_with_filter_and_choices_over_all(tmp_path: Path) -> None:
    book = written(large(), tmp_path)
    sheet = book["检查表"]
    assert [r["序号"] for r in rows(sheet)] == [i.number for i in large().items()]
    assert sheet.auto_filter.ref == f"A{HEAD_ROW}:{letter('整改措施')}{HEAD_ROW + 150}"
    text = everything(book)
    assert all(r in text for i in large().items() for p in i.penalty for r in p.ranges)
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {
        f"{letter(name)}{FIRST}:{letter(name)}{HEAD_ROW + 150}" for name in ("检查结果", "复查")
    }


def test_text_that_looks_like_a_formula_stays_text(book: Workbook) -> None:
    formulas = [(s.title, c.coordinate) for s in book for r in s.iter_rows() for c in r if c.data_type == "f"]
    assert formulas == [("检查表", f"{letter('罚则（摘要）')}3")], "only the counts are computed"
    ask = book["检查表"].cell(HEAD_ROW + 5, NAMES.index("检查内容") + 1)
    assert (ask.value, ask.data_type, ask.quotePrefix) == ('=HYPERLINK("http://x","点我")', "s", True)
    for name in ("依据条款", "依据要点", "检查方法", "整改措施"):
        cell = book["检查表"].cell(HEAD_ROW + 5, NAMES.index(name) + 1)
        assert cell.data_type == "s"
        assert cell.quotePrefix == (name != "检查方法"), "ways are numbered, so they begin with a digit"
    plain = book["检查表"].cell(HEAD_ROW + 1, NAMES.index("检查内容") + 1)
    assert not plain.quotePrefix


def test_characters_that_a_workbook_cannot_hold_are_left_out(book: Workbook) -> None:
    assert "含控制字符和半个字的要点" in everything(book)


def test_the_result_is_chosen_from_a_list_and_a_failed_item_is_colored(book: Workbook) -> None:
    sheet = book["检查表"]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    result, recheck = letter("检查结果"), letter("复查")
    assert lists == {
        f"{result}{FIRST}:{result}{HEAD_ROW + 5}": '"符合,不符合,不适用"',
        f"{recheck}{FIRST}:{recheck}{HEAD_ROW + 5}": '"已整改,整改中,未整改"',
    }
    rules = {r.formula[0] for area in sheet.conditional_formatting for r in area.rules}
    assert rules == {f'${result}{FIRST}="不符合"', f'AND(${result}{FIRST}="不符合",${recheck}{FIRST}="已整改")'}
    areas = {str(area.sqref) for area in sheet.conditional_formatting}
    assert areas == {f"A{FIRST}:{letter('整改措施')}{HEAD_ROW + 5}"}


def test_paper_shows_what_an_inspector_needs_at_nearly_nine_points_and_the_full_texts_stand_behind(book: Workbook) -> None:
    sheet = book["检查表"]
    assert sheet.print_area == f"'检查表'!$A$1:${letter('复查')}${HEAD_ROW + 5}"
    assert NAMES[: len(PRINTED)] == PRINTED
    assert NAMES[len(PRINTED) :] == ["行业", "场景", "依据要点", "违法后果", "整改措施"]
    room = A4_POINTS - (sheet.page_margins.left + sheet.page_margins.right) * 72
    wide = sum(sheet.column_dimensions[letter(name)].width for name in PRINTED) * DIGIT_POINTS
    sizes = {c.font.size for r in sheet.iter_rows(min_row=FIRST) for c in r if c.value is not None}
    assert sizes == {9}
    assert 9 * min(1, room / wide) >= 8.5


def test_rows_are_as_high_as_what_is_printed_needs_and_no_higher(tmp_path: Path) -> None:
    brief = written(checklist([item("1.1.1")]), tmp_path)["检查表"].row_dimensions[FIRST].height
    wordy = checklist([item("1.1.1", basis=[provision(gist="长" * 1200)], fix="改" * 500)])
    assert written(wordy, tmp_path)["检查表"].row_dimensions[FIRST].height == brief
    asks = checklist([item("1.1.1", ask="问" * 200)])
    assert written(asks, tmp_path)["检查表"].row_dimensions[FIRST].height > 2 * brief


def test_a_penalty_is_told_on_paper_in_short(tmp_path: Path) -> None:
    persons = "直接负责的主管人员和其他直接责任人员，逾期未改正：罚款1万元以上2万元以下"
    unit = ["单位，责令改正时：责令限期改正；罚款5000元以上5万元以下", persons, "单位，逾期未改正：罚款5万元以上20万元以下"]
    one = penalty(1, ranges=unit, citation="《规定》第九条第（一）项")
    same = penalty(2, ranges=unit, citation="《规定》第九条第（二）项")
    mere = penalty(3, ranges=["单位，责令改正时：责令限期改正"], citation="《规定》第三条")
    only = penalty(4, ranges=[persons], citation="《规定》第四条")
    old = penalty(5, ranges=["单位：罚款上一年年收入60%以上100%以下"], citation="《旧规定》第五条", in_force=False)
    book = written(checklist([item("1.1.1", penalty=[one, same, mere, only]), item("1.1.2", penalty=[only, old])]), tmp_path)
    first, second = (str(r["罚则（摘要）"]).split("\n") for r in rows(book["检查表"]))
    assert first == [
        "《规定》第九条第（一）项、第（二）项",
        "责令改正时：罚款5000元～5万元；逾期未改正：罚款5万～20万元",
        "《规定》第三条",
        "责令改正时：责令限期改正",
        "《规定》第四条",
        "对个人的处罚",
    ]
    assert second == [
        "《规定》第四条",
        "对个人的处罚",
        "《旧规定》第五条",
        "清单所依日期不在施行期内；罚款上一年年收入60%～100%",
    ]
    alone = written(checklist([item("1.1.1", penalty=[only])]), tmp_path)
    told = "《规定》第四条\n主管和直接责任人员，逾期未改正：罚款1万～2万元"
    assert rows(alone["检查表"])[0]["罚则（摘要）"] == told
    assert all(r in str(rows(book["检查表"])[0]["违法后果"]) for r in unit), "the full column leaves nothing out"


def test_the_scenes_are_listed_above_the_table_and_each_begins_with_a_strong_line(tmp_path: Path) -> None:
    made = checklist([item("1.1.1", severity="major"), item("1.1.2")])
    other = checklist([item("2.1.1")]).groups[0].model_copy(update={"scene": "用电安全"})
    sheet = written(made.model_copy(update={"groups": [*made.groups, other]}), tmp_path)["检查表"]
    assert "1 有限空间作业（工贸，2 项，★1 项）　2 用电安全（工贸，1 项）" in str(sheet.cell(HEAD_ROW - 1, 1).value)
    assert [sheet.cell(FIRST + n, 1).border.top.style for n in range(3)] == ["medium", "thin", "medium"]
    assert [r["场景"] for r in rows(sheet)] == ["有限空间作业", "有限空间作业", "用电安全"]


def test_the_header_is_frozen_filtered_and_printed_on_each_page(book: Workbook) -> None:
    sheet = book["检查表"]
    assert sheet.freeze_panes == f"B{HEAD_ROW + 1}"
    assert sheet.print_title_rows == f"${HEAD_ROW}:${HEAD_ROW}"
    assert [c.value for c in sheet[HEAD_ROW]] == NAMES
    assert book["依据"].freeze_panes == "C2"
    assert book["依据"].print_title_rows == "$1:$1"


def test_pages_are_a4_fit_to_width_and_numbered(book: Workbook) -> None:
    for name, orientation in (("检查表", "landscape"), ("依据", "landscape"), ("说明", "portrait")):
        sheet = book[name]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == (orientation, 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert "第 &P 页 / 共 &N 页" in sheet.oddFooter.right.text


def test_every_cell_is_wrapped_and_in_a_chinese_font(book: Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.font.name == "微软雅黑"
                    assert cell.alignment.wrap_text


def test_no_row_is_higher_than_a_sheet_allows_and_the_rest_is_said_to_stand_elsewhere(tmp_path: Path) -> None:
    grounds = [provision(id=f"p{n}", citation=f"《规定》第{n}条", gist="要点" * 60) for n in range(40)]
    penal = [penalty(n, 6) for n in range(30, 42)]
    book = written(checklist([item("1.1.1", basis=grounds, penalty=penal)]), tmp_path)
    sheet = book["检查表"]
    row = rows(sheet)[0]
    assert sheet.row_dimensions[FIRST].height <= HIGHEST_POINTS
    for name in ("依据条款", "罚则（摘要）"):
        assert "条，见“依据”表）" in str(row[name])
    assert all(g.citation in str(row["依据要点"]) for g in grounds)
    assert all(r in str(row["违法后果"]) for p in penal for r in p.ranges)
    citations = [c.value for c in book["依据"]["B"]]
    assert all(g.citation in citations for g in grounds)
    assert all(p.citation in citations for p in penal)


def test_a_long_text_widens_its_column_so_that_the_row_can_show_it(tmp_path: Path) -> None:
    short = written(checklist([item("1.1.1")]), tmp_path)["依据"]
    long = written(checklist([item("1.1.1", basis=[provision(gist="长" * 1200)])]), tmp_path)["依据"]
    letter = next(c.column_letter for c in long[1] if c.value == "要点")
    wide = long.column_dimensions[letter].width
    assert wide > short.column_dimensions[letter].width
    assert 1200 / (wide * 7 / 12) * 12 < HIGHEST_POINTS


def test_each_provision_stands_once_in_the_sheet_of_provisions(book: Workbook) -> None:
    sheet = book["依据"]
    heads = [c.value for c in sheet[1]]
    found = [dict(zip(heads, r, strict=True)) for r in sheet.iter_rows(min_row=2, values_only=True)]
    citations = [r["条款"] for r in found]
    assert len(citations) == len(set(citations))
    by_citation = {r["条款"]: r for r in found}
    assert by_citation["《有限空间规定》第十五条"]["涉及检查项"] == "1.1.1"
    assert by_citation["GB/T 13869-2017 6.1"]["性质"] == "推荐"
    assert by_citation["GB/T 13869-2017 6.1"]["核对情况"] == "未与原文核对"
    assert by_citation["《有限空间规定》第十五条"]["核对情况"] == "已与原文核对"
    assert by_citation["《安全生产法》第四十一条"]["原文（如有）"] == "生产经营单位应当建立安全风险分级管控制度。"
    assert by_citation["《有限空间规定》第20条"]["用途"] == "罚则"
    assert str(by_citation["《有限空间规定》第20条"]["处罚幅度"]).count("\n") == 3


def test_counts_follow_the_results(book: Workbook) -> None:
    formula = str(book["检查表"][f"{letter('罚则（摘要）')}3"].value)
    cells = f"${letter('检查结果')}${FIRST}:${letter('检查结果')}${HEAD_ROW + 5}"
    assert f'COUNTIF({cells},"不符合")' in formula
    assert formula.endswith(f'(5-COUNTIF({cells},"?*"))')
    assert "共 5 项：★重大事故隐患 1 项，强制 4 项，推荐 1 项" in str(book["检查表"]["A3"].value)


def test_the_explanation_names_origin_documents_and_that_it_decides_nothing(book: Workbook) -> None:
    text = "\n".join(str(c.value) for r in book["说明"].iter_rows() for c in r)
    assert all(title in text for title in varied().documents)
    assert "=铝合金轮毂抛光，20人" in text
    assert "不代替监管部门的决定" in text


def test_many_industries_are_named_in_full_in_the_row_and_in_the_explanation(tmp_path: Path) -> None:
    made = checklist([item("1.1.1")])
    made.groups[0].industry = "化工、医药、机械、纺织、建材"
    book = written(made, tmp_path)
    assert rows(book["检查表"])[0]["行业"] == "化工、医药、机械、纺织、建材"
    assert "化工、医药、机械、纺织、建材" in "\n".join(str(c.value) for r in book["说明"].iter_rows() for c in r)


def test_a_text_longer_than_a_cell_holds_is_cut_with_a_word_on_it(tmp_path: Path) -> None:
    made = checklist([item("1.1.1", basis=[provision(official_text="长" * 40_000)])])
    text = everything(written(made, tmp_path))
    assert "……（内容过长，以下略）" in text


def test_a_checklist_without_items_is_still_a_workbook(tmp_path: Path) -> None:
    made = checklist().model_copy(update={"groups": [], "documents": []})
    assert rows(written(made, tmp_path)["检查表"]) == []
