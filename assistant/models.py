"""What the services return and every surface (command line, page, JSON, documents) shows. The JSON shapes are stable."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from typing import Literal

from pydantic import BaseModel, Field

from assistant.entities import Case, Check, Provision, Sanction
from assistant.knowledge import Knowledge
from kg_build.forms import CASE_TYPE_LABELS, MODALITY_LABELS, WHEN_LABELS, WHO_LABELS

Nature = Literal["mandatory", "recommended"]
NATURE_LABELS = {"mandatory": "强制", "recommended": "推荐"}
SEVERITY_LABELS = {"major": "重大事故隐患", "general": "一般隐患"}


class ProvisionOut(BaseModel):
    """A provision as shown; ``article``, ``paragraph``, ``item`` are null in standards, which have a ``clause``.

    ``whole`` tells the whole article where only a part of it is shown.
    """

    id: str
    document: str
    document_title: str
    kind: str
    citation: str
    article: int | None
    paragraph: int | None
    item: int | None
    clause: str | None
    heading: str | None
    gist: str | None
    official_text: str | None
    official_source: str | None
    verified: bool
    modality: str | None
    nature: Nature
    major_hazard: bool
    in_force: bool
    note: str | None = None
    whole: str | None = None
    score: float = 0.0
    why: str = ""


class PenaltyOut(BaseModel):
    """A penal provision and what it says of money and measures, one line for each case."""

    id: str
    citation: str
    document_title: str
    kind: str
    nature: Nature
    gist: str | None
    verified: bool
    official_text: str | None
    ranges: list[str]
    in_force: bool


class CheckOut(BaseModel):
    """A check with its grounds; ``industries`` are those it is limited to (none: all)."""

    id: str
    scene: str
    link: str
    point: str
    ask: str
    how: list[str]
    fix: str
    severity: Literal["major", "general"]
    nature: Nature
    basis: list[ProvisionOut]
    penalty: list[PenaltyOut] = []
    industries: list[str] = []
    tags: list[str] = []
    why: str = ""
    score: float = 0.0


class SourceOut(BaseModel):
    """Who published a case; ``url`` only where an official or reputable page is known."""

    publisher: str
    title: str
    url: str | None
    published: datetime.date | None


class CaseOut(BaseModel):
    """A case as shown; ``amount`` is null where none was published.

    ``violated`` and ``penalty_basis`` are what the publication cites; ``corresponds`` is our own reading of which
    provisions of today the facts touch.
    """

    id: str
    type: str
    type_label: str
    title: str
    date: datetime.date | None
    region: str
    agency: str | None
    party: str | None
    industry: str | None
    scenes: list[str]
    tags: list[str]
    facts: str
    violated: list[ProvisionOut]
    penalty_basis: list[ProvisionOut]
    corresponds: list[ProvisionOut]
    cited_as: list[str]
    amount: int | None
    persons: list[str]
    deaths: int | None
    injuries: int | None
    outcome: str | None
    non_penalty_ground: str | None
    lesson: str
    confidence: str
    source: SourceOut
    why: str = ""
    score: float = 0.0


class Nearest(BaseModel):
    """What stands nearest to a question that nothing here answers; never grounds for anything.

    ``topic`` is a subject that the corpus does not hold, ``where`` whom to ask; ``subjects`` are those it does hold.
    """

    topic: str | None = None
    where: str | None = None
    subjects: list[str] = []
    provisions: list[ProvisionOut] = []


NOT_GROUNDS = "下面几条只是意思最接近的，不能当作依据："


class Answer(BaseModel):
    """The answer to one question; ``answered`` is false when nothing in the corpus answers it."""

    q: str
    as_of: datetime.date
    answered: bool = True
    nearest: Nearest | None = None
    provisions: list[ProvisionOut]
    checks: list[CheckOut]
    cases: list[CaseOut]
    understood: list[str] = Field(default=[], description="What was recognized in the question, in plain words")
    notices: list[str] = Field(default=[], description="What the reader must know of this answer")


def provision_out(
    provision: Provision, knowledge: Knowledge, day: datetime.date, *, score: float = 0.0, why: str = ""
) -> ProvisionOut:
    """A provision as shown on ``day``: without a gist of its own it is told by its parts, or by the article it is in."""
    gist, verified = _told(provision, knowledge)
    document = provision.document
    return ProvisionOut(
        id=provision.id,
        document=document.short,
        document_title=document.title,
        kind=document.kind_label,
        citation=provision.citation,
        article=provision.article,
        paragraph=provision.paragraph,
        item=provision.item,
        clause=provision.number if document.is_standard else None,
        heading=provision.heading,
        gist=gist,
        official_text=provision.official_text,
        official_source=provision.official_source,
        verified=verified,
        modality=MODALITY_LABELS.get(provision.modality or ""),
        nature="mandatory" if document.mandatory else "recommended",
        major_hazard=provision.major_hazard,
        in_force=document.is_in_force(day),
        note=provision.note or _document_note(provision, knowledge, day),
        whole=_whole(provision, knowledge),
        score=round(score, 4),
        why=why,
    )


def _whole(provision: Provision, knowledge: Knowledge) -> str | None:
    """The gists of the article that ``provision`` is a part of, a line for each part."""
    article = knowledge.article_of(provision)
    told = [p for p in knowledge.below(article) if p.gist]
    if article.iri == provision.iri or len(told) < 2:
        return None
    return "\n".join(f"{p.number.removeprefix(article.number) or article.number} {p.gist}" for p in told)


def words_of(provision: ProvisionOut) -> tuple[str, str]:
    """What to show of a provision and which it is: 要点, 要点（未核对） or 原文."""
    if provision.gist:
        return provision.gist, "要点" if provision.verified else "要点（未与原文核对）"
    return provision.official_text or "", "原文"


def _told(provision: Provision, knowledge: Knowledge) -> tuple[str | None, bool]:
    """The gist to show, and whether all of it was checked against a text."""
    if provision.gist is not None:
        return provision.gist, provision.verified
    parts = [p for p in knowledge.below(provision)[1:] if p.gist]
    if parts:
        lines = (f"{p.number.removeprefix(provision.number)} {p.gist}".strip() for p in parts)
        return "\n".join(lines), all(p.verified for p in parts)
    if provision.parent in knowledge.provisions:
        article = knowledge.article_of(provision)
        return article.gist, article.verified
    return None, False


def _document_note(provision: Provision, knowledge: Knowledge, day: datetime.date) -> str | None:
    document = provision.document
    if not document.is_in_force(day):
        if day < document.in_force:
            return f"{document.short}自{document.in_force:%Y-%m-%d}起施行，{day}尚未施行。"
        return f"{document.short}已于{document.repealed}废止。"
    if not document.applies_here:
        return f"{document.issuer}的文件，在上海不适用，只供参考。"
    if day < document.version:
        return f"收录的是{document.version}的文本，{day}时的条文可能不同，请以当时的文本为准。"
    above = knowledge.superseding(document, day)
    return f"与{'、'.join(d.short for d in above)}不一致的，以后者为准。" if above else None


def penalty_out(provision: Provision, knowledge: Knowledge, day: datetime.date) -> PenaltyOut:
    """A penal provision with its ranges; an item takes the ranges of the article it stands in."""
    at = provision
    while not at.sanctions and at.parent in knowledge.provisions:
        at = knowledge.provisions[at.parent]
    return PenaltyOut(
        id=provision.id,
        citation=provision.citation,
        document_title=provision.document.title,
        kind=provision.document.kind_label,
        nature="mandatory" if provision.document.mandatory else "recommended",
        gist=provision.gist or at.gist,
        verified=provision.verified if provision.gist else at.verified,
        official_text=provision.official_text,
        ranges=[sanction_text(s) for s in at.sanctions],
        in_force=provision.document.is_in_force(day),
    )


def sanction_text(sanction: Sanction) -> str:
    """One sanction in one line: 单位，逾期未改正：责令停产停业整顿；罚款10万元以上20万元以下."""
    head = "，".join(p for p in (WHO_LABELS[sanction.who], WHEN_LABELS[sanction.when], sanction.condition) if p)
    fine = _fine_text(sanction)
    may = "可以" if sanction.discretionary and fine else ""
    body = "、".join(sanction.measures)
    return f"{head}：{'；'.join(p for p in (body, may + fine if fine else '') if p)}"


def _fine_text(sanction: Sanction) -> str:
    if sanction.fine_max is not None or sanction.fine_min is not None:
        return "罚款" + _between(sanction.fine_min, sanction.fine_max, yuan)
    if sanction.max_times is not None or sanction.min_times is not None:
        return f"罚款{sanction.base}" + _between(sanction.min_times, sanction.max_times, lambda n: f"{n:g}倍")
    if sanction.max_pct is not None or sanction.min_pct is not None:
        return f"罚款{sanction.base}" + _between(sanction.min_pct, sanction.max_pct, lambda n: f"{n:g}%")
    return ""


def _between(low: float | None, high: float | None, show: Callable[[float], str]) -> str:
    if low is not None and high is not None:
        return show(low) if low == high else f"{show(low)}以上{show(high)}以下"
    return f"{show(high)}以下" if high is not None else f"{show(low or 0)}以上"


def yuan(amount: float) -> str:
    """An amount in yuan as officials write it: 5万元, 3000元, 1亿元."""
    if amount >= 100_000_000 and amount % 100_000_000 == 0:
        return f"{amount / 100_000_000:g}亿元"
    if amount >= 10_000 and amount % 1_000 == 0:
        return f"{amount / 10_000:g}万元"
    return f"{amount:g}元" if amount < 1_000_000 else f"{int(amount)}元"


def grounds_of(
    check: Check, knowledge: Knowledge, day: datetime.date, industries: Collection[str] = ()
) -> tuple[list[Provision], list[Provision]]:
    """The grounds of a check that are law on ``day``, and those of them that bind a firm of ``industries``."""
    law = [p for p in (knowledge.provisions[i] for i in check.basis) if p.document.is_in_force(day)]
    return law, [p for p in law if p.document.binds_any(industries)]


def check_out(
    check: Check,
    knowledge: Knowledge,
    day: datetime.date,
    *,
    why: str = "",
    score: float = 0.0,
    penalties: bool = True,
    industries: Collection[str] = (),
) -> CheckOut:
    """A check as shown on ``day``: only the grounds in force that day, and what its breach costs.

    For a firm of ``industries`` (IRIs, with what they are narrower than) grounds that don't bind it are left out. Where no
    ground is left they stay as reference: recommended, no major hazard, no penalty.
    """
    law, binding = grounds_of(check, knowledge, day, industries)
    basis = binding or law
    criterion = any(p.major_hazard for p in binding)
    mandatory = any(p.document.mandatory for p in binding)
    # What the check itself names is exact; the links of its grounds may punish more than this breach.
    penal = [*check.penalized_by]
    for provision in basis if not penal else ():
        at: Provision | None = provision
        while at is not None:
            penal.extend(at.penalized_by)
            at = knowledge.provisions.get(at.parent) if not at.penalized_by else None
    chosen = [p for p in (knowledge.provisions[i] for i in dict.fromkeys(penal)) if p.document.is_in_force(day)]
    chosen = [p for p in chosen if p.document.binds_any(industries)]
    if not mandatory and len(binding) < len(law):
        chosen = []
    grounds = [provision_out(p, knowledge, day) for p in basis]
    if not binding:
        grounds = [g.model_copy(update={"nature": "recommended", "major_hazard": False}) for g in grounds]
    return CheckOut(
        id=check.id,
        scene=knowledge.label(check.scene),
        link=knowledge.label(check.link),
        point=knowledge.label(check.point),
        ask=check.ask,
        how=list(check.how),
        fix=check.fix,
        severity="major" if criterion else "general",
        nature="mandatory" if mandatory else "recommended",
        basis=grounds,
        penalty=[penalty_out(p, knowledge, day) for p in chosen] if penalties else [],
        industries=sorted(knowledge.label(i) for i in check.applies.get("industry", ())),
        tags=[knowledge.label(t) for t in check.tags],
        why=why,
        score=round(score, 4),
    )


def case_out(case: Case, knowledge: Knowledge, day: datetime.date, *, why: str = "", score: float = 0.0) -> CaseOut:
    """A case as shown."""

    def provisions(iris: tuple[str, ...]) -> list[ProvisionOut]:
        return [provision_out(knowledge.provisions[i], knowledge, day) for i in iris if i in knowledge.provisions]

    return CaseOut(
        id=case.id,
        type=case.type,
        type_label=CASE_TYPE_LABELS[case.type],
        title=case.title,
        date=case.date,
        region=case.region,
        agency=case.agency,
        party=case.party,
        industry=case.industry,
        scenes=[knowledge.label(s) for s in case.scenes],
        tags=[knowledge.label(t) for t in case.tags],
        facts=case.facts,
        violated=provisions(case.violates),
        penalty_basis=provisions(case.penalty_basis),
        corresponds=provisions(case.corresponds),
        cited_as=list(case.cited_as),
        amount=case.amount,
        persons=list(case.persons),
        deaths=case.deaths,
        injuries=case.injuries,
        outcome=case.outcome,
        non_penalty_ground=case.non_penalty_ground,
        lesson=case.lesson,
        confidence=case.confidence,
        source=SourceOut(
            publisher=case.publisher, title=case.source_title, url=case.source_url, published=case.source_published
        ),
        why=why,
        score=round(score, 4),
    )
