"""图谱与资料: browse documents, provisions and tags; a provision's neighbors as a picture."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from assistant.coverage import Coverage, coverage
from assistant.entities import Concept, Document
from assistant.knowledge import Knowledge
from assistant.models import provision_out
from assistant.service import Assistant
from assistant.web import render
from assistant.web.parts import Update, at_page_load, update
from assistant.web.picture import KINDS, Neighbor, neighbors, neighbors_svg
from kg_build.errors import HeguiError
from kg_build.forms import KIND_LABELS

ALL = "全部"
PAGE = 20
BEGIN = "<p class='hg-quiet'>选一件文件，或者直接定位一条，这里显示它的内容和相邻的节点。</p>"
"""What stands in the place of a card until something is chosen."""
View = tuple[str, str, str, Update]


def _documents(knowledge: Knowledge, kind: str) -> list[tuple[str, str]]:
    kinds = {label: key for key, label in KIND_LABELS.items()}
    rank = {key: n for n, key in enumerate(KIND_LABELS)}
    chosen = [d for d in knowledge.documents.values() if kind == ALL or d.kind == kinds.get(kind)]
    return [(f"{d.short}（{d.kind_label}）", d.id) for d in sorted(chosen, key=lambda d: (rank[d.kind], d.short))]


def _provisions(knowledge: Knowledge, document: str) -> list[tuple[str, str]]:
    iri = knowledge.documents[document].iri
    shown = (p for p in knowledge.provisions.values() if p.document.id == document and (p.parent == iri or p.gist))
    return [(f"{p.number} {p.heading or ''}".strip(), p.id) for p in shown]


def document_html(document: Document, knowledge: Knowledge) -> str:
    """What there is to know of a document."""
    provisions = [p for p in knowledge.provisions.values() if p.document.id == document.id]
    gists = sum(p.gist is not None for p in provisions)
    verified = sum(p.verified for p in provisions)
    successors = [d.short for d in knowledge.successors.get(document.short, ())]
    rows = [
        ("全称", document.title),
        ("种类", document.kind_label + ("（强制）" if document.mandatory else "（推荐）")),
        ("发布", f"{document.issuer} {document.number or ''} {document.published}"),
        ("施行", f"{document.in_force}" + (f"，{document.repealed} 废止" if document.repealed else "")),
        ("本版本", str(document.version) if document.version != document.published else ""),
        ("替代", "、".join(document.replaces)),
        ("与其不一致时优先适用", "、".join(document.partly_superseded_by)),
        ("修改", "、".join(document.amends)),
        ("被替代于", "、".join(successors)),
        ("失效依据", document.ended_by or ""),
        ("制定依据", "、".join(document.based_on)),
        ("收录", f"条款 {len(provisions)} 个，有要点 {gists} 个，其中与原文核对过 {verified} 个"),
        ("核对所用文本", document.checked_against or "未核对"),
        ("说明", document.note or ""),
    ]
    cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows if v)
    link = ""
    if document.url:
        link = f'<p><a href="{escape(document.url, quote=True)}" target="_blank" rel="noreferrer noopener">官方页面</a></p>'
    return f"<table class='hg-table'>{cells}</table>{link}"


def neighbors_table(around: list[Neighbor], page: int) -> str:
    """One page of the neighbors as a table."""
    part = around[(page - 1) * PAGE : page * PAGE]
    rows = "".join(
        f"<tr><td>{KINDS[n.kind][0]}</td><td>{escape(n.relation)}</td><td>{escape(n.label)}</td></tr>" for n in part
    )
    pages = max(1, -(-len(around) // PAGE))
    return (
        f"<table class='hg-table'><tr><th>种类</th><th>关系</th><th>名称</th></tr>{rows}</table>"
        f"<p class='hg-quiet'>共 {len(around)} 个相邻节点，第 {page} / {pages} 页</p>"
    )


def tag_card(concept: Concept) -> str:
    """A tag with its meaning."""
    return f'<article class="hg-card"><h4>{escape(concept.label)}</h4><p>{escape(concept.definition or "")}</p></article>'


def stats_html(counts: dict[str, Any]) -> str:
    """What the snapshot holds, as tables."""
    kinds = "".join(f"<tr><td>{KIND_LABELS[k]}</td><td>{n}</td></tr>" for k, n in counts["documents"]["by_kind"].items())
    scenes = "".join(f"<tr><td>{escape(k)}</td><td>{n}</td></tr>" for k, n in counts["checks"]["by_scene"].items())
    p = counts["provisions"]
    return (
        f"<p>条款 {p['total']} 个（有要点 {p['with_gist']}，已核对 {p['verified']}，有原文 {p['with_official_text']}）；"
        f"案例 {counts['cases']['total']} 件（上海 {counts['cases']['shanghai']}）；三元组 {counts['triples']} 个。</p>"
        f"<table class='hg-table'><tr><th>文件种类</th><th>数目</th></tr>{kinds}</table><br>"
        f"<table class='hg-table'><tr><th>场景</th><th>检查项</th></tr>{scenes}</table>"
    )


def coverage_html(table: Coverage) -> str:
    """Scene by industry: checks, documents and cases; an empty cell is a gap."""
    used = table.used
    head = "".join(f"<th>{escape(table.industries[n])}</th>" for n in used)
    rows = "".join(
        f"<tr><th>{escape(r.scene)}</th><td>{r.total.text}</td>"
        + "".join(f"<td>{r.cells[n].text}</td>" for n in used)
        + "</tr>"
        for r in table.rows
    )
    return (
        "<p>每格依次是：点名适用该行业的检查项 · 这些检查项所依据的文件 · 该行业的案例。空格表示资料库在这里没有内容。</p>"
        f"<div class='hg-wide'><table class='hg-table'><tr><th>场景</th><th>合计</th>{head}</tr>{rows}</table></div>"
    )


class Views:
    """What the tab's events show; each view is card, picture, table and page number."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def neighbors(self, iri: str, center: str, card: str, page: float | None) -> View:
        """A thing's card, and one page of its neighbors."""
        around = neighbors(self.assistant.knowledge, iri)
        number = min(max(1, int(page or 1)), max(1, -(-len(around) // PAGE)))
        return card, neighbors_svg(center, around), neighbors_table(around, number), update(value=number)

    def provision(self, provision_id: str | None, page: float | None = 1) -> View:
        """A provision and its neighbors."""
        knowledge = self.assistant.knowledge
        provision = knowledge.provision_by_id.get(provision_id or "")
        if provision is None:
            return "", "", "", update(value=1)
        shown = provision_out(provision, knowledge, self.assistant.today())
        return self.neighbors(provision.iri, provision.citation, render.provision_card(shown, opened=True), page)

    def tag(self, label: str | None, page: float | None = 1) -> View:
        """A risk tag and its neighbors."""
        knowledge = self.assistant.knowledge
        iri = knowledge.vocabulary.tags.get(label or "")
        if iri is None:
            return "", "", "", update(value=1)
        concept = knowledge.concepts[str(iri)]
        return self.neighbors(concept.iri, concept.label, tag_card(concept), page)

    def document(self, document: str | None, chosen: str | None = None) -> tuple[Any, ...]:
        """A document, the list of its provisions, and the chosen (else the first) of them."""
        knowledge = self.assistant.knowledge
        if document not in knowledge.documents:
            return ("<p>没有这一类文件。</p>", update(choices=[], value=None), *self.provision(None))
        choices = _provisions(knowledge, document)
        if chosen and chosen not in {i for _, i in choices}:
            choices.append((knowledge.provision_by_id[chosen].number, chosen))
        value = chosen or (choices[0][1] if choices else None)
        about = document_html(knowledge.documents[document], knowledge)
        return (about, update(choices=choices, value=value), *self.provision(value))

    def kind(self, kind: str) -> tuple[Any, ...]:
        """The documents of a kind, and the first of them."""
        choices = _documents(self.assistant.knowledge, kind)
        first = choices[0][1] if choices else None
        return (update(choices=choices, value=first), *self.document(first))

    def opening(self) -> Update:
        """The documents to choose from. None is chosen: it would come over what a quick reader has asked for meanwhile."""
        return update(choices=_documents(self.assistant.knowledge, ALL))

    def locate(self, text: str) -> tuple[Any, ...]:
        """The provision that a citation names."""
        knowledge = self.assistant.knowledge
        for mention in knowledge.names.find(text or ""):
            if mention.locator is None:
                continue
            try:
                provision = knowledge.find(mention.document, mention.locator)
            except HeguiError as error:
                return (render.error(str(error)), *(update() for _ in range(8)))
            everything = update(choices=_documents(knowledge, ALL), value=mention.document)
            return ("", update(value=ALL), everything, *self.document(mention.document, provision.id))
        sentence = f"看不出“{text}”指哪一条；请写成“安全生产法第30条”或“GB 30871-2022 5.3”。"
        return (render.error(sentence), *(update() for _ in range(8)))

    def overview(self) -> tuple[Any, ...]:
        """Tags, counts and coverage when the page opens."""
        labels = sorted(self.assistant.knowledge.vocabulary.tags.by_label)
        tag = "有限空间" if "有限空间" in labels else None
        counts = stats_html(self.assistant.stats())
        table = coverage_html(coverage(self.assistant.knowledge))
        return (update(choices=labels, value=tag), *self.tag(tag), counts, table)


def build(assistant: Assistant) -> None:
    """Lay out the tab."""
    views = Views(assistant)
    with gr.Tabs():
        with gr.Tab("文件与条款"), gr.Row(equal_height=False):
            with gr.Column(scale=1, min_width=300):
                locate = gr.Textbox(label="直接定位条款", placeholder="安全生产法第30条", elem_id="library-locate")
                located = gr.HTML()
                kind = gr.Dropdown([ALL, *KIND_LABELS.values()], value=ALL, label="种类")
                document = gr.Dropdown([], label="文件", elem_id="library-document")
                provision = gr.Dropdown([], label="条款", elem_id="library-provision")
                about = gr.HTML()
            with gr.Column(scale=2, min_width=320):
                card = gr.HTML(BEGIN, elem_id="library-card")
                picture = gr.HTML(elem_id="library-picture")
                table = gr.HTML()
                page = gr.Number(1, minimum=1, precision=0, label="相邻节点第几页")
        with gr.Tab("风险标签"):
            tag = gr.Dropdown([], label="标签", elem_id="library-tag")
            tagged = gr.HTML()
            tag_picture = gr.HTML(elem_id="library-tag-picture")
            tag_table = gr.HTML()
            tag_page = gr.Number(1, minimum=1, precision=0, label="相邻节点第几页")
        with gr.Tab("资料统计"):
            counts = gr.HTML(elem_id="library-stats")
        with gr.Tab("覆盖表"):
            covered = gr.HTML(elem_id="library-coverage")

    shown, tag_shown = [card, picture, table, page], [tagged, tag_picture, tag_table, tag_page]
    opened = [about, provision, *shown]

    at_page_load(views.opening, document)
    at_page_load(views.overview, [tag, *tag_shown, counts, covered])
    # Only what the reader does starts an event: a chain of `change` events would race with itself.
    kind.input(views.kind, kind, [document, *opened], api_name=False)
    document.input(views.document, document, opened, api_name=False)
    provision.input(views.provision, provision, shown, api_name=False)
    page.submit(views.provision, [provision, page], shown, api_name=False)
    locate.submit(views.locate, locate, [located, kind, document, *opened], api_name=False)
    tag.input(views.tag, tag, tag_shown, api_name=False)
    tag_page.submit(views.tag, [tag, tag_page], tag_shown, api_name=False)
