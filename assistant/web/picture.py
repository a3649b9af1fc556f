"""A provision and its neighbors as a picture: an SVG drawn on the server, readable without scripts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from rdflib import URIRef

from assistant.knowledge import Knowledge, read_query

KINDS = {
    "document": ("文件", "#1f5f8b"),
    "provision": ("条款", "#2f7d5d"),
    "penalty": ("罚则", "#b3261e"),
    "check": ("检查项", "#8a5a00"),
    "case": ("案例", "#6a3fa0"),
    "tag": ("标签", "#52606d"),
    "scene": ("场景", "#00707a"),
}
PER_KIND = 6


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A thing next to another in the graph."""

    iri: str
    kind: str
    label: str
    relation: str


_RELATIONS = {
    "riskTag": "标签",
    "scene": "场景",
    "penalizedBy": "处罚依据",
    "cites": "引用",
    "basis": "依据",
    "violates": "违反",
    "penaltyBasis": "处罚依据",
    "corresponds": "对应",
    "partOfDocument": "属于",
    "repeals": "替代",
    "based_on": "制定依据",
    "amends": "修改",
    "partlySupersededBy": "部分被取代",
}


def neighbors(knowledge: Knowledge, iri: str) -> list[Neighbor]:
    """What stands next to a thing, by kind and label."""
    rows = knowledge.graph.query(read_query("neighbors.rq"), initBindings={"thing": URIRef(iri)})
    found: dict[str, Neighbor] = {}
    for row in rows:
        other, prop = str(row.other), str(row.property)  # type: ignore[union-attr]
        relation = _RELATIONS.get(prop.rsplit("#", 1)[-1].rsplit("/", 1)[-1], "相关")
        neighbor = _describe(knowledge, other, relation)
        if neighbor and other not in found:
            found[other] = neighbor
    order = {kind: n for n, kind in enumerate(KINDS)}
    return sorted(found.values(), key=lambda n: (order[n.kind], n.label))


def _describe(knowledge: Knowledge, iri: str, relation: str) -> Neighbor | None:
    provision = knowledge.provisions.get(iri)
    if provision:
        kind = "penalty" if provision.modality == "penalty" else "provision"
        return Neighbor(iri, kind, provision.citation, relation)
    last = iri.rsplit("/", 1)[-1]
    if "/check/" in iri and last in knowledge.checks:
        return Neighbor(iri, "check", knowledge.checks[last].ask, relation)
    if "/case/" in iri and last in knowledge.cases:
        return Neighbor(iri, "case", knowledge.cases[last].title, relation)
    if iri in knowledge.concepts:
        return Neighbor(iri, "tag" if "/tag/" in iri else "scene", knowledge.label(iri), relation)
    document = next((d for d in knowledge.documents.values() if d.iri == iri), None)
    return Neighbor(iri, "document", document.short, relation) if document else None


def neighbors_svg(center: str, around: list[Neighbor]) -> str:
    """The picture: the thing in the middle, its neighbors in a ring, at most six of a kind."""
    shown: list[Neighbor] = []
    left_out = 0
    for kind in KINDS:
        mine = [n for n in around if n.kind == kind]
        shown.extend(mine[:PER_KIND])
        left_out += max(0, len(mine) - PER_KIND)
    width, height, cx, cy = 960, 620, 480, 310
    parts = [
        f'<svg class="hg-graph" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(center, quote=True)}的关系图"'
        ' xmlns="http://www.w3.org/2000/svg">'
    ]
    nodes = []
    for index, neighbor in enumerate(shown):
        angle = 2 * math.pi * index / max(1, len(shown)) - math.pi / 2
        stretch = 0.78 if index % 2 and len(shown) > 10 else 1.0
        x, y = cx + 350 * stretch * math.cos(angle), cy + 255 * stretch * math.sin(angle)
        color = KINDS[neighbor.kind][1]
        parts.append(f'<line x1="{cx}" y1="{cy}" x2="{x:.0f}" y2="{y:.0f}" stroke="{color}" stroke-opacity=".45"/>')
        mx, my = (cx + 2 * x) / 3, (cy + 2 * y) / 3
        parts.append(f'<text x="{mx:.0f}" y="{my:.0f}" class="hg-edge">{escape(neighbor.relation)}</text>')
        nodes.append(_box(x, y, neighbor.label, color))
    parts += [*nodes, _box(cx, cy, center, "#102a43", strong=True)]
    legend = "".join(
        f'<text x="{12 + 92 * i}" y="{height - 8}" fill="{color}" class="hg-legend">■ {name}</text>'
        for i, (name, color) in enumerate(KINDS.values())
    )
    parts.append(legend + "</svg>")
    more = f"<p class='hg-quiet'>每类最多画 {PER_KIND} 个，另有 {left_out} 个见下表。</p>" if left_out else ""
    return "".join(parts) + more


def _box(x: float, y: float, label: str, color: str, *, strong: bool = False) -> str:
    short = label if len(label) <= 13 else label[:12] + "…"
    wide = 18 + 13.5 * sum(1 if ord(c) > 255 else 0.55 for c in short)
    fill = color if strong else "#fff"
    ink = "#fff" if strong else color
    left = x - wide / 2
    return (
        f"<g><title>{escape(label)}</title>"
        f'<rect x="{left:.0f}" y="{y - 15:.0f}" width="{wide:.0f}" height="30" rx="8" fill="{fill}" stroke="{color}"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" fill="{ink}" class="hg-node">{escape(short)}</text></g>'
    )
