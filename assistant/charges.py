"""Decided cases → the fines imposed under the penal articles of a finding, each with what makes it unlike this one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.entities import Case, Provision
from assistant.knowledge import Knowledge
from assistant.worksheet import Charge, Party, PenalRule

# How the graph writes a penalty on a person: 主要负责人罚款1800元.
_PERSON_FINE = re.compile(r"^(?P<role>.*?)(?:[^，]*，)?罚款(?P<amount>\d+)元$")
_PRINCIPAL = re.compile(r"主要负责人|法定代表人|投资人|总经理")
ALL_OF_IT = "按同一罚则处罚"


def charges(cases: Iterable[tuple[Case, bool]], rules: Sequence[PenalRule], knowledge: Knowledge) -> list[Charge]:
    """The fines of enforcement and accident cases whose published penal basis is the article of a rule, least first.

    Each case comes with whether it touches the same duty, or the same penalty in the same scene.
    """
    found = [c for case, near in cases for rule in rules for c in _under(rule, case, near, knowledge)]
    return sorted(found, key=lambda c: (c.rule, c.party, c.amount, c.case))


def _under(rule: PenalRule, case: Case, near: bool, knowledge: Knowledge) -> Iterator[Charge]:
    if case.type not in ("enforcement", "accident"):
        return
    basis = [knowledge.provisions[i] for i in case.penalty_basis if i in knowledge.provisions]
    holder = knowledge.provision_by_id[rule.id]
    article = knowledge.article_of(holder)
    here = [p for p in basis if knowledge.article_of(p).iri == article.iri]
    if not here:
        return
    meant = {p.id for p in rule.provisions}
    differs = _differs(here, basis, meant, near)
    for party, amount in _amounts(case):
        why = "；".join(differs) or ALL_OF_IT
        yield Charge(rule=rule.id, party=party, amount=amount, case=case.id, title=case.title, alike=not differs, why=why)


def _differs(here: Sequence[Provision], basis: Sequence[Provision], meant: set[str], near: bool) -> list[str]:
    found = []
    if not any(p.id in meant for p in here):
        found.append(f"按{'、'.join(p.citation for p in here)}处罚，不是本项所指的那一项")
    elif not near:
        found.append("同一条罚则，违反的是别的义务")
    others = [p for p in basis if p.id not in {h.id for h in here}]
    if others or len(here) > 1:
        found.append("数额可能含几项违法行为")
    return found


def _amounts(case: Case) -> Iterator[tuple[Party, int]]:
    if case.amount is not None:
        yield "unit", case.amount
    for person in case.persons:
        told = _PERSON_FINE.match(person)
        if told:
            yield ("principal" if _PRINCIPAL.search(told["role"]) else "others"), int(told["amount"])
