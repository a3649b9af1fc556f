"""Finding → what the penal provisions say, grounds for no or a lighter penalty, decided cases, a four-reasons draft.

The worksheet lays out what a decision needs and never decides: every legal sentence is a gist of the snapshot with its
citation, and what only the officer can know is a blank.
"""

from __future__ import annotations

import datetime
import re
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import cn2an

from assistant.charges import charges
from assistant.credit_repair import credit_repair
from assistant.entities import Case, Check, Provision, Sanction, Tier
from assistant.knowledge import Knowledge
from assistant.models import case_out, check_out, penalty_out, provision_out, sanction_text, yuan
from assistant.penalty_law import PenaltyLaw, reasons, reminders
from assistant.worksheet import (
    PARTIES,
    DecidedCase,
    Factors,
    Ground,
    LeniencyOut,
    PenalRule,
    PenaltyWorksheet,
    SanctionOut,
    SanctionsByParty,
    TierOut,
)
from kg_build.errors import CitationError, UsageError
from kg_build.forms import LENIENCY_LABELS, WHEN_LABELS, WHO_LABELS

CRIMINAL_LAW = "刑法"
_ITEMS = re.compile(r"第(?P<items>(?:（[一二三四五六七八九十百]+）)+)项情形(?P<more>.*)")


def assess(
    knowledge: Knowledge,
    check_or_provision_id: str,
    day: datetime.date,
    factors: Factors | None = None,
    *,
    limit: int = 8,
) -> PenaltyWorksheet:
    """The worksheet of a failed check (its id) or a broken provision (its id, or a citation) with the law of ``day``.

    Raise :class:`UsageError` when there is no such thing, it was not law that day, or the factors contradict each other.
    """
    known = factors or Factors()
    if known.rectified and known.overdue:
        raise UsageError("“及时改正”和“逾期未改正”不能同时成立；请核对填写的情节，只留一个。")
    if known.ended_on and known.ended_on > day:
        raise UsageError(f"违法行为终了之日（{known.ended_on}）晚于 {day}；请核对日期。")
    check, duties, penal = _subject(knowledge, check_or_provision_id, day)
    criminal = [p for p in penal if p.document.short == CRIMINAL_LAW]
    rules = _rules([p for p in penal if p not in criminal], knowledge, day, known)
    touching = _touching(check, duties, penal, knowledge)
    decided = [t for t in touching if _decided(t.case)]
    law = PenaltyLaw(knowledge, day)
    no_penalty = law.no_penalty(known)
    procedure = law.procedure
    return PenaltyWorksheet(
        subject=check.ask if check else duties[0].citation,
        check=check.id if check else None,
        as_of=day,
        severity=check_out(check, knowledge, day, penalties=False).severity if check else None,
        duties=[provision_out(p, knowledge, day) for p in duties],
        rules=rules,
        criminal=[penalty_out(p, knowledge, day) for p in criminal],
        cases=[DecidedCase(case=case_out(t.case, knowledge, day), relation=t.relation) for t in decided[:limit]],
        cases_total=len(decided),
        amounts=_amounts([t.case for t in decided if t.rank <= SAME_PENALTY and t.case.type == "enforcement"]),
        charges=charges([(t.case, t.rank <= SAME_PENALTY) for t in touching], rules, knowledge),
        leniency=_leniency(penal, law, known),
        no_penalty=no_penalty,
        mitigation=law.mitigation(known),
        aggravation=[provision_out(p, knowledge, day) for p in law.provisions(procedure.aggravation if procedure else ())],
        credit=credit_repair(knowledge, day),
        reminders=reminders(law, rules, criminal, known),
        reasons=reasons(
            law,
            check,
            duties,
            rules,
            accidents=[t.case for t in touching if t.rank in (SAME_DUTY, SAME_ARTICLE) and t.case.deaths],
            lessons=[t.case for t in decided if t.rank <= SAME_ARTICLE],
        ),
        notices=_notices(duties, rules, penal, no_penalty, law),
    )


