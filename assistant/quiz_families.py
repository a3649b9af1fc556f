"""Families of quiz questions: each turns one fact of the snapshot into a question, with wrong options that are real too.

number: a number in a gist · governs: which provision a check or an everyday question falls under · items: what an article
lists · grounds: all grounds of a check · fine: what a breach costs · major: whether a failed check is a major hazard.
"""

from __future__ import annotations

import datetime
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from assistant.entities import Check, Document, Provision, Sanction
from assistant.knowledge import Knowledge
from assistant.models import sanction_text
from assistant.quiz_question import QUANTITY, Draft, QuizQuestion, choice, judgement, likeness, quantities
from kg_build.forms import WHEN_LABELS, WHO_LABELS

LONG_GIST = 120
FAR = math.log(5)
"""A number more than five times another is a wrong answer that nobody gives."""
LIKE = 0.3
"""Share of common character pairs from which two texts may say the same, so that neither is a wrong option to the other."""

# "会不会坐牢" is answered by many provisions at once.
_PENAL_WORDS = re.compile("罚|坐牢|判刑|后果|责任|追究")
SPOKEN = 10
"""From so many characters on a saying is a question to put to someone; shorter ones are words to search by."""


class Families:
    """Makes drafts from the provisions and checks of a topic, with the whole snapshot's law of a day for wrong options."""

    def __init__(
        self, knowledge: Knowledge, provisions: Sequence[Provision], checks: Sequence[Check], day: datetime.date | None
    ) -> None:
        self.knowledge = knowledge
        self.day = day
        law = {d.short for d in knowledge.documents.values() if self.is_law(d)}
        # Where a newer text prevails, the old one's numbers may be wrong answers today.
        sure = {d.id for d in knowledge.documents.values() if self.is_law(d) and law.isdisjoint(d.partly_superseded_by)}
        told = (p for p in knowledge.provisions.values() if p.gist and p.verified and p.document.id in sure)
        # The snapshot has no order of its own: fix one, so that a seed gives the same quiz in every process.
        self.all = sorted(told, key=lambda p: p.id)
        self.known = {p.iri for p in self.all}
        self.by_document: dict[str, list[Provision]] = defaultdict(list)
        for provision in self.all:
            self.by_document[provision.document.id].append(provision)
        chosen = {p.iri for p in provisions}
        self.provisions = [p for p in self.all if p.iri in chosen]
        self.checks = sorted(checks, key=lambda c: c.id)
        self.majors = [p for p in self.all if p.major_hazard]

    def is_law(self, document: Document) -> bool:
        """Whether a document is law on the day (not repealed, when none is given)."""
        return document.is_in_force(self.day) if self.day else document.repealed is None

    def drafts(self) -> Iterator[Draft]:
        """Every question that may be made, in no particular order."""
        for provision in self.provisions:
            if provision.modality != "penalty":
                yield from self._number_drafts(provision)
            for says in sorted(provision.says) if provision.modality in ("duty", "prohibition") else ():
                if _PENAL_WORDS.search(says) or len(says) < SPOKEN:
                    continue
                stem = f"有人问：“{says}”应当查哪一条？"
                make = partial(self._governs, stem, says, [provision])
                yield Draft("governs", "single", f"governs/{provision.id}", says, make)
        yield from self._fine_drafts()
        yield from self._item_drafts()
        for check in self.checks:
            grounds = self._grounds(check)
            if grounds:
                yield from self._check_drafts(check, grounds)

    def _grounds(self, check: Check) -> list[Provision]:
        return [self.knowledge.provisions[i] for i in check.basis if i in self.known]

    # --- numbers ----------------------------------------------------------------------------------------------------

    def _number_drafts(self, provision: Provision) -> Iterator[Draft]:
        gist = provision.gist or ""
        for number, unit in sorted(set(quantities(gist))):
            fact = f"number/{provision.id}/{number}{unit}"
            make = partial(self._number, provision, number, unit)
            yield Draft("number", "single", fact, gist, make)
            yield Draft("number", "judgement", fact, gist, partial(self._number_judgement, provision, number, unit))

    def _other_numbers(self, provision: Provision, number: str, unit: str) -> list[str]:
        """Real numbers of the same unit that this gist doesn't name: those of the same document first, then the nearest."""
        own = {n for n, u in quantities(provision.gist or "") if u == unit}
        found: dict[str, bool] = {}
        for other in self.all:
            for n, u in quantities(other.gist or ""):
                if u == unit and n not in own and float(n) > 0:
                    found[n] = found.get(n, False) or other.document.id == provision.document.id

        def distance(n: str) -> float:
            return abs(math.log(float(n) / float(number))) if float(number) > 0 else float(n)

        return sorted(found, key=lambda n: (distance(n) > FAR, not found[n], distance(n), n))

    def _number(self, provision: Provision, number: str, unit: str, rng: random.Random) -> QuizQuestion | None:
        others = self._other_numbers(provision, number, unit)[:5]
        if len(others) < 3:
            return None
        text = _replace(_clause(provision, number, unit), number, unit, "____")
        stem = f"{provision.citation}：{text}空格处应当是？"
        wrong = [f"{n}{unit}" for n in rng.sample(others, 3)]
        why = f"{provision.citation}：{provision.gist}"
        return choice("number", "single", stem, [f"{number}{unit}"], wrong, why, [provision], rng)

    def _number_judgement(self, provision: Provision, number: str, unit: str, rng: random.Random) -> QuizQuestion | None:
        others = self._other_numbers(provision, number, unit)[:3]
        right = rng.random() < 0.5 or not others
        shown = f"{number}{unit}" if right else f"{rng.choice(others)}{unit}"
        stem = f"{provision.citation}：{_replace(_clause(provision, number, unit), number, unit, shown)}"
        return judgement("number", stem, right, f"{provision.citation}：{provision.gist}", [provision])

    # --- which provision --------------------------------------------------------------------------------------------

    def _neighbors(self, right: Sequence[Provision], words: str) -> list[Provision]:
        """Provisions of the same documents, the nearest first, that can't be taken for a right answer."""
        touching = {i for p in right for i in (*self._line(p), *p.cites, *p.penalized_by)}
        said = {s for p in right for s in p.says}
        texts = [words, *(p.gist or "" for p in right)]
        found: list[tuple[int, str, Provision]] = []
        for document in dict.fromkeys(p.document.id for p in right):
            row = self.by_document[document]
            place = next((n for n, p in enumerate(row) if p.iri == right[0].iri), 0)
            for n, other in enumerate(row):
                linked = other.iri in touching or touching.intersection(self._line(other)) or right[0].iri in other.cites
                if linked or other.heading is None or said.intersection(other.says) or other.modality == "penalty":
                    continue
                if all(likeness(text, other.gist or "") < LIKE for text in texts):
                    found.append((abs(n - place), other.id, other))
        return [p for _, _, p in sorted(found, key=lambda f: f[:2])]

    def _line(self, provision: Provision) -> set[str]:
        """A provision and what it lies in."""
        line, at = set(), provision
        while True:
            line.add(at.iri)
            if at.parent not in self.knowledge.provisions:
                return line
            at = self.knowledge.provisions[at.parent]

    def _governs(self, stem: str, words: str, right: Sequence[Provision], rng: random.Random) -> QuizQuestion | None:
        wrong = self._neighbors(right, words)[:8]
        if len(wrong) < 3:
            return None
        first = right[0]
        why = f"依据是{first.citation}：{first.gist}"
        return choice("governs", "single", stem, [_name(first)], [_name(p) for p in rng.sample(wrong, 3)], why, [first], rng)

    def _all_grounds(self, check: Check, right: Sequence[Provision], rng: random.Random) -> QuizQuestion | None:
        wrong = self._neighbors(right, check.ask)[:8]
        if len(wrong) < 2:
            return None
        chosen = list(right[:3])
        stem = f"检查“{check.ask}”，下列哪些条款是它的依据？"
        why = _all_told(chosen)
        named = [_name(p) for p in rng.sample(wrong, 2)]
        return choice("grounds", "multiple", stem, [_name(p) for p in chosen], named, why, chosen, rng)

    def _check_drafts(self, check: Check, grounds: list[Provision]) -> Iterator[Draft]:
        stem = f"现场检查发现这一项不符合：“{check.ask}”认定的首要依据是哪一条？"
        fact = f"check/{check.id}"
        yield Draft("governs", "single", fact, check.ask, partial(self._governs, stem, check.ask, grounds))
        if len(grounds) > 1:
            yield Draft("grounds", "multiple", fact, check.ask, partial(self._all_grounds, check, grounds))
        criterion = [p for p in grounds if p.major_hazard]
        if criterion or self._is_surely_general(check):
            make = partial(self._major_judgement, check, criterion or grounds[:1])
            yield Draft("major", "judgement", fact, check.ask, make)
        if criterion:
            yield Draft("major", "single", fact, check.ask, partial(self._major, check, criterion))

    # --- major hazards ----------------------------------------------------------------------------------------------

    def _is_surely_general(self, check: Check) -> bool:
        """Whether no criterion of a major hazard is among the grounds, and none sounds like the check either."""
        grounds = self._grounds(check)
        return not any(p.major_hazard for p in grounds) and all(
            likeness(check.ask, p.gist or "") < LIKE for p in self.majors
        )

    def _major_judgement(self, check: Check, shown: list[Provision], rng: random.Random) -> QuizQuestion:
        major = shown[0].major_hazard
        claims_major = rng.random() < 0.5
        claim = "重大事故隐患" if claims_major else "一般隐患"
        stem = f"“{check.ask}”这一项不符合的，属于{claim}。"
        if major:
            why = f"{shown[0].citation}列为重大事故隐患：{shown[0].gist}"
        else:
            why = f"它的依据{shown[0].citation}不是重大事故隐患判定条款，按一般隐患处理：{shown[0].gist}"
        return judgement("major", stem, claims_major == major, why, shown)

    def _major(self, check: Check, criterion: list[Provision], rng: random.Random) -> QuizQuestion | None:
        general = [c.ask for c in self.checks if c.ask != check.ask and self._grounds(c) and self._is_surely_general(c)]
        general = sorted({ask for ask in general if likeness(ask, check.ask) < LIKE})
        if len(general) < 3:
            return None
        why = f"{criterion[0].citation}列为重大事故隐患：{criterion[0].gist}"
        stem = "下列检查项中，哪一项不符合时属于重大事故隐患？"
        return choice("major", "single", stem, [check.ask], rng.sample(general, 3), why, criterion, rng)

    # --- penal provisions -------------------------------------------------------------------------------------------

    def _holder(self, provision: Provision) -> Provision | None:
        at = provision
        while not at.sanctions and at.parent in self.knowledge.provisions:
            at = self.knowledge.provisions[at.parent]
        return at if at.sanctions else None

    def _fine_drafts(self) -> Iterator[Draft]:
        for provision in self.provisions:
            holder = self._holder(provision)
            # A gist that names the amount, or a bare article, would give the answer away or leave the breach untold.
            if holder is None or provision.iri == holder.iri or "元" in (provision.gist or ""):
                continue
            stages = Counter((s.who, s.when, s.condition) for s in holder.sanctions if fine_text(s))
            for sanction in sorted(holder.sanctions, key=sanction_text):
                stage = (sanction.who, sanction.when, sanction.condition)
                if not fine_text(sanction) or stages[stage] > 1:
                    continue
                fact = f"fine/{holder.id}/{'/'.join(map(str, stage))}"
                words = f"{provision.gist}{WHO_LABELS[sanction.who]}{WHEN_LABELS[sanction.when]}"
                yield Draft("fine", "single", fact, words, partial(self._fine, provision, sanction))
                yield Draft("fine", "judgement", fact, words, partial(self._fine_judgement, provision, sanction))

    def _other_fines(self, provision: Provision, sanction: Sanction) -> list[str]:
        """Real fines of other penal provisions: same party first, then same document."""
        ranked: dict[str, tuple[bool, bool, bool]] = {}
        for other in self.all:
            for s in other.sanctions:
                text = fine_text(s)
                if text and text != fine_text(sanction):
                    near = (s.who != sanction.who, s.when != sanction.when, other.document.id != provision.document.id)
                    ranked[text] = min(ranked.get(text, (True, True, True)), near)
        return sorted(ranked, key=lambda text: (ranked[text], text))

    def _fine(self, provision: Provision, sanction: Sanction, rng: random.Random) -> QuizQuestion | None:
        others = self._other_fines(provision, sanction)[:8]
        if len(others) < 3:
            return None
        stem = f"{_breach(provision, sanction)}，罚款的幅度是？"
        why = f"{provision.citation}。{sanction_text(sanction)}。"
        return choice("fine", "single", stem, [fine_text(sanction)], rng.sample(others, 3), why, [provision], rng)

    def _fine_judgement(self, provision: Provision, sanction: Sanction, rng: random.Random) -> QuizQuestion:
        others = self._other_fines(provision, sanction)[:3]
        right = rng.random() < 0.5 or not others
        shown = fine_text(sanction) if right else rng.choice(others)
        why = f"{provision.citation}。{sanction_text(sanction)}。"
        return judgement("fine", f"{_breach(provision, sanction)}，{shown}。", right, why, [provision])

    def _item_drafts(self) -> Iterator[Draft]:
        """What an article lists: several of its items among items of other articles."""
        groups: dict[str, list[Provision]] = defaultdict(list)
        for provision in self.all:
            if provision.item and "元" not in (provision.gist or ""):
                groups[self.knowledge.article_of(provision).iri].append(provision)
        for provision in self.provisions:
            iri = self.knowledge.article_of(provision).iri
            listed = groups.get(iri, [])
            if provision in listed and len(listed) >= 2:
                article = self.knowledge.provisions[iri]
                make = partial(self._items, article, provision, listed)
                yield Draft("items", "multiple", f"items/{article.id}", f"{article.citation}{provision.gist}", make)

    def _items(
        self, article: Provision, first: Provision, listed: list[Provision], rng: random.Random
    ) -> QuizQuestion | None:
        fellows = [p for p in listed if p.id != first.id and p.gist != first.gist]
        if not fellows:
            return None
        right = [first, *rng.sample(fellows, min(len(fellows), rng.randint(1, 2)))]
        texts = [p.gist or "" for p in self.all if self.knowledge.article_of(p).iri == article.iri]
        others = [
            p
            for p in self.by_document[article.document.id]
            if p.item
            and p.modality == first.modality
            and self.knowledge.article_of(p).iri != article.iri
            and all(likeness(p.gist or "", text) < LIKE for text in texts)
        ]
        others.sort(key=lambda p: (abs((p.article or 0) - (article.article or 0)), p.id))
        if len(others) < 2:
            return None
        wrong = [p.gist or "" for p in rng.sample(others[:6], 4 - len(right) if len(right) < 3 else 2)]
        stem = f"下列哪些情形列在{article.citation}{f'（{article.heading}）' if article.heading else ''}中？"
        why = _all_told(right)
        return choice("items", "multiple", stem, [p.gist or "" for p in right], wrong, why, right, rng)


