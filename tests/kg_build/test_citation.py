"""Citations are read in every form people write them, and printed in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg_build.citation import Locator, outline_text, parse_locator, to_chinese
from kg_build.errors import CitationError
from kg_build.names import Names, index_names
from kg_build.spelling import to_int


@pytest.fixture
def names() -> Names:
    return index_names(
        {
            "law": ["中华人民共和国安全生产法", "安全生产法", "安生法"],
            "o13": ["工贸企业有限空间作业安全规定", "有限空间规定", "应急管理部令第13号"],
            "gb": ["危险化学品企业特殊作业安全规范", "GB 30871-2022"],
            "gbt": ["用电安全导则", "GB/T 13869-2017"],
            "reg": ["危险化学品安全管理条例", "危化条例"],
        }
    )


@pytest.mark.parametrize(
    ("text", "document", "path"),
    [
        ("《安全生产法》第三十条", "law", "art_30"),
        ("中华人民共和国安全生产法第30条第一款", "law", "art_30/para_1"),
        ("安生法30条", "law", "art_30"),
        ("安全生产法（2021修正）第97条第七项", "law", "art_97/item_7"),
        ("应急管理部13号令第十四条", "o13", "art_14"),
        ("应急管理部令第13号", "o13", None),
        ("令第13号", "o13", None),
        ("GB30871—2022 5.2", "gb", "cl_5.2"),
        ("GB 30871 第5.2.1条", "gb", "cl_5.2.1"),
        ("GB/T13869-2017 5.1.2 a)", "gbt", "cl_5.1.2/a"),
        ("老的危化条例第20条", "reg", "art_20"),
        ("安全生产法第３０条第１款", "law", "art_30/para_1"),
        ("安全生产法97条(7)", "law", "art_97/item_7"),
        ("安全生产法第九十七条的第七项", "law", "art_97/item_7"),
        ("安全生产法第30之1条", "law", "art_30-1"),
        ("应急部十三号令第十四条", "o13", "art_14"),
        ("应急管理部令（第13号）第14条", "o13", "art_14"),
        ("13号令（应急管理部的）第14条", "o13", "art_14"),
        ("GB30871——2022 5.2", "gb", "cl_5.2"),
        ("GB30871：2022 5.2", "gb", "cl_5.2"),
        ("GB30871（2022版）5.2", "gb", "cl_5.2"),
        ("ＧＢ　３０８７１－２０２２　５．２", "gb", "cl_5.2"),
        ("国标30871 5.2", "gb", "cl_5.2"),
        ("GB/T 30871-2022附录A.2", "gb", "cl_A.2"),
        ("GBT13869的5.1.2 a）", "gbt", "cl_5.1.2/a"),
    ],
)
def test_a_citation_is_found_in_any_usual_spelling(names: Names, text: str, document: str, path: str | None) -> None:
    (mention,) = names.find(text)
    assert mention.document == document
    assert (mention.locator.path if mention.locator else None) == path


def test_articles_named_one_after_another_are_each_found(names: Names) -> None:
    found = [m.locator.text for m in names.find("依据《安全生产法》第一百零二条、第九十七条第（七）项和第30条") if m.locator]
    assert found == ["第一百零二条", "第九十七条第（七）项", "第三十条"]


@pytest.mark.parametrize(
    "text",
    [
        *("今天天气很好", "13869", "30871元", "第三十条", "GB 99999-2020 5.1"),
        *("GB 30871-2014 5.1", "GB30871（2014）5.1", "住建部13号令第14条", "113号令第14条"),
    ],
)
def test_text_without_a_known_document_gives_no_citation(names: Names, text: str) -> None:
    assert list(names.find(text)) == []


@pytest.mark.parametrize("text", ["某某法 第三条", "安全生产法", "安全生产法 第三章", ""])
def test_a_citation_that_cannot_be_read_is_refused_in_chinese(names: Names, text: str) -> None:
    with pytest.raises(CitationError, match=r"引用|条款"):
        names.split(text)


@pytest.mark.parametrize("clause", ["5.10", "A.2", "表1", "5.3.2 a)", "5.3.2 a) 1)", "12", "二（三）", "三（二）4"])
def test_a_clause_prints_as_it_was_read(clause: str) -> None:
    assert parse_locator(clause).text == clause


@pytest.mark.parametrize(
    ("written", "cited"),
    [("12", "第12项"), ("二", "第二部分"), ("二（三）", "第二部分第（三）项"), ("三（二）4", "第三部分第（二）项第4点")],
)
def test_a_place_of_a_notice_is_cited_so_that_it_reads_back(written: str, cited: str) -> None:
    locator = parse_locator(written)
    assert outline_text(locator) == cited
    assert parse_locator(cited) == locator


@given(st.integers(1, 1999))
def test_chinese_numerals_read_back_as_the_same_number(number: int) -> None:
    assert to_int(to_chinese(number)) == number


@given(st.integers(1, 600), st.integers(0, 3), st.integers(0, 9), st.integers(0, 30))
def test_a_law_locator_prints_and_reads_back(article: int, sub: int, paragraph: int, item: int) -> None:
    locator = Locator(article, sub, paragraph, item)
    assert parse_locator(locator.text) == locator


@given(st.text(max_size=60))
def test_no_text_breaks_the_search_for_citations(text: str) -> None:
    finder = index_names({"law": ["安全生产法"], "gb": ["GB 30871-2022"], "o": ["应急管理部令第13号"]})
    for mention in finder.find(text):
        assert text[mention.start : mention.end] == mention.text


@pytest.fixture
def versions() -> Names:
    return index_names(
        {
            "old": ["特种作业规定", "作业培训规定（2010年）", "GB 1-2008", "安监总局令第30号", "安监总局令第19号"],
            "new": ["特种作业新规定", "作业培训规定", "GB 1-2025", "应急管理部令第19号", "应急〔2025〕27号"],
            "other": ["安监总局令第27号", "国务院令第30号"],
        },
        {"new": ["特种作业规定"]},
    )


def test_a_name_of_several_versions_means_the_newest(versions: Names) -> None:
    assert versions.fitting("GB 1") == ("new", "old")
    assert versions.resolve("GB 1") == "new"
    assert versions.resolve("19号令") == "new"
    assert versions.older("new") == ["old"]
    assert versions.other_editions("GB 1-1999") == ("new", "old")


def test_a_name_of_different_rules_means_none_of_them(versions: Names) -> None:
    assert set(versions.fitting("30号令")) == {"old", "other"}
    assert versions.resolve("30号令") is None
    assert [n.ambiguous for n in versions.named("按30号令第五条")] == [True]
    assert list(versions.find("按30号令第五条")) == []
    with pytest.raises(CitationError, match="发布机关"):
        versions.split("30号令 第五条")
    assert versions.resolve("国务院30号令") == "other"


@pytest.mark.parametrize("text", ["应急[2025]27号", "应急（2025）27号文", "应急2025年27号", "应急【２０２５】27号"])
def test_a_file_number_is_read_with_any_bracket(versions: Names, text: str) -> None:
    assert [n.fits for n in versions.named(text)] == [("new",)]


def test_another_offices_file_number_is_not_ours(versions: Names) -> None:
    assert versions.named("沪应急〔2025〕27号") == []
