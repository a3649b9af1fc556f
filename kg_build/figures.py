"""The numbers of official texts that may not be shipped: place → numbers, so that every build can hold gists to them.

``corpus/figures/<document id>.json`` is written from a text (``python -m bench.figures``) and holds facts only: for each
article, paragraph, item or clause of the text the numbers that stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg_build.agreement import numbers
from kg_build.citation import LAW_LOCATOR, law_locator
from kg_build.corpus import Corpus, Rules
from kg_build.nodes import grow
from kg_build.statutes import OfficialArticle

_BACK = re.compile(r"前[一二两三四]?款|第[一二三四]款|前项|上述|本条")
_ANNEX = re.compile(r"附录|附表|附件")
_EVERY = re.compile(r"每|季度|半年|年度")


def refers_back(text: str) -> bool:
    """Whether a provision rests on another part of its article (依照前款、第一款的规定处罚): its numbers stand there."""
    return bool(_BACK.search(text))


def figures_of(rules: Rules, articles: Sequence[OfficialArticle]) -> dict[str, list[float]]:
    """The numbers of each place of a text that the corpus tells of, as JSON holds them.

    To a place belong the numbers of what it refers to: its items, its article where it says 前款 or punishes, and the
    articles it names.
    """
    tree, _ = grow(Corpus(rules=[rules]), {rules.document.id: ("", list(articles))})
    whole = {a.locator: a.text for a in articles}
    found = {}
    for node in tree.all():
        # What an annex says stands in no article: such a place can't be held to the articles' numbers.
        if node.form is None or node.official_text is None or _ANNEX.search(node.official_text):
            continue
        # A table's cells are rarely read; of some clauses only the heading was: nothing to hold a gist to.
        table = node.locator.clause.startswith("表") and not node.locator.letter
        if table or (len(node.official_text) < len(node.form.gist) // 2 and not list(tree.below(node))):
            continue
        texts = [node.official_text, *(n.official_text or "" for n in tree.below(node))]
        own = node.locator.article_locator
        if refers_back(node.official_text) or node.form.modality == "penalty":
            texts.append(whole.get(own, ""))
        named = (law_locator(m).article_locator for m in LAW_LOCATOR.finditer(" ".join([*texts, whole.get(own, "")])))
        texts += [whole.get(place, "") for place in dict.fromkeys(named)]
        values = numbers("\n".join(texts), with_unit=False)
        # 每年、每季度 say "once" without a numeral.
        found[node.locator.text] = sorted(values | ({1.0} if _EVERY.search(node.official_text) else set()))
    return found
