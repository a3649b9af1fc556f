"""Trains the encoder's layers on pairs (question, text that answers it): ``python -m bench.encoder.train FOLDER``.

Needs numpy and torch alone, so that it runs on any machine with or without an accelerator. Reads what ``prepare`` wrote into
FOLDER (``texts.npz``, ``start.bin``), writes ``trained.npz``: the bytes of each tensor that was learned. Weights are held
in 4 bits in every forward pass, as the engine holds them, so that nothing is lost by packing. The words' vectors stay as
they are.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.encoder.model_file import ModelFile, read

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
        # Written out: on a CPU the backward pass of torch's own is more than half of a step on texts as short as these.
        near = (q @ k.transpose(2, 3)).float() / q.shape[3] ** 0.5
        shares = near.masked_fill(~mask[:, None, None, :], -1e9).softmax(3).to(v.dtype)
        x = self.aln(x + self.ao((shares @ v).transpose(1, 2).reshape(count, length, width)))
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

    @classmethod
    def of(cls, held: ModelFile, dropout: float = 0.0) -> Encoder:
        """The encoder of a model file."""
        return cls({n: torch.from_numpy(held.tensor(n).copy()) for n in held.tensors}, held.heads, held.epsilon, dropout)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """A unit vector for each text."""
        x = self.dropout(self.norm(self.words(ids) + self.places[: ids.shape[1]] + self.kind))
        for layer in self.layers:
            x = layer(x, mask)
        kept = mask[..., None].to(x.dtype)
        return functional.normalize(((x * kept).sum(1) / kept.sum(1)).float(), dim=-1)

    def hold(self, fixed: bool, *, learning: bool = False) -> None:
        """Keep the 4-bit weights between calls (``learning``: with their gradients, for one step), or make them in each."""
        for part in self.modules():
            if isinstance(part, Linear):
                part.ready = _FourBits.apply(part.weights if learning else part.weights.detach()) if fixed else None

    def write(self, path: Path, begun: ModelFile) -> None:
        """Write the bytes of each tensor that was learned, as the model file it began from packs them."""
        learned = self.tensors()
        changed = begun.with_tensors(learned).tensors
        np.savez(path, **{name: np.frombuffer(changed[name], np.uint8) for name in learned})

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


def machine() -> tuple[torch.device, bool]:
    """Where to compute; and whether in half precision: where it is multiplied natively, elsewhere it would be slower."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return device, device.type == "cuda" or torch.cpu.get_capabilities().get("amx_bf16", False)


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
    best[:, ~data["findable"]] = -1
    order = np.argsort(-best, axis=1)[:, :20]
    ranks = [next((p for p, o in enumerate(line, 1) if (n, o) in right), 0) for n, line in enumerate(order.tolist())]
    return {
        "hit@1": float(np.mean([r == 1 for r in ranks])),
        "hit@5": float(np.mean([0 < r <= 5 for r in ranks])),
        "MRR": float(np.mean([1 / r if r else 0 for r in ranks])),
    }


def widen(groups: Tensor, model: Encoder, data: Any, texts: Texts, same: float) -> Tensor:
    """Also related: owners that say nearly the same (cosine above ``same``), as a law and the rule under it often do."""
    numbers, owners = data["passages"], data["passage_owners"]
    known, first = np.unique(owners, return_index=True)
    found = encode(model, texts, numbers[first])
    # An owner without a text stays as far from all others as can be.
    told = torch.zeros(len(groups), found.shape[1], device=found.device)
    told[torch.from_numpy(known.astype(np.int64)).to(found.device)] = found
    return groups | (told @ told.T > same)


def mine(groups: Tensor, model: Encoder, data: Any, texts: Texts, many: int = 24, passed: int = 2) -> Tensor:
    """For every pair the nearest passages of unrelated owners, the very nearest passed over: they may answer too."""
    pairs = data["pairs"]
    asked, back = np.unique(pairs[:, 0], return_inverse=True)
    owner = np.zeros(len(asked), np.int64)
    owner[back] = pairs[:, 2]
    rows = encode(model, texts, data["passages"])
    owners = torch.from_numpy(data["passage_owners"].astype(np.int64)).to(rows.device)
    numbers = torch.from_numpy(data["passages"].astype(np.int64)).to(rows.device)
    found = []
    for at in range(0, len(asked), 2048):
        near = encode(model, texts, asked[at : at + 2048]) @ rows.T
        mine_ = torch.from_numpy(owner[at : at + 2048]).to(rows.device)
        near.masked_fill_(groups[mine_][:, owners], -1)
        found.append(numbers[near.topk(many + passed, dim=1).indices[:, passed:]])
    return torch.cat(found)[torch.from_numpy(back).to(rows.device)].cpu()