def _subject(knowledge: Knowledge, name: str, day: datetime.date) -> tuple[Check | None, list[Provision], list[Provision]]:
    """The check, if it is one; the duties broken; the penal provisions. All of them law on ``day``."""
    check = knowledge.checks.get(name)
    if check:
        shown = check_out(check, knowledge, day)
        if not shown.basis:
            raise UsageError(f"检查项“{check.ask}”的依据在 {day} 都不是现行有效的；请换一个日期。")
        by_id = knowledge.provision_by_id
        return check, [by_id[b.id] for b in shown.basis], [by_id[p.id] for p in shown.penalty]
    provision = knowledge.provision_by_id.get(name) or _cited(knowledge, name)
    if not provision.document.is_in_force(day):
        raise UsageError(f"{provision.citation}在 {day} 不是现行有效的；请换一个日期或条款。")
    within = {p.iri for p in knowledge.below(provision)}
    if any(p.sanctions for p in _upward(provision, knowledge)):
        broken = [p for p in knowledge.provisions.values() if within.intersection(p.penalized_by)]
        duties = sorted((p for p in broken if p.document.is_in_force(day)), key=lambda p: p.id)
        return None, duties or [provision], [provision]
    iris = [i for p in sorted(knowledge.below(provision), key=lambda p: p.id) for i in p.penalized_by]
    if not iris:
        iris = next((list(p.penalized_by) for p in _upward(provision, knowledge) if p.penalized_by), [])
    penal = [knowledge.provisions[i] for i in dict.fromkeys(iris)]
    return None, [provision], [p for p in penal if p.document.is_in_force(day)]


def _cited(knowledge: Knowledge, name: str) -> Provision:
    try:
        return knowledge.find(*knowledge.names.split(name))
    except CitationError as error:
        raise UsageError(
            f"没有叫“{name}”的检查项或条款；请写检查项编号，或“安全生产法 第三十条第一款”这样的引用。"
        ) from error


def _upward(provision: Provision, knowledge: Knowledge) -> Iterable[Provision]:
    at: Provision | None = provision
    while at is not None:
        yield at
        at = knowledge.provisions.get(at.parent)


def _rules(penal: Sequence[Provision], knowledge: Knowledge, day: datetime.date, factors: Factors) -> list[PenalRule]:
    """The penal provisions gathered by the article whose sanctions they share."""
    holders: dict[str, list[Provision]] = {}
    for provision in penal:
        holder = next((p for p in _upward(provision, knowledge) if p.sanctions), provision)
        holders.setdefault(holder.iri, []).append(provision)
    rules = []
    for iri, provisions in holders.items():
        holder = knowledge.provisions[iri]
        shown = [penalty_out(p, knowledge, day) for p in provisions]
        tiers = _tiers(holder.id, provisions, knowledge, day, factors)
        parties = _by_party(holder, factors, {p.item for p in provisions})
        rules.append(PenalRule(id=holder.id, citation=holder.citation, provisions=shown, tiers=tiers, **parties))
    return rules


def _tiers(
    rule: str, penal: Sequence[Provision], knowledge: Knowledge, day: datetime.date, factors: Factors
) -> list[TierOut]:
    """The tiers in force for exactly these penal provisions, for what they lie in, or for what lies in them."""
    span = _span(penal, knowledge)
    return [
        _tier_out(rule, p, t, factors)
        for p in knowledge.provisions.values()
        if p.tiers and p.document.is_in_force(day)
        for t in p.tiers
        if t.grades in span
    ]


def _tier_out(rule: str, standard: Provision, tier: Tier, factors: Factors) -> TierOut:
    group, key = f"{rule}|{tier.sanction.who}", f"{standard.id}#{tier.order}"
    chosen = factors.tiers.get(group)
    return TierOut(
        standard=standard.citation if standard.document.applies_here else f"{standard.citation}（外省市，只供参考）",
        ref=standard.id,
        name=tier.name,
        factor=tier.factor,
        sanction=_sanction_out(tier.sanction, factors),
        group=group,
        key=key,
        chosen=None if chosen is None else chosen == key,
    )


