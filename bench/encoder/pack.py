"""Puts what was trained into a model file: ``python -m bench.encoder.pack FOLDER [TRAINED]`` writes the shipped encoder."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.encoder.model_file import read
from kg_build.embedding import shipped_encoder


def main(folder: Path, trained: Path, to: Path) -> None:
    """Write the model file: the start's vocabulary and words, the trained layers."""
    start = read(folder / "start.bin")
    learned = {name: raw.tobytes() for name, raw in np.load(trained).items()}
    to.parent.mkdir(parents=True, exist_ok=True)
    replace(start, tensors={**start.tensors, **learned}).write(to)
    print(f"{to.name}: {to.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    paths = [Path(a) for a in sys.argv[1:]]
    defaults = [paths[0], paths[0] / "trained.npz", shipped_encoder()]
    main(*paths, *defaults[len(paths) :])
