"""Proves what only the whole corpus can show: successions, living penalties, whole criteria, no copies, no orphans."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rdflib import SKOS

from kg_build.agreement import shingles
from kg_build.corpus import Corpus, Placed
from kg_build.errors import CitationError
from kg_build.forms import CaseForm, CheckForm
from kg_build.nodes import Node, Tree
from kg_build.vocabulary import Vocabulary

COPY = 0.7
"""Two questions whose character pairs overlap by more than this share (Jaccard) are copies of one another."""


def prove(corpus: Corpus, tree: Tree, today: datetime.date) -> list[str]:
    """Every problem of the corpus as a whole, in Chinese, with file, line and field."""
    return [
        *_successions(corpus, tree),
        *_criteria(tree, today),
        *_dead_penalties(tree, today),
        *_unpunished(corpus, tree, today),
        *_copies(corpus),
        *_sources(corpus),
    ]


def _successions(corpus: Corpus, tree: Tree) -> Iterator[str]:
    replaced = {old.id for r in corpus.rules for n in r.document.replaces if (old := tree.document(n))}
    for rules in corpus.rules:
        document = rules.document
        if document.repealed and document.id not in replaced and not document.ended_by:
            yield (
                f"{rules.place.at('repealed')}：“{document.short}”已废止，但没有哪个文件写明替代它（replaces）；"
                "没有替代文件的，请在 ended_by 写明是什么使它失效。"
            )


def _criteria(tree: Tree, today: datetime.date) -> Iterator[str]:
    """Every criterion of a major hazard in force says whom it binds, where, which duty it breaks and what punishes it."""
    for node in tree.all():
        form, placed = node.form, node.placed
        if not form or not placed or not form.major_hazard or not node.document.is_in_force(today):
            continue
        for field, given, what in (
            ("industries", form.industries, "行业"),
            ("scenes", form.scenes, "场景"),
            ("cites", form.cites, "违反的义务"),
            ("penalty", form.penalty, "处罚它的条款"),
        ):
            if not given:
                yield f"{placed.at('major_hazard')}：重大事故隐患的判定情形要写明{what}（{field}）。"


def _dead_penalties(tree: Tree, today: datetime.date) -> Iterator[str]:
    """A provision in force must not be punished only by what is repealed."""
    for node in tree.all():
        if not node.form or not node.placed or not node.form.penalty or not node.document.is_in_force(today):
            continue
        penal = _cited(tree, node.form.penalty, node.document.id)
        if penal and not any(p.document.is_in_force(today) or p.document.in_force > today for p in penal):
            yield f"{node.placed.at('penalty')}：罚则“{'、'.join(node.form.penalty)}”都已失效；请改写现行罚则。"


def _cited(tree: Tree, citations: Iterable[str], within: str | None = None) -> list[Node]:
    found = []
    for citation in citations:
        try:
            found.append(tree.cite(citation, within))
        except CitationError:
            continue  # told by `validation` where it stands
    return found


def penal_nodes(check: CheckForm, tree: Tree, today: datetime.date) -> list[Node]:
    """The penal provisions in force for a failed check: those it names, else those its grounds in force name."""
    named = _cited(tree, check.penalty)
    for ground in _cited(tree, check.basis) if not named else ():
        if ground.document.is_in_force(today):
            linked = next((n for n in (ground, *tree.upward(ground)) if n.form and n.form.penalty), None)
            named += _cited(tree, linked.form.penalty, linked.document.id) if linked and linked.form else []
    return [n for n in named if n.document.is_in_force(today)]


def has_sanctions(node: Node, tree: Tree) -> bool:
    """Whether the fines and measures of a penal provision are there as data (its own, or its article's)."""
    return any(n.form and n.form.sanctions for n in (node, *tree.upward(node)))


def _unpunished(corpus: Corpus, tree: Tree, today: datetime.date) -> Iterator[str]:
    for check, placed in _all_checks(corpus):
        punished = any(has_sanctions(n, tree) for n in penal_nodes(check, tree, today))
        if not punished and not check.unpunished:
            yield (
                f"{placed.at('penalty')}：检查项“{check.id}”的依据没有现行罚则数据；"
                "请在 penalty 写明处罚它的条款，确实没有罚则的在 unpunished 写明原因。"
            )
        if punished and check.unpunished:
            yield f"{placed.at('unpunished')}：检查项“{check.id}”有罚则，不应再写 unpunished；请删去。"


def _all_checks(corpus: Corpus) -> Iterator[tuple[CheckForm, Placed]]:
    for scene in corpus.scenes:
        yield from zip(scene.checks, scene.places, strict=True)


def _copies(corpus: Corpus) -> Iterator[str]:
    """Checks that ask the same in other words; only questions that share many rare pairs are compared at all."""
    checks = [(check, placed, shingles(check.ask, 2)) for check, placed in _all_checks(corpus)]
    holders: dict[str, list[int]] = defaultdict(list)
    for index, (_, _, pairs) in enumerate(checks):
        for pair in pairs:
            holders[pair].append(index)
    for index, (check, placed, pairs) in enumerate(checks):
        shared: Counter[int] = Counter(o for p in pairs for o in holders[p] if o < index)
        for other, common in shared.items():
            if common / (len(pairs) + len(checks[other][2]) - common) > COPY:
                yield (
                    f"{placed.at('ask')}：检查项“{check.id}”与“{checks[other][0].id}”问的是同一件事；"
                    "请删去一项（用 also 让一项出现在两个场景），或写出不同之处。"
                )


def _sources(corpus: Corpus) -> Iterator[str]:
    seen: dict[tuple[str, str | None], CaseForm] = {}
    for case, placed in corpus.cases:
        source = case.source
        where = source.url or f"{source.publisher}《{source.title}》"
        first = seen.setdefault((where, source.part), case)
        if first is not case:
            yield (
                f"{placed.at('source')}：来源与“{first.id}”相同；同一来源公布多个案例时，"
                "请在 source.part 写明本案在其中的序号或名称。"
            )


def orphan_tags(corpus: Corpus, vocabulary: Vocabulary) -> list[str]:
    """Risk tags that no provision, check or case bears and no other tag is narrower than; or that stand under no group."""
    used = {t for r in corpus.rules for p in r.provisions for t in p.tags}
    used |= {t for check, _ in _all_checks(corpus) for t in check.tags} | {t for c, _ in corpus.cases for t in c.tags}
    graph, problems = vocabulary.graph, []
    for iri, label in sorted(vocabulary.tags.labels.items(), key=lambda pair: pair[1]):
        if label not in used and (None, SKOS.broader, iri) not in graph:
            problems.append(f"ontology：风险标签“{label}”没有任何条款、检查项或案例使用；请用上它或删去。")
        above = list(graph.objects(iri, SKOS.broader))
        if not above and (iri, SKOS.topConceptOf, None) not in graph:
            problems.append(f"ontology：风险标签“{label}”不在任何一类之下；请写 skos:broader。")
        if any(a not in vocabulary.tags.labels for a in above):
            problems.append(f"ontology：风险标签“{label}”的上位概念不是风险标签；请改正 skos:broader。")
    return problems
