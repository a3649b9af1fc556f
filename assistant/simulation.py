"""Topic → simulated inspection: a site described by what its checks would show, and what a trainee's marks are worth.

Each observation is one check of the topic, seen either in order or not; both are told in the same form, so that only
knowledge of what is required tells them apart. Everything the site shows comes from the check's own words.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from pydantic import BaseModel

from assistant.entities import Check
from assistant.knowledge import Knowledge
from assistant.models import SEVERITY_LABELS, provision_out
from assistant.observations import Sight, sights
from assistant.question import clean
from assistant.quiz import material
from assistant.quiz_question import likeness
from kg_build.errors import UsageError
from kg_build.tagging import Tagger

FEWEST, MOST = 4, 30
ALIKE = 0.5
SCENES = 2
RULE = "每条写的就是现场查到的全部情况，没有写到的视为没有做到；数值是为练习设定的。请勾出其中的隐患。"
SCORING = "得分按“（找对的条数－误判的条数）÷隐患总数”计算，最低 0 分，满分 100 分；这是练习用的算法，不是法定标准。"


class Basis(BaseModel):
    """A ground of an observation with what it requires."""

    id: str
    citation: str
    gist: str


class Observation(BaseModel):
    """What is seen at one place; ``gap`` says what is wrong with it and is empty where all is in order."""

    number: int
    text: str
    hazard: bool
    gap: str
    check: str
    ask: str
    fix: str
    severity: Literal["major", "general"]
    basis: list[Basis]

    @property
    def severity_label(self) -> str:
        """重大事故隐患 or 一般隐患."""
        return SEVERITY_LABELS[self.severity]


class Stop(BaseModel):
    """A key link of a scene where the inspection stops, with what is seen there."""

    scene: str
    link: str
    observations: list[Observation]


class Simulation(BaseModel):
    """A simulated inspection; ``rule`` tells the trainee how to read it, ``scoring`` how it is scored."""

    topic: str
    as_of: datetime.date
    seed: int
    scenes: list[str]
    intro: str
    rule: str = RULE
    scoring: str = SCORING
    stops: list[Stop]
    hazards: int
    notices: list[str]

    def observations(self) -> list[Observation]:
        """All observations in the order of the walk."""
        return [o for stop in self.stops for o in stop.observations]


class Marked(BaseModel):
    """What became of one observation: found, missed, wrong (误判) or rightly passed."""

    observation: Observation
    verdict: Literal["found", "missed", "wrong", "passed"]


class Score(BaseModel):
    """A trainee's marks against the checks; ``points`` of 100."""

    found: int
    missed: int
    wrong: int
    hazards: int
    points: int
    sentence: str
    marks: list[Marked]


def simulate(
    knowledge: Knowledge, topic: str, count: int = 12, seed: int = 0, *, day: datetime.date, tagger: Tagger | None = None
) -> Simulation:
    """A site with up to ``count`` observations on a topic by the law of ``day``; equal seeds give equal sites.

    Raise :class:`UsageError` when the topic has too few checks whose words show on site what they ask.
    """
    if not FEWEST <= count <= MOST:
        raise UsageError(f"一次模拟检查可以放 {FEWEST} 到 {MOST} 条现场情况，不能放 {count} 条；请改条数。")
    words = clean(topic)
    tagger = tagger or Tagger.from_graph(knowledge.graph)
    rng = random.Random(f"simulation/{seed}/{words}")
    pools = [[c for c in pool if _grounds(c, knowledge, day)] for pool in _of_topic(knowledge, words, tagger, rng)]
    usable = {c.id: found for p in pools for c in p if (found := sights(c.ask, random.Random(f"{seed}/{c.id}")))}
    hidden = {i for i, found in usable.items() if found[0].way != "negation"}
    chosen = _choose([[c for c in pool if c.id in usable] for pool in pools], count, hidden, rng)
    if len(chosen) < FEWEST:
        raise UsageError(
            f"资料库里围绕“{words}”能写成现场情况的检查项不到 {FEWEST} 个；请换一个主题，例如“有限空间”“动火作业”。"
        )
    failing = _failing(chosen, hidden, usable, rng)
    order = sorted(chosen, key=lambda c: (knowledge.label(c.scene), c.order, c.id))
    stops: dict[tuple[str, str], Stop] = {}
    for number, check in enumerate(_walk(order), 1):
        scene, link = knowledge.label(check.scene), knowledge.label(check.link)
        stop = stops.setdefault((scene, link), Stop(scene=scene, link=link, observations=[]))
        stop.observations.append(_observe(number, check, failing.get(check.id), usable[check.id], knowledge, day, rng))
    scenes = list(dict.fromkeys(stop.scene for stop in stops.values()))
    notices = []
    if len(chosen) < count:
        notices.append(f"围绕“{words}”能写成现场情况、又互不重复的检查项只有 {len(chosen)} 个，少于要求的 {count} 条。")
    return Simulation(
        topic=words,
        as_of=day,
        seed=seed,
        scenes=scenes,
        intro=f"你随检查组到一家单位检查{'、'.join(scenes)}，分 {len(stops)} 个环节看现场、翻资料、问人员，"
        f"查到下面 {len(chosen)} 条情况。",
        stops=list(stops.values()),
        hazards=len(failing),
        notices=notices,
    )


