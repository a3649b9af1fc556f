"""What recognized words mean together: 打磨 where aluminum is worked, 粉碎 of plastic, 厨房 of a restaurant, the trade."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from rdflib import SKOS, Graph, URIRef

from kg_build.tagging import Mention
from kg_build.vocabulary import BASE

_CLAUSE = re.compile(r"[，。；;,！!？?\n]")
# A word that names a whole plant or trade, not just a product or a process of it.
_NAMES_A_PLANT = re.compile(
    r"(?:厂|店|站|公司|企业|院|校|学|园|场|坊|铺|所|中心|队|馆|城|库|港|码头|批发|零售|经营|销售|买卖|贸易|充装|仓储|回收|收购|加工|制造|修|维修|修理|施工"
    r"|工地|物业|局|业|物流|快递|超市|汽修|合作社|幼儿园|食堂|矿山|矿|酒店|宾馆|民宿|商行|经营部|作坊|大棚|拆解|烟花爆竹|后厨|仓|养殖|种植)$"
)
_PLANT_AFTER = re.compile(r"[^，。；、,;（(\s]{0,5}?(?:厂|公司|企业|作坊|店|商行|经营部|小作坊|车间|工厂)")
_ANOTHERS = re.compile(
    r"(?:供应|供给|客户(?:是|为)|卖给|送到?|给|隔壁(?:是|有)?|旁边(?:是|有)?|原来是|以前是|邻近|对面是|楼下是|楼上是|租了?)[^，。；、,;的]{0,4}$"
)
_SUPPLIED = re.compile(r"(?:厂|公司|企业)?(?:们)?(?:供货|配套|代工|送货|提供|实训|专业学生)")
_MADE = re.compile(r"(?:做|生产|加工|主营|从事|搞|专营|产品(?:有|为|是|：)?)[^，。；、,;]{0,6}$")
MAX_INDUSTRIES = 2
# A product named further on is something used or bought.
LATEST_CLAUSE = 2
# One word for a solvent or a chemical, where the others are named.
_UNSPECIFIC = frozenset(
    {
        "溶剂",
        "有机溶剂",
        "危化品",
        "危险化学品",
        "化学品",
        "化工原料",
        "试剂",
        "化学试剂",
        "危险品",
        "原料",
        "化工产品",
        "化学药品",
    }
)
_OVENS = frozenset({"烤箱", "烘烤", "烤炉", "电烤箱", "电烤炉", "烤房", "固化", "隧道炉"})


def _iri(name: str) -> str:
    return BASE + name


_ALUMINUM = frozenset(_iri(f"substance/{name}") for name in ("aluminum", "magnesium", "aluminum-magnesium"))
_OTHER_METALS = frozenset(
    _iri(f"substance/{name}") for name in ("steel", "stainless-steel", "copper", "zinc", "titanium", "wood")
)
_FOOD_TRADES = frozenset(_iri(f"industry/{name}") for name in ("food", "catering", "commerce"))
_LIGHT_METAL = _iri("process/aluminum-polishing")
_GRIND, _POLISH = _iri("process/grinding"), _iri("process/polishing")
_PULVERIZE, _MILL = _iri("process/pulverizing"), _iri("process/flour-milling")
_MOLD, _POLYMER = _iri("process/injection-molding"), _iri("substance/polymer")
_EXTRUDER = _iri("equipment/injection-machine")
_LOADING, _CARRYING, _KEEPING = (_iri(f"activity/hazchem-{name}") for name in ("loading", "transport", "storage"))
_SOLVENT, _HAZCHEM = _iri("substance/organic-solvent"), _iri("substance/hazchem")

# Trades that are themselves a deed or a process; a filling station trades too, but its deed is filling.
_IMPLIED = {
    _iri("industry/hazchem-trading"): (_iri("activity/hazchem-trading"), "activity"),
    _iri("industry/hazchem-storage"): (_KEEPING, "activity"),
    _iri("industry/hazchem-production"): (_iri("activity/hazchem-production"), "activity"),
    _iri("industry/sewage"): (_iri("process/sewage-treatment"), "process"),
}
_FILLING = "充"
# Said of any goods: chemicals only where there are some, and carried only by those who sell them.
_LOADED = frozenset({"卸车", "装车", "卸船", "装船", "装桶", "加液", "槽车来", "槽车装"})
_DELIVERED = re.compile("送|配送车")
_STUDENTS = re.compile("[^，。；]{0,6}学生")


class Sense:
    """Reads affirmed mentions together, against one ontology."""

    def __init__(self, ontology: Graph, hazardous: frozenset[str]) -> None:
        self._ontology = ontology
        self._hazardous = hazardous

    def of(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """The mentions as they are meant: made more exact, and without what another of them shows not to be meant."""
        kept = [m for m in _industries(text, mentions) if not _polished(m, mentions)]
        named = {m.concept_iri for m in kept}
        kept = [self._exact(m, named) for m in kept]
        kept = [m for m in kept if not self._mistaken(m, named) and not _for_students(text, m)]
        return self._most_specific([*kept, *self._implied(kept)])

    def _exact(self, mention: Mention, named: set[str]) -> Mention:
        """打磨 of nothing but aluminum makes explosive dust; 破碎 in an injection molding shop grinds plastic."""
        if mention.concept_iri in (_GRIND, _POLISH) and named & _ALUMINUM and not named & _OTHER_METALS:
            return self._as(mention, _LIGHT_METAL)
        foreign = named & {_iri(f"industry/{name}") for name in ("food", "building-materials", "chemical", "pharmaceutical")}
        if mention.concept_iri == _PULVERIZE and named & {_MOLD, _POLYMER} and not foreign:
            return self._as(mention, _iri("process/plastic-pulverizing"))
        return mention

    def _mistaken(self, mention: Mention, named: set[str]) -> bool:
        """Whether other words show that this is not meant."""
        iri, words = mention.concept_iri, mention.text
        food = bool(named & _FOOD_TRADES)
        if iri in (_MOLD, _EXTRUDER) and words.startswith("造粒"):
            return _iri("industry/chemical") in named and _POLYMER not in named
        if iri == _LOADING and words in _LOADED:
            return not named & self._hazardous
        if iri == _CARRYING and _DELIVERED.search(words):
            return _iri("industry/hazchem-trading") not in named
        if iri == _KEEPING:
            return _iri("industry/catering") in named
        if iri == _iri("equipment/canteen"):
            return _iri("industry/catering") in named
        if iri == _iri("equipment/drying-oven") or iri == _iri("process/drying"):
            return food and words in _OVENS
        if iri == _iri("process/baking-frying"):
            return not food and words in _OVENS
        if iri == _PULVERIZE:
            return _MILL in named and words in ("磨粉", "制粉", "研磨", "磨粉机")
        if iri == _HAZCHEM and words in _UNSPECIFIC:
            return bool((named & self._hazardous) - {_HAZCHEM})
        if iri == _SOLVENT and words in _UNSPECIFIC:
            return bool((named & self._hazardous) - {_SOLVENT, _HAZCHEM})
        return False

    def _implied(self, mentions: Sequence[Mention]) -> list[Mention]:
        """What a trade's name says is done: 油库 stores, 污水厂 treats sewage."""
        named = {m.concept_iri for m in mentions}
        return [
            replace(self._as(m, iri), kind=kind)
            for m in mentions
            if m.concept_iri in _IMPLIED and _FILLING not in m.text
            for iri, kind in [_IMPLIED[m.concept_iri]]
            if iri not in named
        ]

    def _most_specific(self, mentions: list[Mention]) -> list[Mention]:
        """Without what a more specific thing says better. 铝轮毂抛光 stands for its broader 抛光, not for 打磨."""
        covered: set[str] = set()
        for mention in mentions:
            above = [str(b) for b in self._ontology.objects(URIRef(mention.concept_iri), SKOS.broader)]
            for broader in above:
                label = str(self._ontology.value(URIRef(broader), SKOS.prefLabel))
                if len(above) == 1 or label in mention.text:
                    covered |= set(map(str, self._ontology.transitive_objects(URIRef(broader), SKOS.broader)))
        plain = {"industry", "process", "activity", "equipment", "substance"}
        return [m for m in mentions if m.kind not in plain or m.concept_iri not in covered]

    def _as(self, mention: Mention, iri: str) -> Mention:
        label = str(self._ontology.value(URIRef(iri), SKOS.prefLabel))
        return Mention(mention.start, mention.end, iri, label, mention.kind, mention.text)


