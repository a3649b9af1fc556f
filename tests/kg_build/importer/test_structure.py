"""Lines become articles with their chapters, or clauses with their letters, numbered as citations number them."""

from __future__ import annotations

import pytest

from kg_build.citation import parse_locator
from kg_build.importer.reading import read_lines
from kg_build.importer.structure import parse, tree
from kg_build.statutes import read_statute, split_article
from tests.kg_build.importer import makers

COUNTS = {
    "regulations/危险化学品安全管理条例(2013-12-07).md": 102,
    "regulations/生产安全事故报告和调查处理条例(2007-04-09).md": 46,
    "regulations/生产安全事故应急条例(2019-02-17).md": 35,
    "regulations/特种设备安全监察条例(2009-01-24).md": 103,
    "regulations/安全生产许可证条例(2014-07-29).md": 24,
    "shanghai/上海市消防条例(2020-03-19).md": 77,
    "shanghai/上海市安全生产条例(2018-05-24).md": 73,
    "shanghai/上海市建设工程质量和安全管理条例.md": 70,
}
on_this_machine = pytest.mark.skipif(not makers.REFERENCE.is_dir(), reason="the reference texts are not on this machine")


@on_this_machine
@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_a_real_text_has_all_its_articles_without_a_gap(name: str, count: int) -> None:
    articles = parse(read_lines(makers.REFERENCE / name), standard=False)
    assert [a.locator.article for a in articles] == list(range(1, count + 1))
    assert "施行" in articles[-1].text
    assert articles[0].chapter in (None, "第一章 总则")


@on_this_machine
@pytest.mark.parametrize("law", ["安全生产法", "消防法", "职业病防治法", "突发事件应对法", "危险化学品安全法"])
def test_a_parsed_statute_equals_the_statute_package(law: str) -> None:
    ours = parse(read_lines(makers.REFERENCE / "statutes" / f"{law}.md"), standard=False)
    package = read_statute(f"中华人民共和国{law}")
    assert [(a.locator, a.chapter, split_article(a.text)) for a in ours] == [
        (a.locator, a.chapter, split_article(a.text)) for a in package
    ]


def test_paragraphs_items_and_points_are_told_apart() -> None:
    second = parse(makers.LAW, standard=False)[1]
    assert [(p.paragraph, p.item) for p in split_article(second.text)] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert "2．建材企业；" in split_article(second.text)[1].text


def test_a_line_that_begins_with_a_reference_opens_no_article() -> None:
    articles = parse(makers.LAW, standard=False)
    assert [a.locator.text for a in articles] == ["第一条", "第二条", "第三条", "第三条之一", "第四条", "第五条"]
    assert articles[4].text.endswith("依照《中华人民共和国安全生产法》第九十七条的规定处罚。")


def test_what_stands_after_the_last_article_is_left_out() -> None:
    assert parse(makers.LAW, standard=False)[-1].text == "本条例自2022年10月1日起施行。"


def test_parts_chapters_and_sections_are_kept() -> None:
    lines = [
        "第一编 总则",
        "第一章",
        "任务",
        "第一节 目的",
        "第一条 甲。",
        "第二章 范围",
        "第二条 乙。",
        "第二编 分则",
        "第三条 丙。",
    ]
    assert [(a.chapter, a.section) for a in parse(lines, standard=False)] == [
        ("第一编 总则 第一章 任务", "第一节 目的"),
        ("第一编 总则 第二章 范围", None),
        ("第二编 分则", None),
    ]


def test_the_text_itself_is_chosen_and_not_the_decree_before_it() -> None:
    decree = ["第一条 公布本规定。", "第二条 执行。"]
    rule = [f"第{n}条 规定{n}。" for n in "一二三四"]
    assert len(parse([*decree, "附件", *rule], standard=False)) == 4


def test_a_notice_that_numbers_its_points_is_read_as_articles() -> None:
    lines = ["重大隐患判定标准", "一、主要负责人未考核合格。", "二、下列情形：", "（一）甲；", "（二）乙。", "三、其他。"]
    articles = parse(lines, standard=False)
    assert [a.locator.article for a in articles] == [1, 2, 3]
    assert articles[1].text == "下列情形：\n（一）甲；\n（二）乙。"


@pytest.mark.parametrize("standard", [False, True])
def test_a_text_without_articles_gives_none(standard: bool) -> None:
    assert parse(["关于开展检查的通知", "各单位：", "请认真落实。", "1 月 3 日"], standard=standard) == []


def test_a_standard_has_its_clauses_tables_and_annexes() -> None:
    whole = [a.locator.clause for a in parse(makers.STANDARD, standard=True) if a.locator.is_whole]
    assert whole == ["1", "2", "3", "3.1", "5", "5.1", "5.1.1", "5.1.2", "5.2", "5.10", "表1", "附录A", "A.1", "A.2"]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("1", "范围\n本文件规定了动火作业的要求。"),
        ("3.1", "动火作业\n在禁火区进行的作业。"),
        ("5.1.1 a)", "办理动火作业票；"),
        ("5.1.1 b)", "采取下列措施：\n1) 清除可燃物；\n2) 配备灭火器。"),
        ("5.1.1 b) 2)", "配备灭火器。"),
        ("5.2 2)", "看火人应佩戴标志。"),
        ("5.10", "看火人宜由班组长担任。\n表中未列的按 5.2 执行。"),
        ("表1 2)", "2\t氯\t5"),
        ("A.2", "票面一式三联。"),
    ],
)
def test_every_place_of_a_standard_can_be_cited(place: str, text: str) -> None:
    found = {a.locator: a for a in parse(makers.STANDARD, standard=True)}
    assert found[parse_locator(place)].text == text


def test_a_quantity_at_the_start_of_a_line_is_no_clause() -> None:
    found = {a.locator.text: a for a in parse(makers.STANDARD, standard=True)}
    assert "10.5 m 计算。" in found["5.2"].text
    assert found["5.1.1"].chapter == "5 动火"
    assert found["5.1.1"].section == "5.1 一般要求"


def test_a_table_of_contents_without_page_numbers_is_forgotten() -> None:
    lines = [
        "1 范围",
        "2 要求",
        "2.1 一般要求",
        "前言",
        "1 范围",
        "适用于测试。",
        "2 要求",
        "2.1 一般要求",
        "2.1.1 应当持证。",
    ]
    articles = parse(lines, standard=True)
    assert [a.locator.clause for a in articles] == ["1", "2", "2.1", "2.1.1"]
    assert articles[0].text == "范围\n适用于测试。"


def test_the_tree_shows_chapters_articles_paragraphs_and_items() -> None:
    first, second = tree(parse(makers.LAW, standard=False))
    assert first.label == "第一章 总则"
    assert [b.label for b in first.children] == ["第一条", "第二条", "第一节 动火"]
    assert [b.label for b in first.children[1].children] == ["第1款", "第2款"]
    assert [b.label for b in first.children[1].children[0].children] == ["第1项", "第2项"]
    assert second.children[0].children[0].text.startswith("违反")


def test_the_tree_of_a_standard_puts_letters_below_their_clause() -> None:
    chapters = tree(parse(makers.STANDARD, standard=True))
    clause = next(b for c in chapters for s in c.children for b in s.children if b.label == "5.1.1")
    assert [b.label for b in clause.children] == ["a)", "b)", "b) 1)", "b) 2)"]
