"""Official statute texts come whole from the installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg_build.statutes import read_statute, split_article

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "texts" / "statutes"


@pytest.mark.parametrize(
    ("law", "articles"), [("安全生产法", 119), ("危险化学品安全法", 127), ("行政处罚法", 86), ("特种设备安全法", 101)]
)
def test_a_statute_has_all_its_articles(law: str, articles: int) -> None:
    assert len(read_statute(f"中华人民共和国{law}")) == articles


def test_an_unknown_statute_is_empty() -> None:
    assert read_statute("中华人民共和国没有这部法") == []


def test_paragraphs_and_items_are_numbered_as_citations_number_them() -> None:
    article = next(a for a in read_statute("中华人民共和国安全生产法") if a.locator.article == 97)
    parts = split_article(article.text)
    assert [(p.paragraph, p.item) for p in parts] == [(1, 0), *[(1, n) for n in range(1, 8)]]
    assert "特种作业人员" in parts[-1].text


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference texts are not on this machine")
@pytest.mark.parametrize("law", ["安全生产法", "消防法", "职业病防治法"])
def test_the_package_agrees_with_the_reference_text(law: str) -> None:
    reference = "".join((REFERENCE / f"{law}.md").read_text(encoding="utf-8").split())
    for article in read_statute(f"中华人民共和国{law}"):
        assert "".join(article.text.split()) in reference
