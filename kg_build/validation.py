"""Proves what the corpus claims: citations resolve, bases are in force, gists agree with the text."""

from __future__ import annotations

import contextlib
import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rdflib import URIRef

from kg_build import agreement, practice, soundness
from kg_build.corpus import Corpus, Placed, default_folder, load
from kg_build.errors import CitationError, CorpusError
from kg_build.figures import refers_back
from kg_build.forms import CaseForm, CheckForm, ProvisionForm
from kg_build.nodes import Node, Tree, grow
from kg_build.statutes import package_version
from kg_build.vocabulary import Concepts, Vocabulary, load_graph, ontology_folder


def check_folder(folder: Path, only: str | None = None, today: datetime.date | None = None) -> list[str]:
    """Every problem of a corpus folder, or those of one file; nothing is built."""
    try:
        corpus = load(folder)
    except CorpusError as error:
        return _of_file(error.problems, only)
    tree, problems = grow(corpus)
    vocabulary = Vocabulary(load_graph(ontology_folder()))
    problems += cross_check(corpus, tree, vocabulary, today or datetime.date.today())
    if folder.resolve() == default_folder().resolve():
        problems += soundness.orphan_tags(corpus, vocabulary)
    return _of_file(problems, only)


def _of_file(problems: list[str], only: str | None) -> list[str]:
    return [p for p in problems if only is None or p.split(" ")[0].split("：")[0].endswith(only.split("corpus/")[-1])]


def cross_check(corpus: Corpus, tree: Tree, vocabulary: Vocabulary, today: datetime.date) -> list[str]:
    """What no single form can show: names are unique, citations resolve, bases are in force on ``today``, texts agree."""
    problems = [*_documents(corpus, tree, vocabulary)]
    for node in tree.all():
        if node.form and node.placed:
            problems.extend(_provision(node, node.form, node.placed, tree, vocabulary))
            allowed = corpus.figures.get(node.document.id, {}).get(node.locator.text)
            if allowed is not None and node.form.verified:
                wrong = agreement.figure_disagreements(node.form, allowed | lent(node, node.form, tree))
                problems.extend(f"{node.placed.at('gist')}：{problem}" for problem in wrong)
    seen: Counter[str] = Counter()
    for scene in corpus.scenes:
        if vocabulary.scenes.get(scene.scene) is None:
            problems.append(
                f"{scene.place.place.file} 第 1 行 scene：场景“{scene.scene}”不在 ontology/scenes；已有："
                f"{'、'.join(sorted(vocabulary.scenes.by_label))}。"
            )
            continue
        for check, placed in zip(scene.checks, scene.places, strict=True):
            seen[check.id] += 1
            if seen[check.id] > 1:
                problems.append(f"{placed.at('id')}：检查项编号“{check.id}”重复。")
            problems.extend(_check(scene.scene, check, placed, tree, vocabulary, today))
    seen = Counter()
    for case, placed in corpus.cases:
        seen[case.id] += 1
        if seen[case.id] > 1:
            problems.append(f"{placed.at('id')}：案例编号“{case.id}”重复。")
        problems.extend(_case(case, placed, tree, vocabulary))
    problems.extend(_asked(corpus, tree))
    for file in corpus.practice.values():
        problems.extend(practice.problems(file, tree, vocabulary, today))
    return [*problems, *soundness.prove(corpus, tree, today)]


def _documents(corpus: Corpus, tree: Tree, vocabulary: Vocabulary) -> Iterator[str]:
    owners: dict[str, str] = {}
    for rules in corpus.rules:
        document = rules.document
        for name in (document.short, *document.aliases):
            owner = owners.setdefault(name, document.id)
            if owner != document.id:
                yield f"{rules.place.at('short')}：名称“{name}”已被 {owner} 使用；简称和别名必须唯一。"
        yield from _unknown(document.binds, vocabulary.industries, rules.place.at("binds"), "行业")
        if document.repealed and document.repealed < document.in_force:
            yield f"{rules.place.at('repealed')}：废止日期早于施行日期。"
        for name in document.replaces:
            old = tree.document(name)
            if old and old.id != document.id and old.repealed is None:
                yield f"{rules.place.at('replaces')}：被替代的“{old.short}”没有写废止日期 repealed。"


