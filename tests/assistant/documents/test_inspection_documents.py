"""Drafts of official documents, opened again with python-docx."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from assistant.documents.measures_docx import write_measures_docx
from assistant.documents.order_docx import write_order_docx
from assistant.documents.record_docx import write_record_docx
from assistant.documents.review_docx import write_review_docx
from assistant.documents.scheme_docx import write_scheme_docx
from assistant.follow_up_forms import Decision, Measure, Review, make_decision, make_review
from assistant.inspection_forms import Order, Record, Scheme, Visit, VisitLaw, make_order
from assistant.report import CheckReport, Firm
from kg_build.errors import UsageError
from tests.assistant.documents.made import DAY, varied
from tests.assistant.made_reports import (
    FIRM,
    HOSTILE,
    LAW,
    VISIT,
    crowded,
    failing,
    four_list,
    hazard,
    photo,
    report,
    result,
)

NUMBER_BLANK = "（　　　）　　　　〔　　　　〕　　　号"
LATER = DAY + datetime.timedelta(days=15)
AGAIN = VISIT.model_copy(update={"starts": datetime.datetime.combine(LATER, datetime.time(9)), "place": "打磨车间"})
MEASURES = (
    Measure(id="evacuate", label="责令撤出作业人员", order="从危险区域内撤出作业人员", when="不能保证安全的", chosen=True),
    Measure(id="halt", label="责令暂时停产停业", order="暂时停产停业", when="不能保证安全的"),
)


def text_of(document: WordDocument) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p")))


def scheme(value: Scheme, folder: Path) -> WordDocument:
    write_scheme_docx(value, folder / "方案.docx")
    return Document(str(folder / "方案.docx"))


def record(value: Record, folder: Path) -> WordDocument:
    write_record_docx(value, folder / "记录.docx")
    return Document(str(folder / "记录.docx"))


def order(value: Order, folder: Path) -> WordDocument:
    write_order_docx(value, folder / "指令书.docx")
    return Document(str(folder / "指令书.docx"))


def measures(value: Decision, folder: Path) -> WordDocument:
    write_measures_docx(value, folder / "决定书.docx")
    return Document(str(folder / "决定书.docx"))


def review(value: Review, folder: Path) -> WordDocument:
    write_review_docx(value, folder / "复查.docx")
    return Document(str(folder / "复查.docx"))


def inspection(**changes: object) -> CheckReport:
    return failing(kind="inspection", **changes)


def fields(document: WordDocument) -> dict[str, str]:
    """The fields of the first table: label → value."""
    found: dict[str, str] = {}
    for row in document.tables[0]._tbl.tr_lst:
        cells = ["\n".join(p.text for p in cell.p_lst) for cell in row.tc_lst]
        found.update(zip(cells[::2], cells[1::2], strict=False))
    return found


@pytest.mark.parametrize("kind", ["scheme", "record", "order", "measures", "review"])
def test_each_says_that_it_is_a_draft_and_leaves_number_and_signatures_to_the_authority(kind: str, tmp_path: Path) -> None:
    made = {
        "scheme": lambda: scheme(Scheme(firm=FIRM, visit=VISIT, checklist=four_list(), law=LAW), tmp_path),
        "record": lambda: record(Record(report=inspection(), visit=VISIT, law=LAW), tmp_path),
        "order": lambda: order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path),
        "measures": lambda: measures(make_decision(inspection(), VISIT, LAW, MEASURES), tmp_path),
        "review": lambda: review(make_review(inspection(), AGAIN, LAW, due=LATER), tmp_path),
    }[kind]()
    text = text_of(made)
    assert text.startswith("草稿：由合规图谱生成")
    assert NUMBER_BLANK in text
    assert "签名" in text
    assert "（草稿）" in made.sections[0].footer.paragraphs[0].text


# --- 现场检查方案 ----------------------------------------------------------------------------------------------------------


def test_a_scheme_has_the_fields_of_the_official_form(tmp_path: Path) -> None:
    document = scheme(Scheme(firm=FIRM, visit=VISIT, checklist=four_list(), law=LAW, note="与消防联合"), tmp_path)
    found = fields(document)
    assert found["被检查单位"] == FIRM.name
    assert found["地址"] == "嘉定区某某路100号"
    assert found["联系人、电话"] == "李四　021-12345678"
    assert found["所属行业"] == "金属制品业"
    assert found["检查时间"] == "2026年11月23日 9时05分　至　2026年11月23日 16时00分"
    assert found["行政执法人员"] == "赵一（证件号码：09001234）\n钱二（证件号码：＿＿＿＿＿＿＿＿）"
    assert found["检查事由"] == "年度监督检查计划"
    assert found["参加部门"] == "某区应急管理局、某区消防救援支队（综合查一次）"
    assert found["检查方式"] == "查阅资料、现场检查"
    assert "共 4 项（强制 3 项，★可能构成重大事故隐患 1 项）" in found["检查内容"]
    assert "第六十五条" in found["检查依据"]
    opinions = {r.cells[0].text: r.cells[1].text.strip() for r in document.tables[1].rows}
    assert opinions["审核意见"].startswith("审核人（签名）：＿")
    assert opinions["审批意见"].startswith("审批人（签名）：＿")
    assert opinions["备注"] == "与消防联合"


def test_a_scheme_lists_every_item_with_method_and_grounds(tmp_path: Path) -> None:
    text = text_of(scheme(Scheme(firm=FIRM, visit=VISIT, checklist=four_list()), tmp_path))
    for one in four_list().items():
        assert one.ask in text
        assert all(way in text for way in one.how)
        assert all(b.citation in text for b in one.basis)


def test_a_scheme_of_which_nothing_is_known_yet_has_blanks_and_ways_to_tick(tmp_path: Path) -> None:
    found = fields(scheme(Scheme(firm=Firm(name="甲厂"), visit=Visit(authority=""), checklist=four_list()), tmp_path))
    assert found["行政执法人员"].count("＿＿＿＿＿＿＿＿（证件号码：＿＿＿＿＿＿＿＿）") == 2
    assert found["检查方式"].startswith("□查阅资料　□现场检查")
    assert "参加部门" not in found
    assert found["检查依据"].strip("＿") == ""


# --- 现场检查记录 ----------------------------------------------------------------------------------------------------------


def test_a_record_says_who_came_with_which_certificates_and_leaves_the_boxes_to_tick(tmp_path: Path) -> None:
    text = text_of(record(Record(report=inspection(), visit=VISIT, law=LAW), tmp_path))
    assert "上海市某区应急管理局行政执法人员赵一、钱二" in text
    assert "（证件号码：09001234、＿＿＿＿＿＿＿＿）" in text
    assert "□已出示证件" in text
    assert "☑" not in text
    assert "《安全生产法》第六十七条" in text
    assert "《安全生产法》第六十八条" in text


def test_a_record_tells_findings_with_grounds_and_each_item_with_its_result(tmp_path: Path) -> None:
    made = inspection()
    document = record(Record(report=made, visit=VISIT, law=LAW, told="已说明\n没有异议"), tmp_path)
    text = text_of(document)
    assert "符合 1 项，不符合 3 项，不适用 0 项，未检查 0 项" in text
    assert "★其中可能构成重大事故隐患的不符合项 1 项" in text
    assert all(b.citation in text for f in made.findings for b in f.item.basis)
    assert "已说明" in text
    assert "没有异议" in text
    results = document.tables[-1].rows
    rows = {cells[0].text.removeprefix("★"): cells[2].text for cells in (r.cells for r in results)}
    assert [rows[n] for n in ("1.1.1", "1.1.2", "1.1.3", "1.1.4")] == ["不符合", "不符合", "不符合", "符合"]


def test_a_record_has_the_signatures_of_both_sides_and_room_for_a_refusal(tmp_path: Path) -> None:
    text = text_of(record(Record(report=inspection(), visit=VISIT), tmp_path))
    for label in ("检查人员", "现场负责人（签名）", "签名日期", "拒绝签名的情况"):
        assert label in text


def test_an_unfinished_record_says_so(tmp_path: Path) -> None:
    made = report(four_list(), {"1.1.1": "compliant"}, kind="inspection", finished=None)
    text = text_of(record(Record(report=made, visit=Visit(authority="某局")), tmp_path))
    assert "本次检查尚未完成" in text
    assert "未检查 3 项" in text
    assert "至　＿" in text


def test_the_check_code_and_the_photos_are_in_the_record(tmp_path: Path) -> None:
    results = {
        "item-1.1.1": result("item-1.1.1", "noncompliant", photos=tuple(photo(tmp_path, f"{n}.jpg") for n in range(4)))
    }
    made = report(four_list(), results=results, kind="inspection", code_url="https://hegui.example/c/1")
    document = record(Record(report=made, visit=VISIT), tmp_path)
    assert len(list(document.element.body.iter(qn("pic:pic")))) == 5


def test_a_finding_nobody_described_leaves_room_to_write(tmp_path: Path) -> None:
    results = {"item-1.1.1": result("item-1.1.1", "noncompliant", note="")}
    made = report(four_list(), results=results, kind="inspection")
    assert "现场情况：＿" in text_of(record(Record(report=made, visit=VISIT), tmp_path))
    assert "现场情况：＿" in text_of(order(make_order(made, VISIT, LAW), tmp_path))


# --- 责令限期整改指令书 ----------------------------------------------------------------------------------------------------


def test_an_order_states_problems_grounds_demands_and_days(tmp_path: Path) -> None:
    made = make_order(inspection(), VISIT, LAW, due=LATER, review_place="企业现场")
    text = text_of(order(made, tmp_path))
    assert f"{FIRM.name}：" in text
    assert "2026年11月23日，本机关执法人员对你单位（打磨车间）进行检查" in text
    for one in made.items:
        assert one.found in text
        assert one.requirement in text
        assert all(b.citation in text for b in one.basis)
    assert text.count("期限：2026年12月8日前") == 2
    assert (
        "依据《安全生产法》第六十五条第一款第（二）项，责令你单位对上述第 1 项至第 2 项问题于2026年12月8日前整改完毕" in text
    )
    assert "复查地点：企业现场" in text
    assert "《有限空间规定》第20条" in text


def test_an_order_tells_consequences_and_rights_with_their_citations(tmp_path: Path) -> None:
    text = text_of(order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path))
    assert "《安全生产法》第一百零二条（原文）原文的后果。" in text
    assert "人民政府申请行政复议" in text
    assert "《行政复议法》第二十条第一款（要点）复议期限的要点。" in text
    assert "人民法院提起行政诉讼" in text


def test_official_words_that_stop_before_their_items_are_not_quoted(tmp_path: Path) -> None:
    text = text_of(order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path))
    assert "《行政诉讼法》第四十六条第一款（要点）起诉期限的要点。" in text
    assert "有下列情形：" not in text


def test_an_order_without_verified_law_leaves_blanks_and_says_no_period(tmp_path: Path) -> None:
    text = text_of(order(make_order(inspection(), Visit(authority=""), VisitLaw()), tmp_path))
    assert text.count("没有可引用的已核对条文，由办案人员填写") == 4
    assert "六十日" not in text
    assert "六个月" not in text
    assert "60日" not in text
    assert "期限：　　　　年　　月　　日前" in text
    assert "按各项所列期限" in text


def test_an_order_does_not_let_a_major_hazard_pass_as_an_ordinary_one(tmp_path: Path) -> None:
    text = text_of(order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path))
    assert "★第 1 项可能构成重大事故隐患" in text
    assert "不得以本指令书代替现场处理措施" in text
    assert "第六十五条第一款第（三）项" in text


def test_what_only_a_recommended_standard_asks_is_advice_and_no_demand(tmp_path: Path) -> None:
    document = order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path)
    demanded = "\n".join(c.text for r in document.tables[0].rows for c in r.cells)
    assert "GB/T 13869" not in demanded
    assert "1.1.3" not in demanded
    assert "不属于责令整改的内容" in text_of(document)


def test_a_number_given_by_the_authority_is_printed(tmp_path: Path) -> None:
    text = text_of(order(make_order(inspection(), VISIT, LAW, due=LATER, number="（沪某）应急责改〔2026〕1号"), tmp_path))
    assert "（沪某）应急责改〔2026〕1号" in text
    assert NUMBER_BLANK not in text


# --- all -----------------------------------------------------------------------------------------------------------------


def test_hostile_and_odd_texts_do_not_break_a_document(tmp_path: Path) -> None:
    visit = Visit(
        authority=HOSTILE,
        inspectors=((HOSTILE, HOSTILE),),
        accompanied=(HOSTILE,),
        departments=(HOSTILE,),
        reason=HOSTILE,
        place=HOSTILE,
        method=(HOSTILE,),
    )
    made = crowded(tmp_path).model_copy(update={"kind": "inspection", "hazards": ()})
    documents = [
        scheme(Scheme(firm=made.firm, visit=visit, checklist=varied(), note=HOSTILE), tmp_path),
        record(Record(report=made, visit=visit, told=HOSTILE), tmp_path),
        order(make_order(made, visit, VisitLaw(), due=LATER, review_place=HOSTILE), tmp_path),
    ]
    for document in documents:
        text = text_of(document)
        assert '=HYPERLINK("http://x","点我")' in text
        assert not any(c in text for c in "\x00\x0b\u202e")


def test_headers_are_repeated_in_all_long_tables(tmp_path: Path) -> None:
    documents = [
        scheme(Scheme(firm=FIRM, visit=VISIT, checklist=four_list()), tmp_path),
        record(Record(report=inspection(), visit=VISIT), tmp_path),
        order(make_order(inspection(), VISIT, LAW, due=LATER), tmp_path),
    ]
    for document in documents:
        tables = [t for t in document.tables if t.cell(0, 0).text == "序号"]
        assert tables
        assert all(t.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for t in tables)
        section = document.sections[0]
        room = section.page_width - section.left_margin - section.right_margin
        assert all(sum(c.width or 0 for c in t.columns) <= room * 1.002 for t in document.tables)


# --- 现场处理措施决定书, 整改复查意见书 ---------------------------------------------------------------------


def test_a_decision_lists_the_possible_major_hazards_alone_and_ticks_what_was_chosen(tmp_path: Path) -> None:
    made = make_decision(inspection(), VISIT, LAW, MEASURES, resume="经审查同意才能恢复。")
    assert [(i.check_number, i.major) for i in made.items] == [("1.1.2", True)]
    text = text_of(measures(made, tmp_path))
    assert "☑ 从危险区域内撤出作业人员" in text
    assert "□ 暂时停产停业" in text
    assert "经审查同意才能恢复。" in text
    assert "重大隐患要先排除。" in text
    assert "检查内容（1.1.1）" not in text


def test_there_is_no_decision_without_a_possible_major_hazard() -> None:
    made = report(four_list(), {"1.1.1": "noncompliant"}, kind="inspection")
    with pytest.raises(UsageError, match="没有可能构成重大事故隐患"):
        make_decision(made, VISIT, LAW, MEASURES)


def test_where_the_corpus_knows_no_measure_there_is_room_to_write(tmp_path: Path) -> None:
    assert "由办案人员填写" in text_of(measures(make_decision(inspection(), Visit(authority=""), VisitLaw(), ()), tmp_path))


def test_a_review_shows_what_the_ledger_says_and_concludes_nothing(tmp_path: Path) -> None:
    hazards = (
        hazard(5, check_id="item-1.1.2", state="closed", closed_on=LATER, responsible="李班长"),
        hazard(6, check_id="item-1.1.1", state="assigned", responsible=HOSTILE),
    )
    made = make_review(inspection(hazards=hazards), AGAIN, LAW, due=LATER, order_number="（沪）应急责改〔2026〕1号", told="")
    assert [(x.item.check_number, x.hazard and x.hazard.id) for x in made.lines] == [("1.1.2", 5), ("1.1.1", 6)]
    text = text_of(review(made, tmp_path))
    assert "隐患 5：已销号" in text
    assert "责任人：李班长" in text
    assert "（沪）应急责改〔2026〕1号" in text
    assert "☑" not in text
    assert "第 2 项还没有整改完成的记载" in text
    assert "原文的后果。" in text


def test_a_review_says_what_the_ledger_does_not_hold_and_is_not_before_the_inspection(tmp_path: Path) -> None:
    assert "台账里没有这一项" in text_of(review(make_review(inspection(), AGAIN, LAW, due=LATER), tmp_path))
    early = VISIT.model_copy(
        update={"starts": datetime.datetime.combine(DAY, datetime.time(9)) - datetime.timedelta(days=2)}
    )
    with pytest.raises(UsageError, match="早于检查日期"):
        make_review(inspection(), early, LAW, due=LATER)
