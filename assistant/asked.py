"""What kind of provision a question asks for, by its meaning: a duty, what a breach costs, a limit; a law, a standard.

Each kind has a logistic judgment on the question's vector, learned by ``bench.learn`` from how people ask for provisions
whose kind is known. It holds for the encoder it was learned with; with another nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg_build.embedding import Matrix

MODALITIES = ("penalty", "only_penalty", "duty", "procedure", "definition", "threshold")
DOCUMENTS = ("statute", "regulation", "local", "normative", "standard", "recommended")
KINDS = (*MODALITIES, *DOCUMENTS)


class Asked:
    """The learned judgments; ``is_kind`` says of every entry which of ``KINDS`` it is, shape (entries, kinds)."""

    def __init__(self, learned: Mapping[str, Any] | None, is_kind: NDArray[np.bool_]) -> None:
        self.encoder = learned["encoder"] if learned else None
        self._is_kind = is_kind
        if learned:
            self._weights = np.array(learned["weights"], dtype=np.float32)
            self._bias = np.array(learned["bias"], dtype=np.float32)

    def fits(self, vector: Matrix, encoder: str) -> Matrix:
        """How well every entry is of each kind that is asked for: logarithms of probabilities, shape (entries, kinds)."""
        if encoder != self.encoder:
            return np.zeros(self._is_kind.shape, dtype=np.float32)
        margin = self._weights @ vector.reshape(-1) + self._bias
        fits = np.where(self._is_kind, -np.logaddexp(0, -margin), -np.logaddexp(0, margin))
        return np.asarray(fits, dtype=np.float32)