def _leniency(penal: Sequence[Provision], law: PenaltyLaw, factors: Factors) -> list[LeniencyOut]:
    """The entries in force of lists of slight violations that name these penal provisions."""
    knowledge, day = law.knowledge, law.day
    span = _span(penal, knowledge)
    return [
        LeniencyOut(
            provision=provision_out(p, knowledge, day),
            kind=LENIENCY_LABELS[p.leniency.kind],
            lightens=[knowledge.provisions[i].citation for i in p.leniency.lightens],
            conditions=list(p.leniency.conditions),
            applies_here=p.document.applies_here,
            elements=[law.condition(text, factors) for text in p.leniency.conditions],
        )
        for p in knowledge.provisions.values()
        if p.leniency and p.document.is_in_force(day) and span.intersection(p.leniency.lightens)
    ]


def _by_party(holder: Provision, factors: Factors, items: Collection[int | None]) -> SanctionsByParty:
    """The sanctions of a penal article (of which ``items`` are meant), for each party in the order of their stages."""
    parties: SanctionsByParty = {"unit": [], "principal": [], "others": []}
    for sanction in sorted(holder.sanctions, key=_stage_order):
        parties[PARTIES.get(sanction.who, "others")].append(_sanction_out(sanction, factors, items))
    return parties


def _stage_order(sanction: Sanction) -> tuple[int, int, int, str]:
    stages, parties = list(WHEN_LABELS), list(WHO_LABELS)
    return stages.index(sanction.when), parties.index(sanction.who), sanction.fine_min or 0, sanction_text(sanction)


def _sanction_out(sanction: Sanction, factors: Factors, items: Collection[int | None] = ()) -> SanctionOut:
    by_item = _by_item(sanction.condition, items)
    return SanctionOut(
        who=WHO_LABELS[sanction.who],
        stage=sanction.when,
        stage_label=WHEN_LABELS[sanction.when] or "不分阶段",
        text=sanction_text(sanction),
        measures=list(sanction.measures),
        condition=sanction.condition,
        discretionary=sanction.discretionary,
        fine_min=sanction.fine_min,
        fine_max=sanction.fine_max,
        settled=by_item is not None,
        fits=_fits(sanction, factors, by_item),
    )


def _by_item(condition: str | None, items: Collection[int | None]) -> bool | None:
    """Whether the items that are meant settle a condition such as 第（一）（四）项情形; ``None`` where they don't."""
    told = _ITEMS.match(condition or "")
    if told is None or not items or None in items:
        return None
    named = {int(cn2an.cn2an(n, "smart")) for n in re.findall(r"（(.+?)）", told["items"])}
    if not named.intersection(items):
        return False
    return True if named.issuperset(i for i in items if i) and not told["more"] else None


def _fits(sanction: Sanction, factors: Factors, by_item: bool | None) -> bool | None:
    stages: dict[str, bool | None] = {
        "first": None if factors.overdue is None else not factors.overdue,
        "overdue": factors.overdue,
        "serious": factors.serious,
        "consequence": {None: None, "none": False, "slight": None, "serious": True}[factors.harm],
        "any": True,
    }
    accident = None if factors.accident is None else factors.accident == sanction.when
    fits = stages.get(sanction.when, accident)
    # A further condition (拒不执行 …) is one more thing only the officer can find.
    met = True if sanction.condition is None else by_item
    if met is None:
        met = factors.conditions.get(sanction.condition or "")
    if fits is False or met is False:
        return False
    return None if fits is None or met is None else True


@dataclass(frozen=True, slots=True)
class _Touching:
    """A case that touches the finding: how nearly (0 is nearest), and in which words."""

    rank: int
    relation: str
    shared: int
    case: Case


SAME_DUTY, SAME_PENALTY, SAME_ARTICLE, SAME_PENAL_ARTICLE = range(4)
_RELATIONS = ("违反或对应同一条款", "按同一罚则处罚", "涉及同一条", "涉及同一条罚则")


