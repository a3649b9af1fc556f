"""What speaks for each entry of the index when a question is asked: one row an entry, one column a kind of evidence.

Words (BM25), characters, meaning (vectors) and the graph (concepts, checks and cases as doors to their grounds, penalties to
the duties they punish) each say something of an entry; :mod:`assistant.ranking` weighs what they say.
"""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import amounts, asked, learned
from assistant.doors import Edges, Groups, Scores, best_door, by_target
from assistant.knowledge import Knowledge
from assistant.question import Question
from kg_build.dense import Nearness

AHEAD = (
    "words_told",
    "words_said",
    "grams_told",
    "bag",
    "near_told",
    "near_said",
    "near_said_second",
    "near_best",
    "near_part",
    "near_third",
    "near_mean",
    "near_learned",
    "check_near",
    "check_words",
    "case_near",
    "chapter",
    "document",
    "punishes_asked",
)
"""Evidence that also counts by how far a provision falls behind the best one."""
NAMES = (
    *AHEAD,
    "breadth",
    "tags",
    "tags_together",
    "scenes",
    "subject",
    "other_subject",
    "penal_asked",
    "penal_unasked",
    "duty_unpenal",
    "procedure",
    "definition",
    "threshold",
    "amount",
    "named",
    "statute",
    "regulation",
    "local",
    "normative",
    "standard",
    "recommended",
    "superseded",
    "untold",
    "other_industry",
    *(f"asked_{kind}" for kind in asked.KINDS),
    *(f"ahead_{name}" for name in AHEAD),
)
_FIRST_NUMBER = re.compile(r"/cl_([A-Z]?\d*)\.?")
# How safety is managed is asked of every subject; what is done, with what, where, is what tells one question from another.
GENERAL = ("management", "enforcement")
COLUMN = {name: n for n, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for one question: ``table`` has a row an entry and a column a name of ``NAMES``."""

    table: Scores
    opened_by: dict[str, NDArray[np.int64]]
    """For ``check``, ``case`` and ``penalty`` (the duty punished): the entry that best leads to each; -1 where none does."""
    near: Nearness | None

    def column(self, name: str) -> Scores:
        """One kind of evidence for every entry."""
        return np.asarray(self.table[:, COLUMN[name]])


class Features:
    """Computes the evidence over one snapshot; safe to use from several threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.size = len(knowledge.entries)
        self.article_entry = {
            knowledge.provision_by_id[i].iri: n for n, (i, kind) in enumerate(knowledge.entries) if kind == "provision"
        }
        self.carriers = self._index_carriers()
        self._subjects, self._has_subject = self._index_subjects()
        self._checks = self._edges("check")
        self._cases = self._edges("case")
        self._penal = self._penal_edges()
        self._fixed = self._fixed_columns()
        kinds = [self._modal[name] for name in asked.MODALITIES] + [self._fixed[:, COLUMN[name]] for name in asked.DOCUMENTS]
        self.is_kind = np.stack(kinds, axis=1) > 0
        self.judge(learned.read().get("asked"))
        self._amounts = self._index_amounts()
        self._provisions = np.array([kind == "provision" for _, kind in knowledge.entries])
        self._chapters, self._documents_of = self._by_chapter(), Groups(self._documents.tolist())

    def judge(self, judgments: Mapping[str, Any] | None) -> None:
        """Tell what kind of provision is asked for by these learned judgments from now on."""
        self._asked = asked.Asked(judgments, self.is_kind)

    def entry_of(self, iri: str) -> int | None:
        """The entry in which a provision is found: its own, or its article's."""
        provision = self.knowledge.provisions[iri]
        return self.article_entry.get(iri, self.article_entry.get(self.knowledge.article_of(provision).iri))

    def evidence(self, question: Question, day: datetime.date, *, vectors: bool = True) -> Evidence:
        """What speaks for each entry on a question; without ``vectors`` by words and graph alone."""
        knowledge = self.knowledge
        table = self._fixed.copy()
        table[:, COLUMN["superseded"]] = self._superseded(day)

        def put(name: str, values: Scores) -> None:
            table[:, COLUMN[name]] = values

        put("words_told", knowledge.lexical.coverage(question.text))
        put("words_said", knowledge.said.coverage(question.text))
        put("grams_told", knowledge.grams.likeness(question.text))
        put("bag", knowledge.bag.nearness(question.text))
        encoder = knowledge.encoder if vectors else None
        near = None
        if encoder is not None and knowledge.dense is not None:
            vector = encoder.encode_queries([question.text])
            near = knowledge.dense.nearness(vector)
            found = self._put_near(near, table)
            first = COLUMN[f"asked_{asked.KINDS[0]}"]
            table[:, first : first + len(asked.KINDS)] = self._asked.fits(vector, encoder.name)
        else:
            found = np.maximum(table[:, COLUMN["words_told"]], table[:, COLUMN["words_said"]])
        words = np.maximum(table[:, COLUMN["words_told"]], table[:, COLUMN["words_said"]])
        opened = {}
        for kind, edges in (("check", self._checks), ("case", self._cases)):
            gain, door = best_door(edges, found, self.size)
            put(f"{kind}_near", gain)
            opened[kind] = door
        put("check_words", best_door(self._checks, words, self.size)[0])
        self._put_concepts(question, table)
        opened["penalty"] = self._put_intent(question, found, table)
        named = [d for d in question.cited_documents if d in knowledge.documents]
        if named:
            iris = {knowledge.documents[d].iri for d in named}
            put("named", np.isin(self._documents, list(iris)).astype(np.float32))
        put("other_industry", self._other_industry(question))
        self._put_ahead(day, table)
        return Evidence(table, opened, near)

    def states_amount(self, question: Question, *, without: Iterable[str] = ()) -> NDArray[np.bool_] | None:
        """Which entries state an amount of a kind that the question asks for; ``None`` where it asks for none.

        Kinds ``without`` which it is to be told don't count.
        """
        wanted = amounts.asked(question.text).difference(without)
        if not wanted:
            return None
        return np.asarray(self._amounts[:, [amounts.KINDS.index(kind) for kind in wanted]].any(axis=1))

    def covered(self, question: Question, entry: int) -> float:
        """What share of the question an entry has words for, in what it says or in how it is asked for, by their rarity."""
        rarity = self.knowledge.lexical.rarities(question.text)
        held = self.knowledge.lexical.holds(entry, rarity) | self.knowledge.said.holds(entry, rarity)
        return sum(rarity[word] for word in held) / max(sum(rarity.values()), 1e-9)

    def penalties(self) -> list[tuple[int, int]]:
        """Every duty with the penal provision that punishes its breach, as entries."""
        duties, penal, _ = self._penal
        return list(zip(duties.tolist(), penal.tolist(), strict=True))

    def _put_near(self, near: Nearness, table: Scores) -> Scores:
        best = np.maximum(near.told, near.said)
        columns = {
            "near_told": near.told,
            "near_said": near.said,
            "near_said_second": near.second,
            "near_best": best,
            "near_part": near.part,
            "near_third": near.third,
            "near_mean": near.mean,
            "near_learned": near.learned,
        }
        for name, values in columns.items():
            table[:, COLUMN[name]] = values
        both = (near.told + near.said) * np.float32(0.5)
        table[:, COLUMN["chapter"]] = self._chapters.top(both, 3)
        table[:, COLUMN["document"]] = self._documents_of.top(both, 5)
        return best

    def _put_ahead(self, day: datetime.date, table: Scores) -> None:
        rows = table[:, [COLUMN[name] for name in AHEAD]]
        first = COLUMN[f"ahead_{AHEAD[0]}"]
        best = rows[self._provisions & self.lawful(day)].max(axis=0, initial=-np.inf)
        behind = rows[self._provisions] - np.where(np.isfinite(best), best, 0)
        table[self._provisions, first : first + len(AHEAD)] = behind

    def _put_concepts(self, question: Question, table: Scores) -> None:
        knowledge = self.knowledge
        tags, scenes, whole = np.zeros(self.size, np.float32), np.zeros(self.size, np.float32), 0.0
        shared = np.zeros(self.size, np.float32)
        asked = 0
        for concept in question.concepts:
            carriers = self.carriers.get(concept)
            if carriers is None:
                continue
            rarity = 1 - math.log(1 + len(carriers)) / math.log(1 + self.size)
            if knowledge.concepts[concept].kind == "RiskTag":
                tags[carriers] += rarity
                shared[carriers] += 1
                whole += rarity
                asked += 1
            else:
                scenes[carriers] = np.maximum(scenes[carriers], rarity)
        table[:, COLUMN["tags"]] = tags / whole if whole else tags
        table[:, COLUMN["tags_together"]] = np.clip(shared - 1, 0, None) / (asked - 1) if asked > 1 else 0
        table[:, COLUMN["scenes"]] = scenes
        asked_subjects = {c for c in question.concepts if c in self._subjects}
        if asked_subjects:
            agreeing = np.zeros(self.size, np.float32)
            for concept in asked_subjects:
                agreeing[self._subjects[concept]] += 1
            table[:, COLUMN["subject"]] = agreeing / len(asked_subjects)
            table[:, COLUMN["other_subject"]] = self._has_subject & (agreeing == 0)

    def _put_intent(self, question: Question, found: Scores, table: Scores) -> NDArray[np.int64]:
        penal, duty = self._modal["penalty"], self._modal["duty"]
        door = np.full(self.size, -1, dtype=np.int64)
        if question.wants_penalty:
            table[:, COLUMN["penal_asked"]] = penal
            table[:, COLUMN["punishes_asked"]], door = best_door(self._penal, found, self.size)
        else:
            table[:, COLUMN["penal_unasked"]] = self._modal["only_penalty"]
            table[:, COLUMN["duty_unpenal"]] = duty
        # Who asks what a breach costs also wants the duty, which states no fine.
        stating = self.states_amount(question, without=amounts.FINES if question.wants_penalty else ())
        if stating is not None:
            table[:, COLUMN["amount"]] = stating
        for intent in ("procedure", "definition", "threshold"):
            if intent in question.intents:
                table[:, COLUMN[intent]] = self._modal[intent]
        return door

    def _fixed_columns(self) -> Scores:
        knowledge = self.knowledge
        table = np.zeros((self.size, len(NAMES)), dtype=np.float32)
        modal: dict[str, Scores] = {
            name: np.zeros(self.size, np.float32)
            for name in ("penalty", "only_penalty", "duty", "procedure", "definition", "threshold")
        }
        kinds = {
            "statute": "statute",
            "administrative_regulation": "regulation",
            "local_regulation": "local",
            "local_rule": "local",
            "normative_document": "normative",
            "mandatory_standard": "standard",
            "recommended_standard": "recommended",
        }
        documents = [""] * self.size
        for iri, index in self.article_entry.items():
            article = knowledge.provisions[iri]
            parts = knowledge.below(article)
            told = {p.modality for p in parts if p.modality}
            documents[index] = article.document.iri
            if not told:
                table[index, COLUMN["untold"]] = 1
            modal["penalty"][index] = "penalty" in told
            modal["only_penalty"][index] = told == {"penalty"}
            modal["duty"][index] = bool(told & {"duty", "prohibition"})
            modal["procedure"][index] = "procedure" in told
            modal["definition"][index] = "definition" in told
            modal["threshold"][index] = any(p.thresholds for p in parts)
            if knowledge.dense is not None:
                table[index, COLUMN["breadth"]] = math.log1p(len(knowledge.says[index]))
            name = kinds.get(article.document.kind)
            if name:
                table[index, COLUMN[name]] = 1
        self._modal = modal
        self._documents = np.array(documents)
        return table

    @functools.lru_cache(maxsize=64)  # noqa: B019 - one a snapshot, and few days are asked for
    def _superseded(self, day: datetime.date) -> Scores:
        below = {d.id for d in self.knowledge.documents.values() if self.knowledge.superseding(d, day)}
        column = np.zeros(self.size, np.float32)
        for iri, index in self.article_entry.items():
            column[index] = self.knowledge.provisions[iri].document.id in below
        return column

    @functools.lru_cache(maxsize=64)  # noqa: B019 - as above
    def lawful(self, day: datetime.date) -> NDArray[np.bool_]:
        """Which entries may answer on a day: checks and cases, and what is law here on it."""
        allowed = np.ones(self.size, dtype=bool)
        for iri, index in self.article_entry.items():
            document = self.knowledge.provisions[iri].document
            allowed[index] = document.is_in_force(day) and document.applies_here
        return allowed

    def _other_industry(self, question: Question) -> Scores:
        """1 where a document binds only industries other than those the question is about."""
        knowledge = self.knowledge
        asked = {c for c in question.concepts if knowledge.concepts[c].kind == "Industry"}
        column = np.zeros(self.size, np.float32)
        if not asked:
            return column
        line = {i for c in asked for i in knowledge.upward(c)} | {i for c in asked for i in knowledge.narrower(c)}
        for document in knowledge.documents.values():
            if document.binds and not document.binds_any(line):
                column[self._documents == document.iri] = 1
        return column

    def _index_amounts(self) -> NDArray[np.bool_]:
        """Of every entry, of which kinds it states an amount."""
        table = np.zeros((self.size, len(amounts.KINDS)), dtype=bool)
        for iri, index in self.article_entry.items():
            parts = self.knowledge.below(self.knowledge.provisions[iri])
            told = amounts.stated(text for p in parts for text in (p.gist, p.official_text) if text)
            table[index] = [kind in told for kind in amounts.KINDS]
        return table

    def _index_carriers(self) -> dict[str, NDArray[np.int64]]:
        knowledge = self.knowledge
        carriers: dict[str, set[int]] = defaultdict(set)
        for provision in knowledge.provisions.values():
            index = self.entry_of(provision.iri)
            if index is not None:
                for concept in (*provision.tags, *provision.scenes):
                    carriers[concept].add(index)
        for check in knowledge.checks.values():
            for concept in (*check.tags, check.scene):
                carriers[concept].add(knowledge.position[(check.id, "check")])
        for case in knowledge.cases.values():
            for concept in (*case.tags, *case.scenes):
                carriers[concept].add(knowledge.position[(case.id, "case")])
        return {concept: np.array(sorted(found)) for concept, found in carriers.items()}

    def _index_subjects(self) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.bool_]]:
        """For each concept that names a subject the entries about it or about something narrower; and which have any."""
        knowledge = self.knowledge
        found: dict[str, set[int]] = defaultdict(set)
        has = np.zeros(self.size, dtype=bool)
        for concept, entries in self.carriers.items():
            line = knowledge.upward(concept)
            if line[-1].rsplit("/", 1)[-1] in GENERAL:
                continue
            for above in line:
                found[above].update(entries.tolist())
            has[entries] = True
        return {concept: np.array(sorted(entries)) for concept, entries in found.items()}, has

    def _by_chapter(self) -> Groups:
        """Provisions by the chapter (of a standard: by the first number of the clause) they stand in."""
        chapters = [""] * self.size
        for iri, index in self.article_entry.items():
            article = self.knowledge.provisions[iri]
            clause = _FIRST_NUMBER.search(article.id)
            chapters[index] = f"{article.document.iri} {clause[1] if clause else article.chapter or ''}"
        return Groups(chapters)

    def _edges(self, kind: str) -> Edges:
        knowledge = self.knowledge
        found = []
        if kind == "check":
            grounds: Iterable[tuple[str, tuple[str, ...]]] = ((c.id, c.basis) for c in knowledge.checks.values())
        else:
            grounds = ((c.id, c.cited) for c in knowledge.cases.values())
        for id_, iris in grounds:
            for place, iri in enumerate(iris):
                target = self.entry_of(iri)
                if target is not None:
                    found.append((knowledge.position[(id_, kind)], target, 0.97**place))  # type: ignore[index]
        return by_target(found)

    def _penal_edges(self) -> Edges:
        knowledge = self.knowledge
        found = set()
        for iri, index in self.article_entry.items():
            for part in knowledge.below(knowledge.provisions[iri]):
                for penal in part.penalized_by:
                    target = self.entry_of(penal)
                    if target is not None and target != index:
                        found.add((index, target, 1.0))
        return by_target(sorted(found))