def score(simulation: Simulation, marked: Collection[int]) -> Score:
    """Compare the numbers a trainee marked as hazards with the checks.

    Raise :class:`UsageError` for a number that is not in the simulation.
    """
    seen = simulation.observations()
    unknown = sorted(set(marked) - {o.number for o in seen})
    if unknown:
        raise UsageError(f"没有第 {'、'.join(map(str, unknown))} 条情况；编号是 1 到 {len(seen)}，请改正后重新提交。")
    marks = [Marked(observation=o, verdict=_verdict(o, o.number in marked)) for o in seen]
    counts = Counter(m.verdict for m in marks)
    points = max(0, round(100 * (counts["found"] - counts["wrong"]) / simulation.hazards))
    return Score(
        found=counts["found"],
        missed=counts["missed"],
        wrong=counts["wrong"],
        hazards=simulation.hazards,
        points=points,
        sentence=f"{simulation.hazards} 处隐患找对 {counts['found']} 处、漏掉 {counts['missed']} 处，"
        f"误判 {counts['wrong']} 处，得 {points} 分。",
        marks=marks,
    )


def _verdict(observation: Observation, marked: bool) -> Literal["found", "missed", "wrong", "passed"]:
    if observation.hazard:
        return "found" if marked else "missed"
    return "wrong" if marked else "passed"


def _of_topic(knowledge: Knowledge, topic: str, tagger: Tagger, rng: random.Random) -> tuple[list[Check], list[Check]]:
    """The checks on a topic in the few scenes that it is most about, and the other checks of these scenes."""
    _, checks, _ = material(knowledge, topic, tagger)
    named = {i for m in tagger.tag(topic) if m.kind == "scene" for i in knowledge.narrower(m.concept_iri)}
    counts = Counter(c.scene for c in checks if not named or c.scene in named)
    first, *others = sorted(counts, key=lambda s: (-counts[s], knowledge.label(s))) or [""]
    # What is named has the say; of its kinds (metal, wood, grain dust) one plant has one.
    scenes = [first, *(rng.sample(others, min(len(others), SCENES - 1)) if named else others[: SCENES - 1])]
    own = {c.id for c in checks}
    there = sorted((c for c in knowledge.checks.values() if c.scene in scenes), key=lambda c: c.id)
    return [c for c in there if c.id in own], [c for c in there if c.id not in own]


def _grounds(check: Check, knowledge: Knowledge, day: datetime.date) -> list[Basis]:
    """Grounds that are law here on the day and that somebody compared with the official text."""
    grounds = [p for p in (knowledge.provisions[i] for i in check.basis) if p.document.applies_here]
    shown = [provision_out(p, knowledge, day) for p in grounds]
    return [
        Basis(id=p.id, citation=p.citation, gist=" ".join((p.gist or p.official_text or "").split()))
        for p in shown
        if p.in_force and (p.official_text or (p.gist and p.verified))
    ]


def _choose(pools: Sequence[Sequence[Check]], count: int, hidden: Collection[str], rng: random.Random) -> list[Check]:
    """Checks for one kind of firm, no two of which ask alike: the first pool's before the next one's.

    Of each pool those come in turn whose failing the wording hides and those whose failing it tells.
    """
    industries = Counter(i for pool in pools for c in pool for i in c.applies.get("industry", ()))
    firm = min(industries, key=lambda i: (-industries[i], i)) if industries else None
    chosen: list[Check] = []
    for pool in pools:
        fit = [c for c in pool if not c.applies.get("industry") or firm in c.applies["industry"]]
        rng.shuffle(fit)
        queues = [[c for c in fit if c.id in hidden], [c for c in fit if c.id not in hidden]]
        while any(queues) and len(chosen) < count:
            for queue in queues:
                check = queue.pop() if queue and len(chosen) < count else None
                if check and all(likeness(check.ask, other.ask) < ALIKE for other in chosen):
                    chosen.append(check)
    return chosen


def _failing(
    chosen: Sequence[Check], hidden: Collection[str], usable: dict[str, list[Sight]], rng: random.Random
) -> dict[str, Sight]:
    """Which checks fail and how: about half, those first whose failing the wording hides, but not all of these."""
    wanted = max(2, round(len(chosen) * rng.uniform(0.4, 0.55)))
    mixed = rng.sample(list(chosen), len(chosen))
    first = [c for c in mixed if c.id in hidden]
    kept_fine = len(first) // 4
    failing = [*first[kept_fine:], *(c for c in mixed if c.id not in hidden), *first[:kept_fine]][:wanted]
    return {c.id: rng.choice(usable[c.id]) for c in failing}


def _walk(checks: Iterable[Check]) -> list[Check]:
    """The checks scene by scene and link by link."""
    links: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        links.setdefault((check.scene, check.link), []).append(check)
    scenes: dict[str, list[Check]] = {}
    for (scene, _), found in links.items():
        scenes.setdefault(scene, []).extend(found)
    return [c for found in scenes.values() for c in found]


def _observe(
    number: int,
    check: Check,
    failed: Sight | None,
    possible: Sequence[Sight],
    knowledge: Knowledge,
    day: datetime.date,
    rng: random.Random,
) -> Observation:
    text = failed.failed if failed else rng.choice(possible).fine
    return Observation(
        number=number,
        text=text + "。",
        hazard=failed is not None,
        gap=failed.gap if failed else "",
        check=check.id,
        ask=check.ask,
        fix=check.fix,
        severity="major" if check.severity == "major" else "general",
        basis=_grounds(check, knowledge, day),
    )
