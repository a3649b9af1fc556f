"""Learns the encoder of characters from how people ask: ``python -m bench.encoder.bag``, then ``hegui vectors``.

Every saying is to find the entry it asks for among all; what is not learned often enough (``OFTEN``) is left out. Labelled
questions are not read.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from torch.nn import functional

from kg_build.bag import grams, shipped_bag
from kg_build.prototypes import TEMPERATURE
from kg_build.vectors import findable

DIM = 128
OFTEN = 12
"""In so many sayings a gram must stand."""
DROPPED = 0.5
"""What share of a saying's grams is hidden while learning: else a few that give it away would do."""
BATCH = 512
RATE = 5e-3
ROUNDS = 4
SEED = 0


def main() -> None:
    """Learn and write the model file."""
    entries = findable()
    says = [(grams(s), n) for n, e in enumerate(entries) for s in e.says]
    often = Counter(int(g) for found, _ in says for g in found)
    known = np.array(sorted(g for g, n in often.items() if n >= OFTEN), np.int64)
    rarity = torch.tensor([np.log((1 + len(says)) / (1 + often[int(g)])) for g in known], dtype=torch.float32)
    place = {int(g): n for n, g in enumerate(known)}
    held = [[place[int(g)] for g in found if int(g) in place] for found, _ in says]
    starts = torch.from_numpy(np.cumsum([0, *map(len, held)]))
    every = torch.tensor([n for one in held for n in one])
    owners = torch.tensor([owner for _, owner in says])
    torch.manual_seed(SEED)
    vectors = torch.nn.Parameter(torch.randn(len(known), DIM) * DIM**-0.5)
    weights = torch.nn.Parameter(rarity / 5)
    prototypes = torch.nn.Parameter(torch.randn(len(entries), DIM) * DIM**-0.5)
    optimizer = torch.optim.Adam([vectors, weights, prototypes], lr=RATE)
    step, steps = 0, ROUNDS * (len(says) // BATCH)
    for round_ in range(ROUNDS):
        total = 0.0
        for rows in torch.randperm(len(says))[: len(says) // BATCH * BATCH].split(BATCH):
            optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
            counts = starts[rows + 1] - starts[rows]
            offsets = torch.cumsum(counts, 0) - counts
            mine = every[torch.repeat_interleave(starts[rows] - offsets, counts) + torch.arange(int(counts.sum()))]
            shown = weights[mine] * (torch.rand(len(mine)) >= DROPPED)
            summed = functional.embedding_bag(mine, vectors, offsets, mode="sum", per_sample_weights=shown)
            near = functional.normalize(summed, dim=-1) @ functional.normalize(prototypes, dim=-1).T
            loss = functional.cross_entropy(near / float(TEMPERATURE), owners[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step, total = step + 1, total + float(loss.detach())
        print(f"round {round_ + 1}: loss {total / (len(says) // BATCH):.3f}", flush=True)
    learned = (vectors * weights[:, None]).detach().numpy()
    scale = np.maximum(np.abs(learned).max(axis=1, keepdims=True) / 127, 1e-9)
    np.savez(
        shipped_bag(), grams=known, codes=np.rint(learned / scale).astype(np.int8), scale=scale[:, 0].astype(np.float16)
    )
    print(f"{shipped_bag().name}: {len(known)} grams, {shipped_bag().stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