def _industries(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """One industry or two: what names the whole plant before what names a product, the first clause before later ones."""
    named = [m for m in mentions if m.kind == "industry"]
    own = [m for m in named if not _ANOTHERS.search(text, 0, m.start) and not _SUPPLIED.match(text, m.end)] or named
    plants = [m for m in own if _NAMES_A_PLANT.search(m.text) or _PLANT_AFTER.match(text, m.end)]
    chosen = plants
    if not plants and own:
        first = _clause(text, min(own).start)
        made = [m for m in own if _MADE.search(text, 0, m.start)]
        chosen = made or [m for m in own if _clause(text, m.start) == first <= LATEST_CLAUSE]
    # A second trade stands beside the first; further on, others are named: 物业, 电站.
    start = min((_clause(text, m.start) for m in chosen), default=0)
    chosen = [m for m in chosen if _clause(text, m.start) <= start + 1]
    places: dict[int, set[str]] = defaultdict(set)
    for mention in chosen:
        places[mention.start].add(mention.concept_iri)
    wanted: list[str] = []
    for place in sorted(places):
        if len(wanted) < MAX_INDUSTRIES:
            wanted.extend(iri for iri in sorted(places[place]) if iri not in wanted)
    return [m for m in mentions if m.kind != "industry" or m.concept_iri in wanted]


def _polished(mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Whether a metal is named only as what a polishing of it polishes: 铝合金轮毂抛光."""
    metal = mention.concept_iri in _ALUMINUM
    return metal and any(
        m.concept_iri == _LIGHT_METAL and m.start <= mention.start and mention.end <= m.end for m in mentions
    )


def _for_students(text: str, mention: Mention) -> bool:
    """Whether a dormitory is the students', who are no staff."""
    return mention.concept_iri == _iri("equipment/dormitory") and bool(_STUDENTS.match(text, mention.end))


def _clause(text: str, position: int) -> int:
    return sum(1 for _ in _CLAUSE.finditer(text, 0, position))
