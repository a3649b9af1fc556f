"""Trains the encoder's layers on pairs (question, text that answers it): ``python -m bench.encoder.train FOLDER``.

Needs numpy and torch alone, so that it runs on any machine with or without an accelerator. Reads what ``prepare`` wrote into
FOLDER (``texts.npz``, ``start.bin``), writes ``trained.npz``: the bytes of each tensor that was learned. Weights are held
in 4 bits in every forward pass, as the engine holds them, so that nothing is lost by packing. The words' vectors stay as
they are.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.encoder.model_file import read

BLOCK = 32


class _FourBits(torch.autograd.Function):
    """Rounds weights to 4-bit blocks; gradients pass as if it had not."""

    @staticmethod
    def forward(ctx: Any, weights: Tensor) -> Tensor:
        rows = weights.reshape(-1, BLOCK)
        largest = rows.gather(1, rows.abs().argmax(1, keepdim=True))
        scale = (largest / -8).half().float()
        inverse = torch.where(scale != 0, 1 / scale, torch.zeros_like(scale))
        return ((rows * inverse).round().clamp(-8, 7) * scale).reshape(weights.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


class Linear(nn.Module):
    """A linear map whose weights are used in 4 bits."""

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weights, self.bias = nn.Parameter(weights), nn.Parameter(bias)
        self.ready: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """``x`` mapped."""
        return functional.linear(x, _FourBits.apply(self.weights) if self.ready is None else self.ready, self.bias)


class Layer(nn.Module):
    """One transformer layer, normalized after each half."""

    def __init__(self, named: dict[str, Tensor], heads: int, epsilon: float) -> None:
        super().__init__()
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            setattr(self, part, Linear(named[f"{part}.w"], named[f"{part}.b"]))
        for part in ("aln", "oln"):
            norm = nn.LayerNorm(len(named[f"{part}.w"]), epsilon)
            norm.weight.data, norm.bias.data = named[f"{part}.w"], named[f"{part}.b"]
            setattr(self, part, norm)
        self.heads = heads

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The hidden states after this layer; ``mask`` is true where a token stands."""
        count, length, width = x.shape
        q, k, v = (m(x).view(count, length, self.heads, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        x = self.aln(x + self.ao(seen.transpose(1, 2).reshape(count, length, width)))
        return self.oln(x + self.fo(functional.gelu(self.fi(x))))


class Encoder(nn.Module):
    """multilingual-e5-small: words and places, layers, the mean over the text, unit length."""

    def __init__(self, start: dict[str, Tensor], heads: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(start["emb.word"], freeze=True)
        self.places = nn.Parameter(start["emb.pos"], requires_grad=False)
        self.kind = nn.Parameter(start["emb.type"][0], requires_grad=False)
        self.norm = nn.LayerNorm(start["emb.word"].shape[1], epsilon)
        self.norm.weight.data, self.norm.bias.data = start["emb.ln.w"], start["emb.ln.b"]
        self.dropout = nn.Dropout(dropout)
        count = 1 + max(int(n[1:].split(".")[0]) for n in start if n[0] == "l")
        named = [{n.split(".", 1)[1]: t for n, t in start.items() if n.startswith(f"l{i}.")} for i in range(count)]
        self.layers = nn.ModuleList(Layer(n, heads, epsilon) for n in named)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """A unit vector for each text."""
        x = self.dropout(self.norm(self.words(ids) + self.places[: ids.shape[1]] + self.kind))
        for layer in self.layers:
            x = layer(x, mask)
        kept = mask[..., None].to(x.dtype)
        return functional.normalize(((x * kept).sum(1) / kept.sum(1)).float(), dim=-1)

    def hold(self, fixed: bool) -> None:
        """Keep the 4-bit weights between calls (while nothing is learned), or make them anew in each."""
        for part in self.modules():
            if isinstance(part, Linear):
                part.ready = _FourBits.apply(part.weights.detach()) if fixed else None

    def tensors(self) -> dict[str, np.ndarray]:
        """What was learned, by the names of the model file."""
        found = {"emb.ln.w": self.norm.weight, "emb.ln.b": self.norm.bias}
        for number, layer in enumerate(self.layers):
            for part in ("q", "k", "v", "ao", "fi", "fo"):
                linear = getattr(layer, part)
                found |= {f"l{number}.{part}.w": linear.weights, f"l{number}.{part}.b": linear.bias}
            for part in ("aln", "oln"):
                norm = getattr(layer, part)
                found |= {f"l{number}.{part}.w": norm.weight, f"l{number}.{part}.b": norm.bias}
        return {name: t.detach().float().cpu().numpy() for name, t in found.items()}


class Texts:
    """Token numbers of every text, handed out as padded batches."""

    def __init__(self, tokens: np.ndarray, ends: np.ndarray, device: torch.device) -> None:
        self._tokens, self._ends, self._device = tokens.astype(np.int64), ends, device

    def batch(self, numbers: np.ndarray, longest: int) -> tuple[Tensor, Tensor]:
        """Token numbers and mask of texts, each cut after ``longest`` tokens."""
        rows = [self._tokens[self._ends[i] : self._ends[i + 1]][:longest] for i in numbers]
        width = max(map(len, rows))
        ids, mask = np.zeros((len(rows), width), np.int64), np.zeros((len(rows), width), bool)
        for n, row in enumerate(rows):
            ids[n, : len(row)], mask[n, : len(row)] = row, True
        return torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device)


def encode(model: Encoder, texts: Texts, numbers: np.ndarray, size: int = 512) -> Tensor:
    """Vectors of texts."""
    model.eval()
    model.hold(True)
    with torch.no_grad():
        found = torch.cat([model(*texts.batch(numbers[n : n + size], 512)) for n in range(0, len(numbers), size)])
    model.hold(False)
    return found


def measure(model: Encoder, data: Any, texts: Texts) -> dict[str, float]:
    """Retrieval on the development questions by vectors alone: the best passage of each owner, told or said."""
    rows = encode(model, texts, data["passages"])
    asked = encode(model, texts, data["dev"])
    scores = (asked @ rows.T).cpu().numpy()
    owners, right = data["passage_owners"], data["dev_right"]
    best = np.full((len(scores), int(owners.max()) + 1), -1.0, np.float32)
    for n in range(len(scores)):
        np.maximum.at(best[n], owners, scores[n])
    order = np.argsort(-best, axis=1)[:, :20]
    ranks = [next((p for p, o in enumerate(line, 1) if (n, o) in right), 0) for n, line in enumerate(order.tolist())]
    return {
        "hit@1": float(np.mean([r == 1 for r in ranks])),
        "hit@5": float(np.mean([0 < r <= 5 for r in ranks])),
        "MRR": float(np.mean([1 / r if r else 0 for r in ranks])),
    }


def train(folder: Path, options: argparse.Namespace) -> None:
    """Learn, measure after each round, keep the round that finds most on the development questions."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    begun = read(folder / "start.bin")
    start = {n: torch.from_numpy(begun.tensor(n).copy()) for n in begun.tensors}
    loaded = dict(np.load(folder / "texts.npz"))
    loaded["dev_right"] = {(int(a), int(b)) for a, b in loaded["dev_right"]}
    texts = Texts(loaded["tokens"], loaded["ends"], device)
    model = Encoder(start, options.heads, 1e-12, options.dropout).to(device)
    pairs, related = loaded["pairs"], loaded["related"]
    groups = torch.from_numpy(related).to(device)
    steps = options.rounds * (len(pairs) // options.batch)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=options.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps + 1, pct_start=0.1)
    found = measure(model, loaded, texts)
    print("start", found, flush=True)
    best, began = -1.0, time.monotonic()
    for round_ in range(options.rounds):
        model.train()
        order = random.permutation(len(pairs))
        total = 0.0
        for at in range(0, len(order) - options.batch + 1, options.batch):
            chosen = pairs[order[at : at + options.batch]]
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                asked = model(*texts.batch(chosen[:, 0], 64))
                answers = model(*texts.batch(chosen[:, 1], options.longest))
            owner = torch.from_numpy(chosen[:, 2]).to(device)
            # What also answers the question is no wrong answer to it.
            also = groups[owner][:, owner] & ~torch.eye(len(owner), dtype=torch.bool, device=device)
            scores = asked @ answers.T / options.temperature
            scores = scores.masked_fill(also, -1e4)
            there = torch.arange(len(owner), device=device)
            loss = functional.cross_entropy(scores, there) + functional.cross_entropy(scores.T, there)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        found = measure(model, loaded, texts)
        seconds = time.monotonic() - began
        print(round_ + 1, f"loss {total / (len(order) // options.batch):.3f}", found, f"{seconds:.0f}s", flush=True)
        if found["MRR"] > best or options.last:
            best = found["MRR"]
            changed = begun.with_tensors(model.tensors())
            packed = {n: np.frombuffer(changed.tensors[n], np.uint8) for n in model.tensors()}
            np.savez(options.out or folder / "trained.npz", **packed)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--temperature", type=float, default=0.03)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--longest", type=int, default=256)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--last", action="store_true", help="keep the last round instead of the best")
    parser.add_argument("--out", type=Path)
    train(parser.parse_args().folder, parser.parse_args())


if __name__ == "__main__":
    main()
