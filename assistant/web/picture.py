"""A provision and its neighbors as a picture: an SVG drawn on the server, readable without scripts."""

from __future__ import annotations

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
LEFT = ("document", "provision", "penalty", "tag", "scene")
WIDTH, BOX, ROW = 960, 300, 36


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
    """The picture: the thing in the middle, law and tags on its left, checks and cases on its right, six of a kind."""
    shown = {kind: [n for n in around if n.kind == kind][:PER_KIND] for kind in KINDS}
    left_out = len(around) - sum(map(len, shown.values()))
    left = [n for kind in LEFT for n in shown[kind]]
    right = [n for kind in KINDS if kind not in LEFT for n in shown[kind]]
    while len(left) > len(right) + 1 and left[-1].kind in ("tag", "scene"):
        right.append(left.pop())
    height = max(len(left), len(right), 3) * ROW + 60
    middle = (height - 30) / 2
    parts = [
        f'<svg class="hg-graph" viewBox="0 0 {WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg"'
        f' aria-label="{escape(center, quote=True)}的关系图">'
    ]
    boxes = []
    for column, x, edge in ((left, 8, BOX), (right, WIDTH - BOX - 8, WIDTH - BOX - 8)):
        top = middle - (len(column) - 1) * ROW / 2
        for index, neighbor in enumerate(column):
            y = top + index * ROW
            color = KINDS[neighbor.kind][1]
            start = WIDTH / 2 - 100 if x < WIDTH / 2 else WIDTH / 2 + 100
            end = edge + 8 if x < WIDTH / 2 else edge
            bend = (start + end) / 2
            parts.append(
                f'<path d="M{start:.0f} {middle:.0f} C{bend:.0f} {middle:.0f} {bend:.0f} {y:.0f} {end:.0f} {y:.0f}"'
                f' fill="none" stroke="{color}" stroke-opacity=".5"/>'
            )
            boxes.append(_box(x, y, f"{neighbor.relation}　{neighbor.label}", neighbor.label, color))
    boxes.append(_box(WIDTH / 2 - 110, middle, center, center, "#102a43", width=220, strong=True))
    legend = "".join(
        f'<text x="{12 + 92 * i}" y="{height - 10}" fill="{color}" class="hg-legend">■ {name}</text>'
        for i, (name, color) in enumerate(KINDS.values())
    )
    more = f"<p class='hg-quiet'>每类最多画 {PER_KIND} 个，另有 {left_out} 个见下表。</p>" if left_out else ""
    return "".join([*parts, *boxes, legend, "</svg>", more])


def _box(x: float, y: float, words: str, full: str, color: str, *, width: float = BOX, strong: bool = False) -> str:
    fits = int((width - 18) / 13)
    short = words if len(words) <= fits else words[: fits - 1] + "…"
    fill, ink = (color, "#fff") if strong else ("#fff", color)
    return (
        f"<g><title>{escape(full)}</title>"
        f'<rect x="{x:.0f}" y="{y - 14:.0f}" width="{width:.0f}" height="28" rx="7" fill="{fill}" stroke="{color}"/>'
        f'<text x="{x + width / 2:.0f}" y="{y + 5:.0f}" fill="{ink}" class="hg-node">{escape(short)}</text></g>'
    )
