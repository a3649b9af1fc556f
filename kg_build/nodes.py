"""The tree of provisions: every article, paragraph and item of the corpus as a node, and how citations find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kg_build.citation import Locator, clause_order, outline_text, parse_locator
from kg_build.corpus import Corpus, Placed, Rules
from kg_build.errors import CitationError
from kg_build.forms import DocumentForm, ProvisionForm
from kg_build.names import Names
from kg_build.statutes import OfficialArticle, package_version, read_statute, split_article


@dataclass(slots=True)
class Node:
    """One provision: what we say of it (``form``) and what its official text says, where each is known."""

    document: DocumentForm
    locator: Locator
    form: ProvisionForm | None = None
    placed: Placed | None = None
    official_text: str | None = None
    official_source: str | None = None
    chapter: str | None = None

    @property
    def id(self) -> str:
        """Stable id, ``npc-…/art_30/para_1``."""
        return f"{self.document.id}/{self.locator.path}"

    @property
    def citation(self) -> str:
        """As a reader cites it: 《安全生产法》第三十条第一款 or GB 30871-2022 5.3.2."""
        if self.document.is_standard:
            return f"{self.document.short} {self.locator.text}"
        if self.locator.clause:
            return f"《{self.document.short}》{outline_text(self.locator)}"
        return f"《{self.document.short}》{self.locator.text}"

    @property
    def verified(self) -> bool:
        """Whether the gist was compared with a text."""
        return bool(self.form and self.form.verified and self.document.checked)


@dataclass(slots=True)
class Tree:
    """All nodes by document and locator; the one resolver of citations."""

    names: Names
    documents: dict[str, DocumentForm] = field(default_factory=dict)
    nodes: dict[str, dict[Locator, Node]] = field(default_factory=dict)

    def document(self, name: str) -> DocumentForm | None:
        """The document with that id or written name."""
        return self.documents.get(name) or self.documents.get(self.names.resolve(name) or "")

    def all(self) -> Iterable[Node]:
        """Every node, documents in the corpus's order, places in reading order."""
        for places in self.nodes.values():
            yield from places.values()

    def upward(self, node: Node) -> Iterator[Node]:
        """The nodes that ``node`` lies in, the nearest first."""
        places, at = self.nodes[node.document.id], node.locator
        while not at.is_whole:
            at = at.wider
            if at in places:
                yield places[at]

    def below(self, node: Node) -> Iterator[Node]:
        """The nodes that lie in ``node``, in reading order."""
        places = self.nodes[node.document.id]
        return (n for n in places.values() if n is not node and any(a is node for a in self.upward(n)))

    def cite(self, citation: str, within: str | None = None) -> Node:
        """The node a citation names; ``within`` is the document of a bare locator. Raise when there is none."""
        if within is not None:
            try:
                return self.find(within, parse_locator(citation))
            except CitationError as bare:
                try:
                    return self.find(*self.names.split(citation))
                except CitationError as error:
                    raise (bare if citation.lstrip().startswith("第") else error) from None
        return self.find(*self.names.split(citation))

    def find(self, document: str, locator: Locator) -> Node:
        """The node at ``locator``, forgiving a paragraph number that the article's form makes needless."""
        places = self.nodes[document]
        found = places.get(locator) or self._equivalent(places, locator)
        if found is None:
            form = self.documents[document]
            known = "" if locator.article_locator in places else f"（{form.short}在资料库中没有这一条）"
            raise CitationError(f"引用的条款“{form.short} {locator.text}”不存在{known}；请核对条款号，或先写入该条款。")
        return found

    @staticmethod
    def _equivalent(places: Mapping[Locator, Node], locator: Locator) -> Node | None:
        if locator.paragraph == 1:
            bare = places.get(replace(locator, paragraph=0))
            several = replace(locator.article_locator, paragraph=2) in places
            if bare is not None and not several:
                return bare
        if locator.item and not locator.paragraph:
            same = [
                n
                for p, n in places.items()
                if (p.article, p.sub, p.item, p.point) == (locator.article, locator.sub, locator.item, locator.point)
            ]
            return same[0] if len(same) == 1 else None
        return None


