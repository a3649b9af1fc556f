"""图谱与资料: browse documents, provisions and tags; a provision's neighbors as a picture."""

from __future__ import annotations

from html import escape

import gradio as gr

from assistant.entities import Document, Provision
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


def _documents(knowledge: Knowledge, kind: str) -> list[tuple[str, str]]:
    kinds = {label: key for key, label in KIND_LABELS.items()}
    rank = {key: n for n, key in enumerate(KIND_LABELS)}
    chosen = [d for d in knowledge.documents.values() if kind == ALL or d.kind == kinds.get(kind)]
    return [(f"{d.short}（{d.kind_label}）", d.id) for d in sorted(chosen, key=lambda d: (rank[d.kind], d.short))]


def _provisions(knowledge: Knowledge, document: str) -> list[tuple[str, str]]:
    iri = knowledge.documents[document].iri
    found = []
    for provision in knowledge.provisions.values():
        if provision.document.id == document and (provision.parent == iri or provision.gist):
            found.append((_sort_key(provision), f"{provision.number} {provision.heading or ''}".strip(), provision.id))
    return [(label, i) for _, label, i in sorted(found)]


def _sort_key(p: Provision) -> tuple[int, int, int, int, list[tuple[int, int, str]]]:
    parts = (
        [(0, int(c), "") if c.isdigit() else (1, 0, c) for c in p.number.replace(" ", ".").split(".")]
        if not p.article
        else []
    )
    return (p.article or 0, p.article_sub or 0, p.paragraph or 0, p.item or 0, parts)


def document_html(document: Document, knowledge: Knowledge) -> str:
    """What there is to know of a document."""
    provisions = [p for p in knowledge.provisions.values() if p.document.id == document.id]
    gists = sum(p.gist is not None for p in provisions)
    verified = sum(p.verified for p in provisions)
    rows = [
        ("全称", document.title),
        ("种类", document.kind_label + ("（强制）" if document.mandatory else "（推荐）")),
        ("发布", f"{document.issuer} {document.number or ''} {document.published}"),
        ("施行", f"{document.in_force}" + (f"，{document.repealed} 废止" if document.repealed else "")),
        ("替代", "、".join(document.replaces)),
        ("与其不一致时优先适用", "、".join(document.partly_superseded_by)),
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


def build(assistant: Assistant) -> None:
    """Lay out the tab."""

    def list_documents(kind: str) -> Update:
        choices = _documents(assistant.knowledge, kind)
        return update(choices=choices, value=choices[0][1] if choices else None)

    def open_document(document: str | None) -> tuple[str, Update]:
        if not document:
            return "<p>没有这一类文件。</p>", update(choices=[], value=None)
        knowledge = assistant.knowledge
        choices = _provisions(knowledge, document)
        return document_html(knowledge.documents[document], knowledge), update(
            choices=choices, value=choices[0][1] if choices else None
        )

    def open_thing(iri: str, center: str, card: str, page: int) -> tuple[str, str, str, Update]:
        around = neighbors(assistant.knowledge, iri)
        pages = max(1, -(-len(around) // PAGE))
        page = min(int(page or 1), pages)
        return card, neighbors_svg(center, around), neighbors_table(around, page), update(maximum=pages, value=page)

    def open_provision(provision_id: str | None, page: int) -> tuple[str, str, str, Update]:
        if not provision_id:
            return "", "", "", update(maximum=1, value=1)
        knowledge = assistant.knowledge
        provision = knowledge.provision_by_id[provision_id]
        shown = provision_out(provision, knowledge, assistant.today())
        return open_thing(provision.iri, provision.citation, render.provision_card(shown, opened=True), page)

    def open_tag(label: str | None, page: int) -> tuple[str, str, str, Update]:
        knowledge = assistant.knowledge
        iri = knowledge.vocabulary.tags.get(label or "")
        if iri is None:
            return "", "", "", update(maximum=1, value=1)
        concept = knowledge.concepts[str(iri)]
        card = (
            f'<article class="hg-card"><h4>{escape(concept.label)}</h4><p>{escape(concept.definition or "")}</p></article>'
        )
        return open_thing(str(iri), concept.label, card, page)

    def find_provision(text: str) -> tuple[Update, str]:
        knowledge = assistant.knowledge
        for mention in knowledge.names.find(text or ""):
            if mention.locator is None:
                continue
            try:
                provision = knowledge.find(mention.document, mention.locator)
            except HeguiError as error:
                return update(), render.error(str(error))
            label = f"{provision.number} {provision.heading or ''}".strip()
            choices = [*_provisions(knowledge, mention.document)]
            if provision.id not in {i for _, i in choices}:
                choices.append((label, provision.id))
            return update(choices=choices, value=provision.id), ""
        return update(), render.error(f"看不出“{text}”指哪一条；请写成“安全生产法第30条”或“GB 30871-2022 5.3”。")

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
                card = gr.HTML(elem_id="library-card")
                picture = gr.HTML(elem_id="library-picture")
                table = gr.HTML()
                page = gr.Slider(1, 1, value=1, step=1, label="相邻节点第几页")
        with gr.Tab("风险标签"):
            tag = gr.Dropdown([], label="标签", elem_id="library-tag")
            tag_card = gr.HTML()
            tag_picture = gr.HTML(elem_id="library-tag-picture")
            tag_table = gr.HTML()
            tag_page = gr.Slider(1, 1, value=1, step=1, label="相邻节点第几页")
        with gr.Tab("资料统计"):
            counts = gr.HTML(elem_id="library-stats")
            refresh = gr.Button("刷新", size="sm")

    shown = [card, picture, table, page]
    tag_shown = [tag_card, tag_picture, tag_table, tag_page]
    kind.change(list_documents, kind, document, api_name=False)
    document.change(open_document, document, [about, provision], api_name=False)
    provision.change(open_provision, [provision, page], shown, api_name=False)
    page.release(open_provision, [provision, page], shown, api_name=False)
    locate.submit(find_provision, locate, [provision, located], api_name=False)
    tag.change(open_tag, [tag, tag_page], tag_shown, api_name=False)
    tag_page.release(open_tag, [tag, tag_page], tag_shown, api_name=False)

    def stats_html() -> str:
        counts = assistant.stats()
        kinds = "".join(f"<tr><td>{KIND_LABELS[k]}</td><td>{n}</td></tr>" for k, n in counts["documents"]["by_kind"].items())
        scenes = "".join(f"<tr><td>{escape(k)}</td><td>{n}</td></tr>" for k, n in counts["checks"]["by_scene"].items())
        p = counts["provisions"]
        return (
            f"<p>条款 {p['total']} 个（有要点 {p['with_gist']}，已核对 {p['verified']}，有原文 {p['with_official_text']}）；"
            f"案例 {counts['cases']['total']} 件（上海 {counts['cases']['shanghai']}）；三元组 {counts['triples']} 个。</p>"
            f"<table class='hg-table'><tr><th>文件种类</th><th>数目</th></tr>{kinds}</table><br>"
            f"<table class='hg-table'><tr><th>场景</th><th>检查项</th></tr>{scenes}</table>"
        )

    def start() -> tuple[Update, Update, str]:
        labels = sorted(assistant.knowledge.vocabulary.tags.by_label)
        return (
            list_documents(ALL),
            update(choices=labels, value="有限空间" if "有限空间" in labels else None),
            stats_html(),
        )

    refresh.click(stats_html, None, counts, api_name=False)
    at_page_load(start, [document, tag, counts])
