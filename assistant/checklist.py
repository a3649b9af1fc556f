"""Profile or scene → checklist: the checks that apply, grouped industry → scene → key link → risk point."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from pydantic import BaseModel

from assistant.entities import Check
from assistant.knowledge import Knowledge
from assistant.models import CheckOut, check_out, grounds_of
from kg_build.errors import UsageError

ALL_INDUSTRIES = "各行业通用"
THIS_FIRM = "适用于本企业"
TRADE, CHEMICAL = "工贸", frozenset({"化工和危险化学品", "医药"})


class ChecklistItem(CheckOut):
    """A check with its number in this list."""

    number: str


class PointGroup(BaseModel):
    """Items of one risk point."""

    point: str
    items: list[ChecklistItem]


class LinkGroup(BaseModel):
    """Risk points of one key link."""

    link: str
    points: list[PointGroup]


class SceneGroup(BaseModel):
    """Key links of one scene, for one industry or for all."""

    industry: str
    scene: str
    links: list[LinkGroup]


class Checklist(BaseModel):
    """A checklist with what it rests on. ``profile`` is the plain text it was made from, when there was one."""

    title: str
    as_of: datetime.date
    scenes: list[str]
    profile: str | None = None
    understood: list[str] = []
    conclusions: list[str] = []
    groups: list[SceneGroup]
    total: int
    major: int
    mandatory: int
    documents: list[str]
    notices: list[str] = []

    def items(self) -> list[ChecklistItem]:
        """All items in order."""
        return [i for g in self.groups for k in g.links for p in k.points for i in p.items]

    def only(self, scenes: Collection[str]) -> Checklist:
        """The part of it that belongs to some scenes (labels), counted anew; items keep their numbers."""
        groups = [g for g in self.groups if g.scene in scenes]
        kept = self.model_copy(update={"groups": groups, "scenes": [s for s in self.scenes if s in scenes]})
        items = kept.items()
        return kept.model_copy(
            update={
                "total": len(items),
                "major": sum(i.severity == "major" for i in items),
                "mandatory": sum(i.nature == "mandatory" for i in items),
                "documents": _documents(items),
            }
        )


class Facts(BaseModel):
    """What is known of a plant: concept IRIs (with what they are narrower than) and the number of people."""

    concepts: frozenset[str] = frozenset()
    headcount: int | None = None


def resolve_scenes(names: Iterable[str], knowledge: Knowledge) -> list[str]:
    """IRIs of the scenes called ``names`` (label, other name or slug); raise :class:`UsageError` for an unknown one."""
    found = []
    for name in names:
        iri = knowledge.vocabulary.scenes.find(name)
        if iri is None:
            known = "、".join(knowledge.label(s) for s in scenes_with_checks(knowledge))
            raise UsageError(f"没有叫“{name}”的场景；可选：{known}。")
        found.append(str(iri))
    return list(dict.fromkeys(found))


def scenes_with_checks(knowledge: Knowledge) -> list[str]:
    """IRIs of the scenes that have checks, in their order."""
    used = {scene for c in knowledge.checks.values() for scene, _, _ in places_of(c, knowledge)}
    return sorted(used, key=lambda s: (knowledge.concepts[s].order, s))


def places_of(check: Check, knowledge: Knowledge) -> list[tuple[str, str, str]]:
    """Every (scene, key link, risk point) a check belongs to, its home first."""
    places = [(check.scene, check.link, check.point)]
    for point in check.also:
        link = knowledge.concepts[point].broader or ""
        places.append((knowledge.concepts[link].broader or "", link, point))
    return places


def _seen_from(check: Check, scenes: Sequence[str], knowledge: Knowledge) -> Check | None:
    """The check as it stands in the chosen scenes: at home where that was chosen, else at its further place."""
    for scene, link, point in places_of(check, knowledge):
        if scene in scenes:
            return replace(check, scene=scene, link=link, point=point)
    return None


def applies(check: Check, facts: Facts | None, knowledge: Knowledge) -> bool:
    """Whether a check applies to a plant; with no facts at all, everything in the scene does.

    A check that names activities, equipment … needs one of each kind it names; the activity that a scene is named after
    is given with the scene. Industry narrows only when the plant's industry is known: a plant that did not say its
    industry must not lose checks.
    """
    if facts is None:
        return True
    if check.min_headcount is not None and facts.headcount is not None and facts.headcount < check.min_headcount:
        return False
    scene = knowledge.label(check.scene)
    for kind, wanted in check.applies.items():
        if facts.concepts.intersection(wanted):
            continue
        if kind == "activity" and any(knowledge.label(c) == scene for c in wanted):
            continue
        if kind == "industry" and not any("/industry/" in c for c in facts.concepts):
            continue
        return False
    return True


def make_checklist(
    knowledge: Knowledge,
    scenes: Sequence[str],
    day: datetime.date,
    *,
    facts: Facts | None = None,
    profile: str | None = None,
    understood: Sequence[str] = (),
    conclusions: Sequence[str] = (),
    title: str | None = None,
) -> Checklist:
    """Make the checklist of ``scenes`` (IRIs) on ``day`` for a plant with ``facts``.

    A check none of whose grounds is law on that day is left out. Raise :class:`UsageError` when nothing is left.
    """
    seen = (_seen_from(c, scenes, knowledge) for c in knowledge.checks.values())
    chosen = [c for c in seen if c and applies(c, facts, knowledge)]
    industries = frozenset(c for c in facts.concepts if "/industry/" in c) if facts else frozenset()
    out = {c.id: check_out(c, knowledge, day, industries=industries) for c in chosen}
    chosen = [c for c in chosen if out[c.id].basis]
    if not chosen:
        names = "、".join(knowledge.label(s) for s in scenes)
        raise UsageError(f"{day} 没有适用于“{names}”的检查项；请换一个日期或场景。")
    order = {iri: n for n, iri in enumerate(scenes)}
    # Where the firm's industry is known every item left is for it: sectors would only scatter them.
    sectors = {c.id: THIS_FIRM if industries else _industry(c, knowledge) for c in chosen}
    chosen.sort(key=lambda c: (order[c.scene], sectors[c.id] != ALL_INDUSTRIES, sectors[c.id], *_place(c, knowledge)))
    groups: list[SceneGroup] = []
    for check in chosen:
        item = out[check.id]
        industry = sectors[check.id]
        if not groups or (groups[-1].industry, groups[-1].scene) != (industry, item.scene):
            groups.append(SceneGroup(industry=industry, scene=item.scene, links=[]))
        links = groups[-1].links
        if not links or links[-1].link != item.link:
            links.append(LinkGroup(link=item.link, points=[]))
        points = links[-1].points
        if not points or points[-1].point != item.point:
            points.append(PointGroup(point=item.point, items=[]))
        number = f"{len(groups)}.{len(links)}.{sum(len(p.items) for p in points) + 1}"
        points[-1].items.append(ChecklistItem(number=number, **item.model_dump()))
    labels = [knowledge.label(s) for s in scenes]
    items = [out[c.id] for c in chosen]
    return Checklist(
        title=title or f"{'、'.join(labels) if len(labels) <= 3 else labels[0] + f'等{len(labels)}个场景'}安全检查清单",
        as_of=day,
        scenes=labels,
        profile=profile,
        understood=list(understood),
        conclusions=list(conclusions),
        groups=groups,
        total=len(items),
        major=sum(i.severity == "major" for i in items),
        mandatory=sum(i.nature == "mandatory" for i in items),
        documents=_documents(items),
        notices=[*([knowledge.notice] if knowledge.notice else []), *_reach(chosen, knowledge, day, industries)],
    )


def _reach(checks: Iterable[Check], knowledge: Knowledge, day: datetime.date, industries: Collection[str]) -> Iterator[str]:
    """What the reader must know of rules that bind only some industries."""
    grounds = [grounds_of(c, knowledge, day, industries) for c in checks]
    foreign = sum(not binding for _, binding in grounds)
    if foreign:
        yield f"有 {foreign} 项的依据不约束本企业所属行业，列出供参照，标为推荐，不能据以处罚。"
    limited = sorted({p.document.short for law, _ in grounds for p in law if p.document.binds})
    if limited and not industries:
        yield f"没有写明企业行业；{'、'.join(limited)}只约束特定行业，写明行业后清单只列约束本企业的依据。"


def _documents(items: Iterable[CheckOut]) -> list[str]:
    grounds = (b for i in items for b in i.basis)
    return sorted(
        {f"《{b.document_title}》" if b.clause is None else f"{b.document}《{b.document_title}》" for b in grounds}
    )


def _industry(check: Check, knowledge: Knowledge) -> str:
    """The sector under which a list for all firms shows a check; the item itself names its industries exactly."""
    widest = {knowledge.label(knowledge.widest(i)) for i in check.applies.get("industry", ())}
    if not widest:
        return ALL_INDUSTRIES
    if widest <= CHEMICAL:
        return "化工、医药和危险化学品"
    if TRADE not in widest:
        return "其他行业" if not widest & CHEMICAL else "化工和其他行业"
    return "工贸和化工等多个行业" if widest & CHEMICAL else "工贸及相近行业"


def _place(check: Check, knowledge: Knowledge) -> tuple[int, str, int, str, int]:
    link, point = knowledge.concepts[check.link], knowledge.concepts[check.point]
    return link.order, link.iri, point.order, point.iri, check.order
