"""Words: what the keyword indexes say of every entry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg_build.indexes import LexicalIndex, Tokenizer

TEXTS = ["动火作业前要清理可燃物", "有限空间作业前先通风再检测", "叉车司机要持证"]


@pytest.fixture
def words(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(TEXTS, ["动火作业", "有限空间"], tmp_path)
    return LexicalIndex.load(tmp_path, Tokenizer(["动火作业", "有限空间"]))


def test_coverage_is_a_share_and_grows_with_what_is_covered(words: LexicalIndex) -> None:
    whole, half = words.coverage("叉车司机"), words.coverage("叉车司机 请假回家")
    assert np.all((whole >= 0) & (whole <= 1))
    assert int(whole.argmax()) == 2
    assert half[2] < whole[2]


def test_words_that_nothing_holds_cover_nothing(words: LexicalIndex) -> None:
    assert not words.coverage("离婚彩礼").any()


def test_the_terms_of_one_tokenizer_stay_its_own() -> None:
    own, other = Tokenizer(["渣包吊运"]), Tokenizer([])
    assert "渣包吊运" in own("行车做渣包吊运时下面有人")
    assert "渣包吊运" not in other("行车做渣包吊运时下面有人")
    # What jieba knows by itself both know.
    assert "叉车" in own("叉车司机")
    assert "叉车" in other("叉车司机")
