"""Trains the encoder further, by prototypes: ``python -m bench.encoder.further FOLDER`` after ``prepare``, then ``pack``.

Each saying is to find another text of its entry among those of the step, and the entry's prototype (a vector learned along)
among those of all entries: thousands of wrong answers a step, so that none need be looked for. Starts from the shipped
encoder; writes ``trained.npz`` as :mod:`bench.encoder.train` does.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from bench.encoder.model_file import read
from bench.encoder.train import Encoder, Texts, machine
from kg_build.embedding import shipped_encoder
from kg_build.prototypes import TEMPERATURE

Numbers = NDArray[np.int64]
ALIKE = 0.93
"""Entries whose texts on average are nearer than this say the same: neither is a wrong answer for the other."""
WITHIN = 0.03
"""The temperature among the texts of a step; among prototypes it is that of :mod:`kg_build.prototypes`."""
TOLD = 0.3
"""How often a saying is paired with what the entry says itself instead of another saying."""
HIDDEN = 0.1
"""What share of a question's tokens is hidden while learning."""
LONGEST = 56
POOL = 32
"""So many steps' sayings are drawn together and put in order of length: a step then pads little."""


class Lessons:
    """Sayings with their entries, and the texts of each entry that a saying may be paired with."""

    def __init__(self, data: dict[str, Any], seed: int) -> None:
        asked = data["passage_asked"].astype(np.int64)
        is_said = asked >= 0
        self.asked: Numbers = asked[is_said]
        self.passages: Numbers = data["passages"].astype(np.int64)[is_said]
        self.owners: Numbers = data["passage_owners"].astype(np.int64)[is_said]
        self._said: dict[int, list[int]] = defaultdict(list)
        self._told: dict[int, list[int]] = defaultdict(list)
        for text, owner, said in zip(
            data["passages"].tolist(), data["passage_owners"].tolist(), is_said.tolist(), strict=True
        ):
            (self._said if said else self._told)[owner].append(text)
        self._lengths = np.diff(data["ends"])[self.asked]
        self._random = np.random.default_rng(seed)

    def steps(self, size: int) -> Iterator[tuple[Numbers, Numbers]]:
        """Without end: the sayings of a step, and a partner for each."""
        while True:
            order = self._random.permutation(len(self.asked))
            for at in range(0, len(order) - size * POOL + 1, size * POOL):
                pool = order[at : at + size * POOL]
                pool = pool[np.argsort(self._lengths[pool] + self._random.random(len(pool)))]
                parts = pool.reshape(POOL, size)
                for rows in parts[self._random.permutation(POOL)]:
                    yield rows, np.array([self._partner(n) for n in rows.tolist()])

    def _partner(self, saying: int) -> int:
        owner, own = int(self.owners[saying]), int(self.passages[saying])
        others = [t for t in self._said[owner] if t != own]
        told = self._told[owner]
        if told and (not others or self._random.random() < TOLD):
            return int(self._random.choice(told))
        return int(self._random.choice(others)) if others else own


def train(folder: Path, options: argparse.Namespace) -> None:
    """Learn for so many seconds, the rate falling to nothing; print the losses."""
    device, halved = machine()
    torch.manual_seed(options.seed)
    begun, data = read(shipped_encoder()), dict(np.load(folder / "texts.npz"))
    model = Encoder.of(begun, options.dropout).to(device)
    texts, lessons = Texts(data["tokens"], data["ends"], device), Lessons(data, options.seed)
    first = torch.from_numpy(data["means"])
    related = (torch.from_numpy(data["related"]) | (first @ first.T > ALIKE)).to(device)
    prototypes = nn.Parameter(first.to(device))
    learned = [p for p in model.parameters() if p.requires_grad]
    rates = (
        {"params": learned, "lr": options.rate},
        {"params": [prototypes], "lr": options.prototypes, "weight_decay": 0.0},
    )
    optimizer = torch.optim.AdamW(rates, weight_decay=0.01)
    whole = [group["lr"] for group in optimizer.param_groups]
    model.train()
    began, total = time.monotonic(), np.zeros(2)
    for step, (rows, partners) in enumerate(lessons.steps(options.batch), 1):
        done = (time.monotonic() - began) / options.seconds
        if done >= 1:
            break
        for group, rate in zip(optimizer.param_groups, whole, strict=True):
            group["lr"] = rate * min(1.0, step / 50) * (1 - done)
        owner = torch.from_numpy(lessons.owners[rows]).to(device)
        there = torch.arange(len(owner), device=device)
        model.hold(True, learning=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=halved):
            ids, mask = texts.batch(lessons.asked[rows], 64)
            hidden = torch.rand(mask.shape, device=device) < HIDDEN
            # The mark of the beginning and the prefix stay.
            hidden[:, :4] = False
            asked = model(ids, mask & ~hidden)
            answers = model(*texts.batch(partners, LONGEST))
        same = torch.eye(len(owner), dtype=torch.bool, device=device)
        near = (asked @ answers.T / WITHIN).masked_fill(related[owner][:, owner] & ~same, -1e4)
        among_texts = functional.cross_entropy(near, there) + functional.cross_entropy(near.T, there)
        also = related[owner].index_put((there, owner), torch.zeros(1, dtype=torch.bool, device=device))
        unit = functional.normalize(prototypes, dim=-1)
        to_own = [
            functional.cross_entropy((v @ unit.T / float(TEMPERATURE)).masked_fill(also, -1e4), owner)
            for v in (asked, answers)
        ]
        loss = among_texts + to_own[0] + 0.5 * to_own[1]
        optimizer.zero_grad()
        loss.backward()
        model.hold(False)
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        total += float(among_texts.detach()), float(to_own[0].detach())
        if step % options.tell == 0:
            told = total / options.tell
            print(f"step {step} {time.monotonic() - began:.0f}s: texts {told[0]:.3f}, prototypes {told[1]:.3f}", flush=True)
            total[:] = 0
    model.write(options.out or folder / "trained.npz", begun)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=2700)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--prototypes", type=float, default=2e-3, help="the rate of the prototypes")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tell", type=int, default=100, help="print the losses after so many steps")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    train(options.folder, options)


if __name__ == "__main__":
    main()