def _unknown(labels: Iterable[str], concepts: Concepts, at: str, what: str) -> Iterator[str]:
    for label in labels:
        if concepts.get(label) is None:
            yield f"{at}：{what}“{label}”不在 ontology 中；请改用已有的标签或先在 ontology 中加入。"


def _unresolved(citations: Iterable[str], tree: Tree, at: str, within: str | None = None) -> Iterator[str]:
    for citation in citations:
        try:
            tree.cite(citation, within)
        except CitationError as error:
            yield f"{at}：{error}"


def _provision(node: Node, form: ProvisionForm, placed: Placed, tree: Tree, vocabulary: Vocabulary) -> Iterator[str]:
    yield from _unknown(form.tags, vocabulary.tags, placed.at("tags"), "风险标签")
    yield from _unknown(form.scenes, vocabulary.scenes, placed.at("scenes"), "场景")
    yield from _unknown(form.industries, vocabulary.industries, placed.at("industries"), "行业")
    yield from _unresolved(form.penalty, tree, placed.at("penalty"), node.document.id)
    yield from _unresolved([t.of for t in form.discretion], tree, placed.at("discretion"), node.document.id)
    yield from _unresolved(form.leniency.of if form.leniency else [], tree, placed.at("leniency"), node.document.id)
    cites = [c for c in form.cites if tree.names.resolve(c) is None]
    yield from _unresolved(cites, tree, placed.at("cites"), node.document.id)
    for citation in form.penalty:
        try:
            penal = tree.cite(citation, node.document.id)
        except CitationError:
            continue
        article = tree.find(penal.document.id, penal.locator.article_locator)
        told = penal.form or article.form
        if told and told.modality != "penalty":
            yield f"{placed.at('penalty')}：“{citation}”不是罚则（modality 不是 penalty）。"
    if form.sanctions and form.modality != "penalty":
        yield f"{placed.at('sanctions')}：只有罚则（modality: penalty）才能写 sanctions。"
    # An imported text is the user's: `hegui import` tells him where our gists differ, but it must not stop a build.
    if node.official_text and form.verified and node.official_source == package_version():
        whole = next((n for n in tree.upward(node) if n.locator.is_whole), None)
        around = whole.official_text if whole and refers_back(node.official_text) else None
        for problem in agreement.disagreements(form, node.official_text, around or ""):
            yield f"{placed.at('gist')}：{problem}"


def lent(node: Node, form: ProvisionForm, tree: Tree) -> set[float]:
    """The numbers of the provisions by which a penal provision says to punish (依照……法第一百条处罚)."""
    found: set[float] = set()
    for citation in form.cites if form.modality == "penalty" else ():
        with contextlib.suppress(CitationError):
            found |= agreement.numbers(tree.cite(citation, node.document.id).official_text or "", with_unit=False)
    return found


