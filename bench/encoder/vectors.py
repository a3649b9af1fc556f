"""Encodes with torch what the shipped vectors lack: ``python -m bench.encoder.vectors``, then ``hegui vectors``.

The same model as the engine's, in half precision where the processor multiplies it natively: several times quicker, which
counts when a newly trained encoder makes all vectors anew. ``hegui vectors --check 500`` compares with the engine.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from bench.encoder.model_file import Unigram, read
from bench.encoder.train import Encoder, Texts, machine
from kg_build.embedding import EmbeddedEncoder, VectorStore, shipped_encoder
from kg_build.prototypes import prototype_texts
from kg_build.vectors import findable, shipped_vectors

BATCH = 128
HEADS = 12
LONGEST = 512


def main() -> None:
    """Encode, texts of a length together, and write the shipped vectors."""
    engine = EmbeddedEncoder(shipped_encoder())
    store = VectorStore(engine.name, engine.dim)
    store.read(shipped_vectors())
    found = findable()
    texts = list(dict.fromkeys(p for e in found for p in e.passages))
    wanted = store.missing(texts)
    held = read(shipped_encoder())
    cut = Unigram(held)
    tokens = [cut(f"passage: {t}") for t in wanted]
    device, halved = machine()
    model = Encoder({n: torch.from_numpy(held.tensor(n).copy()) for n in held.tensors}, HEADS, 1e-12, 0.0).to(device)
    model.eval()
    model.hold(True)
    ends = np.cumsum([0, *map(len, tokens)])
    padded = Texts(np.array([n for one in tokens for n in one], np.uint16), ends, device)
    order = np.argsort([len(one) for one in tokens], kind="stable")
    began = time.monotonic()
    for at in range(0, len(order), BATCH):
        rows = order[at : at + BATCH]
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=halved):
            vectors = model(*padded.batch(rows, LONGEST)).float().cpu().numpy()
        for row, vector in zip(rows.tolist(), vectors, strict=True):
            store.put(wanted[row], vector)
        if at // BATCH % 100 == 0:
            print(f"{at + len(rows)}/{len(wanted)} {time.monotonic() - began:.0f}s", flush=True)
    learned = prototype_texts(found)
    lacking = set(store.missing(learned))
    store.write(shipped_vectors(), [*texts, *(t for t in learned if t not in lacking)])
    print(f"{len(wanted)} texts in {time.monotonic() - began:.0f}s")


if __name__ == "__main__":
    main()