def _touching(
    check: Check | None, duties: Sequence[Provision], penal: Sequence[Provision], knowledge: Knowledge
) -> list[_Touching]:
    """Every case that touches the duties or the penal provisions, the nearest first."""
    concepts = {t for p in duties for t in (*p.tags, *p.scenes)} | set((*check.tags, check.scene) if check else ())
    duty_span, penal_span = _span(duties, knowledge), _span(penal, knowledge)
    duty_articles, penal_articles = ({knowledge.article_of(p).iri for p in group} for group in (duties, penal))
    found = []
    for case in knowledge.cases.values():
        shared = len(concepts.intersection((*case.tags, *case.scenes)))
        for provision in (knowledge.provisions[i] for i in case.cited):
            article = knowledge.article_of(provision).iri
            if provision.iri in duty_span:
                rank = SAME_DUTY
            # An article without items may punish very different duties (安全生产法第一百零二条): share the scene too.
            elif provision.iri in penal_span and (provision.item or concepts.intersection(case.scenes)):
                rank = SAME_PENALTY
            elif article in duty_articles:
                rank = SAME_ARTICLE
            elif article in penal_articles:
                rank = SAME_PENAL_ARTICLE
            else:
                continue
            found.append(_Touching(rank, f"{_RELATIONS[rank]}：{provision.citation}", shared, case))
    found.sort(key=_nearness)
    nearest: dict[str, _Touching] = {}
    for touching in found:
        nearest.setdefault(touching.case.id, touching)
    return list(nearest.values())


def _nearness(touching: _Touching) -> tuple[int, int, bool, int, str, str]:
    case = touching.case
    day = (case.date or datetime.date.min).toordinal()
    return touching.rank, -touching.shared, not case.in_shanghai, -day, case.id, touching.relation


def _span(provisions: Iterable[Provision], knowledge: Knowledge) -> set[str]:
    """A provision, what it lies in, and what lies in it: citing any of these touches it."""
    return {q.iri for p in provisions for q in (*_upward(p, knowledge), *knowledge.below(p))}


def _decided(case: Case) -> bool:
    return case.type != "accident" or case.amount is not None or bool(case.persons)


def _amounts(cases: Sequence[Case]) -> str:
    known = sorted(c.amount for c in cases if c.amount is not None)
    if not known:
        return "资料库中没有公布罚款数额的同类执法案例。"
    head = f"同类执法案例中公布罚款数额的 {len(known)} 件："
    span = yuan(known[0]) if known[0] == known[-1] else f"{yuan(known[0])}至{yuan(known[-1])}"
    middle = f"，中位数{yuan(statistics.median(known))}" if len(known) > 2 else ""
    return f"{head}{span}{middle}；个案情节不同，只供参考。"


def _notices(
    duties: Sequence[Provision],
    rules: Sequence[PenalRule],
    penal: Sequence[Provision],
    no_penalty: Sequence[Ground],
    law: PenaltyLaw,
) -> list[str]:
    found = ["本表只列依据、幅度、要件和参考案例，不作决定；是否处罚、罚多少由执法人员依法认定。"]
    if not rules:
        found.append("资料库没有为这一项写明行政罚则；这不等于没有法律责任，请另行核对。")
    if not any(p.document.mandatory for p in duties):
        found.append("这一项的依据都是推荐性的，请核对是否另有强制性规定。")
    doubtful = [p.citation for p in (*duties, *penal) if p.gist and not p.verified]
    if doubtful:
        found.append(f"{'、'.join(doubtful)}的要点尚未与原文核对，使用前请查原文。")
    if not no_penalty:
        found.append("资料库在这一天没有《行政处罚法》关于不予处罚的条款，请另行核对。")
    for gap in law.procedure.gaps if law.procedure else ():
        document = next((d for d in law.knowledge.documents.values() if d.short == gap.document), None)
        if document is not None and document.is_in_force(law.day):
            found.append(gap.text)
    return found
