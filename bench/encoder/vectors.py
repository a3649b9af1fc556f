"""Encodes with torch what the shipped vectors lack: ``python -m bench.encoder.vectors``, then ``hegui vectors``.

The same model as the engine's, in half precision where the processor multiplies it natively: several times quicker, which
counts when a newly trained encoder makes all vectors anew. ``hegui vectors --check 500`` compares with the engine.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from bench.encoder.model_file import Unigram, read
from bench.encoder.train import Encoder, Texts, encode, machine
from kg_build.embedding import EMBEDDED, EmbeddedEncoder, shipped_encoder
from kg_build.prototypes import prototype_texts
from kg_build.snapshot import shipped_vectors
from kg_build.vectors import findable, shipped_store

BATCH = 128


def main() -> None:
    """Encode, texts of a length together, and write the shipped vectors."""
    store = shipped_store(EmbeddedEncoder(shipped_encoder()), EMBEDDED)
    found = findable()
    texts = list(dict.fromkeys(p for e in found for p in e.passages))
    wanted = store.missing(texts)
    print(f"{len(wanted)} texts to encode", flush=True)
    began = time.monotonic()
    held = read(shipped_encoder())
    cut = Unigram(held)
    tokens = [cut(f"passage: {t}") for t in wanted]
    device, halved = machine()
    padded = Texts(np.array([n for one in tokens for n in one], np.uint16), np.cumsum([0, *map(len, tokens)]), device)
    order = np.argsort([len(one) for one in tokens], kind="stable")
    if wanted:
        with torch.autocast(device.type, torch.bfloat16, enabled=halved):
            vectors = encode(Encoder.of(held).to(device), padded, order, BATCH).cpu().numpy()
        for row, vector in zip(order.tolist(), vectors, strict=True):
            store.put(wanted[row], vector)
    learned = prototype_texts(found)
    lacking = set(store.missing(learned))
    store.write(shipped_vectors(), [*texts, *(t for t in learned if t not in lacking)])
    print(f"{len(wanted)} texts in {time.monotonic() - began:.0f}s")


if __name__ == "__main__":
    main()
