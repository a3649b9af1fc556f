"""Numbers in a gist are the text's numbers; the wording is not the text's wording."""

from __future__ import annotations

import pytest

from kg_build.agreement import MOST_SHARED, disagreements, longest_common_run, numbers, shingle_share
from kg_build.forms import ProvisionForm, SanctionForm

TEXT = "处十万元以上二十万元以下的罚款，对其直接负责的主管人员处上一年年收入百分之四十的罚款，三十日内报告。"


def form(gist: str, *sanctions: SanctionForm) -> ProvisionForm:
    return ProvisionForm(at="第一条", gist=gist, modality="penalty", sanctions=list(sanctions))


def test_amounts_in_digits_and_in_characters_are_the_same_number() -> None:
    assert numbers("10万元、20万元、40%、30日", with_unit=True) <= numbers(TEXT, with_unit=False)


def test_a_number_that_the_text_does_not_have_is_reported() -> None:
    (problem,) = disagreements(form("罚10万元以上30万元以下"), TEXT)
    assert "300000" in problem


def test_words_that_only_look_like_numbers_are_not_reported() -> None:
    assert not list(disagreements(form("一般情形下统一处理，之一即可"), TEXT))


def test_an_article_number_in_a_gist_is_no_amount() -> None:
    assert not list(disagreements(form("按第九十七条第（七）项处10万元罚款"), TEXT))


def test_a_wrong_amount_in_sanction_data_is_reported() -> None:
    wrong = SanctionForm.model_validate({"who": "unit", "when": "any", "fine": {"max": 500000}})
    assert any("500000" in p for p in disagreements(form("罚款", wrong), TEXT))


def test_a_gist_that_copies_the_text_is_reported() -> None:
    assert any("连续" in p for p in disagreements(form(TEXT), TEXT))


@pytest.mark.parametrize(("ours", "theirs", "run"), [("abcdef", "xbcdx", "bcd"), ("", "abc", ""), ("abc", "abc", "abc")])
def test_the_longest_common_run_is_found(ours: str, theirs: str, run: str) -> None:
    assert longest_common_run(ours, theirs) == run


def test_a_threshold_that_the_text_does_not_have_is_reported() -> None:
    wrong = ProvisionForm.model_validate(
        {
            "at": "第一条",
            "gist": "罚款",
            "modality": "duty",
            "thresholds": [{"measure": "报告时限", "value": 31, "unit": "日"}],
        }
    )
    assert [p for p in disagreements(wrong, TEXT) if "阈值" in p and "31" in p]


def test_a_gist_made_of_pieces_of_the_text_is_reported() -> None:
    text = (
        "生产经营单位应当建立健全全员安全生产责任制和安全生产规章制度，加大对安全生产资金、物资、技术、人员的投入保障力度。"
    )
    pieces = "加大对安全生产资金、物资、技术、人员的投入保障；生产经营单位应当建立健全全员安全生产责任制和安全生产规章制度。"
    assert shingle_share(pieces, text) > MOST_SHARED
    assert shingle_share("单位要有人人有责的制度，并舍得为安全花钱、配人、添设备，这两件事都要落到实处才算数。", text) < 0.2