def train(folder: Path, options: argparse.Namespace) -> None:
    """Learn, measure after each round, keep the round that finds most on the development questions."""
    device, halved = machine()
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    begun = read(folder / "start.bin")
    if options.warm:
        learned_before = {n: raw.tobytes() for n, raw in np.load(options.warm).items()}
        begun = replace(begun, tensors={**begun.tensors, **learned_before})
    loaded = dict(np.load(folder / "texts.npz"))
    loaded["dev_right"] = {(int(a), int(b)) for a, b in loaded["dev_right"]}
    texts = Texts(loaded["tokens"], loaded["ends"], device)
    model = Encoder.of(begun, options.dropout).to(device)
    pairs = loaded["pairs"]
    groups = torch.from_numpy(loaded["related"]).to(device)
    hard = None
    began = time.monotonic()
    if options.warm:
        groups = widen(groups, model, loaded, texts, options.same)
        hard = mine(groups, model, loaded, texts)
        print(f"mined {time.monotonic() - began:.0f}s", flush=True)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=options.rate, weight_decay=0.01)
    print("start", measure(model, loaded, texts), flush=True)
    best, step, whole = -1.0, 0, options.rounds * (len(pairs) // options.batch)
    began = time.monotonic()
    for round_ in range(options.rounds):
        model.train()
        order = random.permutation(len(pairs))
        total, taken = 0.0, 0
        for at in range(0, len(order) - options.batch + 1, options.batch):
            done = (time.monotonic() - began) / options.seconds if options.seconds else step / whole
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = options.rate * min(1.0, (step + 1) / 50) * (1 - done)
            rows = order[at : at + options.batch]
            chosen = pairs[rows]
            model.hold(True, learning=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=halved):
                asked = model(*texts.batch(chosen[:, 0], 64))
                answers = model(*texts.batch(chosen[:, 1], options.longest))
            owner = torch.from_numpy(chosen[:, 2]).to(device)
            # What also answers the question is no wrong answer to it.
            also = groups[owner][:, owner] & ~torch.eye(len(owner), dtype=torch.bool, device=device)
            scores = (asked @ answers.T / options.temperature).masked_fill(also, -1e4)
            there = torch.arange(len(owner), device=device)
            loss = functional.cross_entropy(scores.T, there)
            if hard is not None:
                picked = hard[rows, torch.from_numpy(random.integers(0, hard.shape[1], len(rows)))].numpy()
                with torch.autocast(device.type, torch.bfloat16, enabled=halved):
                    wrong = model(*texts.batch(picked, options.longest))
                # Only its own: another question's hard one may well answer this one.
                own = (asked * wrong).sum(1, keepdim=True) / options.temperature
                scores = torch.cat([scores, own], dim=1)
            loss = loss + functional.cross_entropy(scores, there)
            optimizer.zero_grad()
            loss.backward()
            model.hold(False)
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            step, taken = step + 1, taken + 1
            total += float(loss.detach())
        if not taken:
            break
        found = measure(model, loaded, texts)
        print(round_ + 1, f"loss {total / taken:.3f}", found, f"{time.monotonic() - began:.0f}s, step {step}", flush=True)
        if found["MRR"] > best or options.last:
            best = found["MRR"]
            model.write(options.out or folder / "trained.npz", begun)


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
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--last", action="store_true", help="keep the last round instead of the best")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long, whatever the rounds")
    parser.add_argument("--warm", type=Path, help="go on from what was trained before, with hard wrong answers mined by it")
    parser.add_argument("--same", type=float, default=0.78, help="owners nearer than this count as saying the same")
    parser.add_argument("--out", type=Path)
    train(parser.parse_args().folder, parser.parse_args())


if __name__ == "__main__":
    main()