def _check(
    scene: str, check: CheckForm, placed: Placed, tree: Tree, vocabulary: Vocabulary, today: datetime.date
) -> Iterator[str]:
    yield from _place(scene, check.link, check.point, placed, "link", "point", vocabulary)
    for other in check.also:
        if vocabulary.scenes.get(other.scene) is None:
            yield f"{placed.at('also')}：场景“{other.scene}”不在 ontology/scenes。"
        else:
            yield from _place(other.scene, other.link, other.point, placed, "also", "also", vocabulary)
    yield from _unknown(check.tags, vocabulary.tags, placed.at("tags"), "风险标签")
    yield from _unresolved(check.basis, tree, placed.at("basis"))
    yield from _unresolved(check.penalty, tree, placed.at("penalty"))
    applies = check.applies
    for labels, concepts, name in (
        (applies.industry, vocabulary.industries, "industry"),
        (applies.activity, vocabulary.activities, "activity"),
        (applies.process, vocabulary.processes, "process"),
        (applies.equipment, vocabulary.equipment, "equipment"),
        (applies.substance, vocabulary.substances, "substance"),
    ):
        for label in labels:
            if concepts.find(label) is None and vocabulary.scenes.find(label) is None:
                yield f"{placed.at('applies')}.{name}：“{label}”不在 ontology 中。"
    basis = []
    for citation in check.basis:
        try:
            basis.append(tree.cite(citation))
        except CitationError:
            return
    if not any(node.document.is_in_force(today) for node in basis):
        yield f"{placed.at('basis')}：依据在 {today} 都不在施行；至少要有一条现行依据。"
    has_criterion = any(node.form and node.form.major_hazard for node in basis)
    if check.severity == "major" and not has_criterion:
        yield f"{placed.at('severity')}：标为重大事故隐患，但依据中没有判定标准的条款（major_hazard: true）。"
    if check.severity == "general" and has_criterion:
        yield f"{placed.at('severity')}：依据含重大事故隐患判定标准的条款，应标为 major，或删去该依据。"


def _asked(corpus: Corpus, tree: Tree) -> Iterator[str]:
    topics, seen = {t.id for t in corpus.outside}, set()
    asked = {form.topic for form, _ in corpus.asked}
    for topic in corpus.outside:
        if not topic.says and topic.id not in asked:
            yield f"outside 的题目“{topic.topic}”（{topic.id}）没有人问：请写 says，或者在 asked 里写一个问它的问题。"
    for form, placed in corpus.asked:
        if form.q in seen:
            yield f"{placed.at('q')}：问题“{form.q}”重复；请删去一处。"
        seen.add(form.q)
        yield from _unresolved(form.answered_by, tree, placed.at("answered_by"))
        if form.topic and form.topic not in topics:
            yield f"{placed.at('topic')}：outside 里没有编号是“{form.topic}”的题目；请核对编号，或先写入该题目。"


def _place(
    scene: str, link_label: str, point: str, placed: Placed, at_link: str, at_point: str, vocabulary: Vocabulary
) -> Iterator[str]:
    scene_iri = vocabulary.scenes.by_label[scene]
    link = vocabulary.child(scene_iri, link_label)
    if link is None:
        yield f"{placed.at(at_link)}：环节“{link_label}”不属于场景“{scene}”；已有：{_list(vocabulary, scene_iri)}。"
    elif vocabulary.child(link, point) is None:
        yield f"{placed.at(at_point)}：风险点“{point}”不属于环节“{link_label}”；已有：{_list(vocabulary, link)}。"


def _list(vocabulary: Vocabulary, parent: URIRef) -> str:
    return "、".join(vocabulary.children(parent)) or "（无）"


def _case(case: CaseForm, placed: Placed, tree: Tree, vocabulary: Vocabulary) -> Iterator[str]:
    yield from _unknown(case.tags, vocabulary.tags, placed.at("tags"), "风险标签")
    yield from _unknown(case.scenes, vocabulary.scenes, placed.at("scenes"), "场景")
    if case.industry and vocabulary.industries.find(case.industry) is None:
        yield f"{placed.at('industry')}：行业“{case.industry}”不在 ontology 中。"
    for name, citations in (
        ("violated", case.violated),
        ("penalty_basis", case.penalty_basis),
        ("corresponds", case.corresponds),
    ):
        yield from _unresolved(citations, tree, placed.at(name))
        for citation in citations:
            try:
                document = tree.cite(citation).document
            except CitationError:
                continue
            day = case.date
            if name != "corresponds" and day and not document.is_in_force(day):
                yield (
                    f"{placed.at(name)}：“{citation}”在案发日 {day} 不在施行；"
                    "请把当时的引用写进 cited_as，把现行条款写进 corresponds。"
                )
    if case.type == "no_penalty" and not case.non_penalty_ground:
        yield f"{placed.at('type')}：不予处罚的案例必须写明理由 non_penalty_ground。"
