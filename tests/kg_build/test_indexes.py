"""Words: what the keyword indexes say of every entry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg_build.indexes import LexicalIndex
from kg_build.words import Tokenizer

TEXTS = ["动火作业前要清理可燃物", "有限空间作业前先通风再检测", "叉车司机要持证"]


@pytest.fixture
def words(tmp_path: Path) -> LexicalIndex:
    tokenizer = Tokenizer.of(["动火作业", "有限空间"])
    LexicalIndex.build(TEXTS, tokenizer, tmp_path)
    return LexicalIndex.load(tmp_path, tokenizer)


def test_coverage_is_a_share_and_grows_with_what_is_covered(words: LexicalIndex) -> None:
    whole, half = words.coverage("叉车司机"), words.coverage("叉车司机 请假回家")
    assert np.all((whole >= 0) & (whole <= 1))
    assert int(whole.argmax()) == 2
    assert half[2] < whole[2]


def test_words_that_nothing_holds_cover_nothing(words: LexicalIndex) -> None:
    assert not words.coverage("离婚彩礼").any()


def test_the_terms_of_one_tokenizer_stay_its_own() -> None:
    own, other = Tokenizer.of(["渣包吊运"]), Tokenizer.of([])
    assert "渣包吊运" in own("行车做渣包吊运时下面有人")
    assert "渣包吊运" not in other("行车做渣包吊运时下面有人")
    # What jieba knows by itself both know.
    assert "叉车" in own("叉车司机")
    assert "叉车" in other("叉车司机")


def test_a_stored_dictionary_cuts_as_the_one_it_was_made_from(tmp_path: Path) -> None:
    made = Tokenizer.of(["渣包吊运", "粉尘涉爆"])
    made.save(tmp_path)
    stored = Tokenizer.load(tmp_path)
    questions = [
        "行车做渣包吊运时下面有人",
        "粉尘涉爆企业多久清扫一次",
        "叉车司机没证被查到怎么处理",
        "GB30871—2022 第5.2条",
        "𠮷野家后厨㸃火",
    ]
    assert [stored(q) for q in questions] == [made(q) for q in questions]
    assert "渣包吊运" in stored(questions[0])