def fine_text(sanction: Sanction) -> str:
    """The fine of a sanction alone (罚款10万元以上20万元以下), without whether it is at discretion; empty without one."""
    last = sanction_text(sanction).rpartition("：")[2].rpartition("；")[2]
    return last.removeprefix("可以") if "罚款" in last and last not in sanction.measures else ""


def _breach(provision: Provision, sanction: Sanction) -> str:
    head = [WHO_LABELS[sanction.who], WHEN_LABELS[sanction.when], sanction.condition]
    return f"{(provision.gist or '').rstrip('。')}。依照{provision.citation}，对{'，'.join(p for p in head if p)}"


def _all_told(provisions: Sequence[Provision]) -> str:
    return "；".join(f"{p.citation}：{(p.gist or '').rstrip('。')}" for p in provisions) + "。"


def _name(provision: Provision) -> str:
    return f"{provision.citation}（{provision.heading}）" if provision.heading else provision.citation


def _clause(provision: Provision, number: str, unit: str) -> str:
    """The gist, or where it is long the clause that holds the number."""
    gist = provision.gist or ""
    if len(gist) <= LONG_GIST:
        return gist
    clauses = re.findall(r"[^；。]+[；。]?", gist)
    return next((c for c in clauses if (number, unit) in quantities(c)), gist)


def _replace(text: str, number: str, unit: str, new: str) -> str:
    return QUANTITY.sub(lambda m: new if (m[1], m[2]) == (number, unit) else m[0], text)
