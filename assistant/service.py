"""The assistant as one object: opens the published snapshot, answers, and picks up a new snapshot on the next request."""

from __future__ import annotations

import datetime
import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant import hazard_source, penalties, simulation, training
from assistant.cases import SimilarCases, similar_cases
from assistant.checklist import Checklist, Facts, make_checklist, resolve_scenes, scenes_with_checks
from assistant.hazard_source import HazardSource
from assistant.knowledge import Knowledge
from assistant.models import Answer
from assistant.profile import Profile, Recognizer
from assistant.question import clean, parse_day
from assistant.quiz import Quiz
from assistant.search import Searcher
from assistant.simulation import Simulation
from assistant.thresholds import ThresholdOut, find_thresholds
from assistant.training import LessonPack
from assistant.verify import Verification, verification
from assistant.worksheet import Factors, PenaltyWorksheet
from kg_build.errors import UsageError
from kg_build.forms import CASE_TYPE_LABELS
from kg_build.published import current
from kg_build.tagging import Tagger

Clock = Callable[[], datetime.date]


class Reader:
    """Everything that belongs to one snapshot."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.tagger = Tagger.from_graph(knowledge.graph)
        self.searcher = Searcher(knowledge, self.tagger)

    @functools.cached_property
    def recognizer(self) -> Recognizer:
        """Reads descriptions of plants; made when the first one comes."""
        return Recognizer(self.knowledge.graph, self.tagger)


class Assistant:
    """Answers from the snapshot published in a data folder; safe to use from several threads."""

    def __init__(self, data: Path, clock: Clock = datetime.date.today) -> None:
        self.data = data
        self.today = clock
        self._reader: Reader | None = None
        self._lock = threading.Lock()

    @property
    def reader(self) -> Reader:
        """The reader of the published snapshot; opened anew when another was published since."""
        folder = current(self.data)
        held = self._reader
        if held is not None and (folder is None or folder == held.knowledge.folder):
            return held
        with self._lock:
            if self._reader is None or (folder is not None and folder != self._reader.knowledge.folder):
                self._reader = Reader(Knowledge.open(self.data))
            return self._reader

    @property
    def knowledge(self) -> Knowledge:
        """The published snapshot's knowledge."""
        return self.reader.knowledge

    def warm(self) -> None:
        """Load everything first questions need."""
        self.reader.knowledge.warm()

    def ask(self, q: str, as_of: str | None = None, *, provisions: int = 20, checks: int = 8, cases: int = 5) -> Answer:
        """Answer a question with the law of a day (ISO date; today by default)."""
        day = parse_day(as_of, self.today())
        return self.reader.searcher.ask(q, day, provisions=provisions, checks=checks, cases=cases)

    def cases(
        self, q: str, as_of: str | None = None, *, limit: int = 8, kinds: Sequence[str] = (), shanghai: bool = False
    ) -> SimilarCases:
        """Cases like a situation."""
        day = parse_day(as_of, self.today())
        return similar_cases(self.reader.searcher, q, day, limit=limit, kinds=kinds, shanghai=shanghai)

    def verify(self, text: str, as_of: str | None = None) -> Verification:
        """Every citation in a text, checked against the law of a day."""
        return verification(text, self.knowledge, parse_day(as_of, self.today()))

    def recognize(self, text: str) -> Profile:
        """What a plant described in plain words does, makes and stores."""
        return self.reader.recognizer.recognize(clean(text))

    def facts(self, text: str) -> list[tuple[str, str]]:
        """What was recognized in a description, as (words for the reader, concept IRI), to be corrected by the user."""
        profile = self.recognize(text)
        return [(f"{f.label}（“{f.evidence}”）", f.concept) for f in profile.facts()]

    def checklist(
        self,
        scenes: Sequence[str] = (),
        profile: str | None = None,
        as_of: str | None = None,
        *,
        only: Sequence[str] | None = None,
        title: str | None = None,
    ) -> Checklist:
        """The checklist of named scenes and/or of a plant described in plain words.

        With a profile, the scenes it implies are added to those named; ``only`` (concept IRIs) keeps just the recognized
        facts the user left ticked.
        """
        day = parse_day(as_of, self.today())
        reader = self.reader
        chosen = resolve_scenes(scenes, reader.knowledge)
        if not profile or not profile.strip():
            if not chosen:
                known = "、".join(reader.knowledge.label(s) for s in scenes_with_checks(reader.knowledge))
                raise UsageError(f"请至少选一个场景，或用一句话写明企业做什么；可选场景：{known}。")
            return make_checklist(reader.knowledge, chosen, day, title=title)
        recognized = self.recognize(profile)
        plant = reader.recognizer.plant(recognized, only)
        with_checks = scenes_with_checks(reader.knowledge)
        implied = [s for s in with_checks if s in plant.scenes and s not in chosen]
        return make_checklist(
            reader.knowledge,
            [*chosen, *implied],
            day,
            facts=Facts(concepts=frozenset(plant.concepts), headcount=recognized.headcount),
            profile=profile.strip(),
            understood=plant.understood,
            conclusions=plant.conclusions,
            title=title,
        )

    def hazard_source(self, substances: Sequence[str], exposed: int, as_of: str | None = None) -> HazardSource:
        """Whether one unit with ``substances`` (``液氨=12``) is a major hazard source, and of which grade."""
        return hazard_source.assess(
            self.knowledge, hazard_source.parse_amounts(substances), exposed, parse_day(as_of, self.today())
        )

    def thresholds(self, words: Sequence[str], as_of: str | None = None) -> list[ThresholdOut]:
        """The numbers the law sets about ``words``."""
        return find_thresholds(self.knowledge, [clean(w) for w in words], parse_day(as_of, self.today()))

    def penalties(self, subject: str, as_of: str | None = None, factors: Factors | None = None) -> PenaltyWorksheet:
        """What a failed check (its id) or a broken provision (a citation) costs, and when it costs nothing."""
        return penalties.assess(self.knowledge, subject, parse_day(as_of, self.today()), factors)

    def stats(self) -> dict[str, Any]:
        """Counts of what the snapshot holds."""
        knowledge = self.knowledge
        kinds: dict[str, int] = {}
        for document in knowledge.documents.values():
            kinds[document.kind] = kinds.get(document.kind, 0) + 1
        scenes: dict[str, int] = {}
        for iri in scenes_with_checks(knowledge):
            scenes[knowledge.label(iri)] = sum(c.scene == iri for c in knowledge.checks.values())
        provisions = knowledge.provisions.values()
        cases = knowledge.cases.values()
        return {
            "documents": {"total": len(knowledge.documents), "by_kind": dict(sorted(kinds.items()))},
            "provisions": {
                "total": len(knowledge.provisions),
                "with_gist": sum(p.gist is not None for p in provisions),
                "verified": sum(p.verified for p in provisions),
                "with_official_text": sum(p.official_text is not None for p in provisions),
            },
            "documents_in_force": sum(d.is_in_force(self.today()) for d in knowledge.documents.values()),
            "major_hazards": sum(p.major_hazard and p.document.is_in_force(self.today()) for p in provisions),
            "sanctions": sum(len(p.sanctions) for p in provisions),
            "discretion_tiers": sum(len(p.tiers) for p in provisions),
            "leniency_entries": sum(p.leniency is not None for p in provisions),
            "thresholds": sum(len(p.thresholds) for p in provisions),
            "checks": {"total": len(knowledge.checks), "by_scene": scenes},
            "cases": {
                "total": len(knowledge.cases),
                "shanghai": sum(c.in_shanghai for c in cases),
                "by_type": {kind: sum(c.type == kind for c in cases) for kind in CASE_TYPE_LABELS},
            },
            "scenes": len(scenes),
            "tags": len(knowledge.vocabulary.tags.labels),
            "triples": int(knowledge.manifest["triples"]),
        }

    def lesson(
        self,
        topic: str,
        audience: str = "",
        as_of: str | None = None,
        *,
        seed: int = 0,
        cases: int = 5,
        questions: int = 10,
        observations: int = 12,
    ) -> LessonPack:
        """A lesson on a topic for an audience: cases, rules, discussion, quiz and simulated inspection."""
        day = parse_day(as_of, self.today())
        return training.lesson(
            self.reader.searcher, topic, audience, day, seed, stories=cases, questions=questions, observations=observations
        )

    def quiz(self, topic: str, count: int = 20, as_of: str | None = None, *, seed: int = 0) -> Quiz:
        """A quiz on a topic whose every key cites a provision."""
        day, reader = parse_day(as_of, self.today()), self.reader
        return training.quiz(reader.knowledge, topic, count, seed, day=day, tagger=reader.tagger)

    def simulate(self, topic: str, count: int = 12, as_of: str | None = None, *, seed: int = 0) -> Simulation:
        """A simulated inspection on a topic."""
        day, reader = parse_day(as_of, self.today()), self.reader
        return simulation.simulate(reader.knowledge, topic, count, seed, day=day, tagger=reader.tagger)