OfficialTexts = Mapping[str, tuple[str, list[OfficialArticle]]]
"""Document id → (name of the source, articles), for texts that the user imported."""


def grow(corpus: Corpus, imported: OfficialTexts | None = None) -> tuple[Tree, list[str]]:
    """Build the tree; return it with the problems found (places that don't parse, exist twice, or aren't in the text)."""
    tree = Tree(corpus.names())
    problems: list[str] = []
    for rules in corpus.rules:
        document = rules.document
        if document.id in tree.documents:
            problems.append(f"{rules.place.at('id')}：文件编号“{document.id}”重复；每个文件的 id 必须唯一。")
            continue
        tree.documents[document.id] = document
        tree.nodes[document.id] = {}
        problems.extend(_grow_document(tree.nodes[document.id], rules, (imported or {}).get(document.id)))
    return tree, problems


def _grow_document(
    places: dict[Locator, Node], rules: Rules, imported: tuple[str, list[OfficialArticle]] | None
) -> list[str]:
    document, problems = rules.document, []
    source, articles = imported or (None, [])
    if not articles and document.official_text:
        source, articles = package_version(), read_statute(document.official_text.law)
        if not articles:
            problems.append(
                f"{rules.place.at('official_text')}：法律文本包中没有《{document.official_text.law}》；请核对全称。"
            )
    strict = bool(articles) and imported is None
    official: dict[Locator, Node] = {}
    for article in articles:
        for node in _official_nodes(document, article, source):
            official[node.locator] = node
    if document.articles == "all":
        places.update(official)
    for form, placed in zip(rules.provisions, rules.places, strict=True):
        try:
            locator = parse_locator(form.at)
        except CitationError as error:
            problems.append(f"{placed.at('at')}：{error}")
            continue
        # Notices and lists number their parts as they like; laws by article, standards by clause.
        if document.kind != "normative_document" and document.is_standard != bool(locator.clause):
            problems.append(f"{placed.at('at')}：“{form.at}”与文件类型不符；法律法规写“第N条”，标准写“5.3.2”。")
            continue
        known = official.get(locator) or Tree._equivalent(official, locator)
        if strict and known is None:
            problems.append(f"{placed.at('at')}：官方文本中没有“{document.short} {locator.text}”；请核对条款号。")
            continue
        for parent in (locator.article_locator, known.locator if known else locator):
            places.setdefault(parent, official.get(parent) or Node(document, parent))
        node = places[known.locator if known else locator]
        if node.form is not None:
            problems.append(f"{placed.at('at')}：“{form.at}”写了两次；同一条款只能写一处。")
            continue
        node.form, node.placed = form, placed
        if document.articles == "listed":
            for place, below in official.items():
                if place.article_locator == locator.article_locator:
                    places.setdefault(place, below)
    ordered = dict(sorted(places.items(), key=lambda pair: _reading_order(pair[0])))
    places.clear()
    places.update(ordered)
    return problems


def _official_nodes(document: DocumentForm, article: OfficialArticle, source: str | None) -> Iterable[Node]:
    whole = article.locator
    chapter = " ".join(p for p in (article.chapter, article.section) if p) or None
    yield Node(document, whole, official_text=article.text, official_source=source, chapter=chapter)
    if whole.clause:
        return
    parts = split_article(article.text)
    several = any(part.paragraph > 1 for part in parts)
    for part in parts:
        if part.item == 0 and not several:
            continue
        place = replace(whole, paragraph=part.paragraph if several else 0, item=part.item)
        yield Node(document, place, official_text=part.text, official_source=source, chapter=chapter)


def _reading_order(locator: Locator) -> tuple[object, ...]:
    order = (locator.article, locator.sub, locator.paragraph, locator.item, locator.point)
    return (*order, clause_order(locator.clause), clause_order(locator.letter))
