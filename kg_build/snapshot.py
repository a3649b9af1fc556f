"""Builds and publishes snapshots: content-hashed, written aside, renamed into place; old readers keep theirs.

<data>/snapshots/<key>/   graph.nt.gz  says.nt.gz  entries.json  says.json  practice.json  words.trie words.npz (dictionary)
                          told/ said/ (BM25)  grams.npz  dense.npz  bag.npz  manifest.json
<data>/CURRENT            the key of the snapshot to read, replaced in one rename
<data>/vectors/<model>.npz  vectors made on this machine, so that only new texts are encoded
<data>/imports/<document>.json  official texts that the user imported
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import gzip
import hashlib
import importlib.resources
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from kg_build import bag, dense, indexes, practice, soundness, validation
from kg_build import corpus as corpus_module
from kg_build.embedding import EMBEDDED, NONE, Encoder, VectorStore, identity, open_encoder
from kg_build.errors import CorpusError, EncoderError, SnapshotError
from kg_build.graph import GraphBuilder
from kg_build.importer.store import imports_digest, read_imports
from kg_build.kept import representatives
from kg_build.nodes import grow
from kg_build.prototypes import fill_prototypes, prototype_rows, prototype_texts
from kg_build.published import SAYS, current, says_as_triples
from kg_build.shapes import shacl_problems
from kg_build.statutes import package_version
from kg_build.vocabulary import Vocabulary, digest, load_graph, ontology_folder

FORMAT = 14
"""Raised when the layout or the meaning of a snapshot's files changes, so that old ones are built anew."""
KEEP = 2
FEW = 500
"""So many entries are indexed sooner than another process starts."""
LOCK_WAIT = 300.0
"""Seconds to wait for another build of the same data folder."""
Progress = Callable[[str, float], None]


def silent(_step: str, _share: float) -> None:
    """A progress that shows nothing."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did: ``built`` is False when nothing had changed."""

    key: str
    folder: Path
    built: bool
    seconds: float
    encoded: int
    manifest: dict[str, Any]


def snapshot_key(corpus_digest: str, ontology_digest: str, imports: str, model: str) -> str:
    """Content address of a snapshot."""
    characters = hashlib.sha256(bag.shipped_bag().read_bytes()).hexdigest()
    parts = [str(FORMAT), corpus_digest, ontology_digest, imports, model, characters, package_version()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def shipped_vectors(name: str = EMBEDDED) -> Path:
    """The vectors of the shipped corpus, made by ``hegui vectors``: by the embedded model, or by ``bag``."""
    return Path(str(importlib.resources.files("corpus"))) / "vectors" / f"{name}.npz"


def build(
    data: Path,
    *,
    corpus: Path | None = None,
    ontology: Path | None = None,
    model: str = EMBEDDED,
    progress: Progress = silent,
    today: datetime.date | None = None,
    force: bool = False,
) -> BuildResult:
    """Build and publish a snapshot of ``corpus``; do nothing when the published one is of the same content.

    Raise :class:`CorpusError` with every problem by file, line and field; :class:`SnapshotError` when it can't be written.
    The published snapshot stays untouched until the new one is complete.
    """
    started = time.monotonic()
    corpus_folder, ontology_at = corpus or corpus_module.default_folder(), ontology or ontology_folder()
    progress("读取资料", 0.02)
    loaded = corpus_module.load(corpus_folder)
    key = snapshot_key(loaded.digest, digest(ontology_at), imports_digest(data), identity(model))
    if not force and (held := _held(data, key, started)):
        return held
    try:
        data.mkdir(parents=True, exist_ok=True)
        # One build a data folder at a time; the system lets go of the lock when a build is killed.
        with FileLock(data / ".build.lock", timeout=LOCK_WAIT):
            # Another may have built the same while this one waited.
            if not force and (held := _held(data, key, started)):
                return held
            shipped = corpus_folder == corpus_module.default_folder() and ontology is None
            day = today or datetime.date.today()
            return _build(data, loaded, ontology_at, key, model, progress, day, started, shipped)
    except Timeout as error:
        raise SnapshotError(f"另一个 hegui build 正在写数据目录 {data}；请等它结束后重试。") from error
    except OSError as error:
        raise SnapshotError(_disk_message(error, data)) from error


def _held(data: Path, key: str, started: float) -> BuildResult | None:
    """The published snapshot where it is of that content."""
    published = current(data)
    if published is None or published.name != key:
        return None
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    return BuildResult(published.name, published, False, time.monotonic() - started, 0, manifest)


def _build(
    data: Path,
    loaded: corpus_module.Corpus,
    ontology: Path,
    key: str,
    model: str,
    progress: Progress,
    today: datetime.date,
    started: float,
    shipped: bool,
) -> BuildResult:
    imports, problems = read_imports(data)
    progress("展开条文", 0.08)
    tree, found = grow(loaded, imports)
    problems += found
    ontology_graph = load_graph(ontology)
    vocabulary = Vocabulary(ontology_graph)
    progress("核对引用、依据与数字", 0.2)
    problems += validation.cross_check(loaded, tree, vocabulary, today)
    if shipped:
        problems += soundness.orphan_tags(loaded, vocabulary)
    if problems:
        raise CorpusError(problems)
    snapshots = data / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    _sweep(snapshots, None)
    aside = snapshots / f".building-{os.getpid()}-{time.monotonic_ns()}"
    aside.mkdir()
    lexical: list[subprocess.Popen[bytes]] = []
    try:
        entries = indexes.entries(tree, loaded)
        _write_words(entries, vocabulary, aside)
        if len(entries) > FEW:
            # The keyword indexes take longest: they are made by processes of their own while this one does the rest.
            for field in indexes.FIELDS:
                command = [sys.executable, "-m", "kg_build.indexes", str(aside), field]
                lexical.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        progress("建立图谱", 0.3)
        builder = GraphBuilder(tree, vocabulary)
        graph = builder.build(loaded)
        practised = {name: practice.resolved(file, tree, vocabulary) for name, file in sorted(loaded.practice.items())}
        (aside / "practice.json").write_text(json.dumps(practised, ensure_ascii=False), encoding="utf-8")
        progress("按 SHACL 形状校验", 0.45)
        problems = shacl_problems(graph, ontology_graph, ontology)
        if problems:
            raise CorpusError(problems)
        progress("建立检索索引", 0.6)
        dense, encoded, kept = _dense(data, entries, model, aside, progress)
        # What is asked about something not held is never shown: its vectors are enough.
        shown = [() if e.kind == "outside" else says for e, says in zip(entries, kept, strict=True)]
        (aside / "says.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        _bag(data, entries, aside, progress)
        failed = [made.wait() for made in lexical]
        if not lexical or any(failed):
            indexes.build_lexical(aside)
        (aside / "words.json").unlink()
        progress("写出图谱", 0.95)
        for name, part in (("ontology.nt.gz", ontology_graph), ("graph.nt.gz", graph)):
            nt = part.serialize(format="nt", encoding="utf-8")
            (aside / name).write_bytes(gzip.compress(nt, compresslevel=3, mtime=0))
        (aside / SAYS).write_bytes(gzip.compress(says_as_triples(builder.says), compresslevel=3, mtime=0))
        manifest = {
            "key": key,
            "format": FORMAT,
            "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "model": dense,
            "entries": len(entries),
            "triples": len(graph) + len(ontology_graph) + sum(map(len, builder.says.values())),
            "statutes": package_version(),
        }
        (aside / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        _flush(aside)
        folder = snapshots / key
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
        _point(data, key)
    except BaseException:
        for made in lexical:
            made.kill()
            made.wait()
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _sweep(snapshots, key)
    progress("完成", 1.0)
    return BuildResult(key, folder, True, time.monotonic() - started, encoded, manifest)


def _write_words(entries: list[indexes.Entry], vocabulary: Vocabulary, folder: Path) -> None:
    """Write entries.json, and words.json for :func:`indexes.build_lexical`."""
    indexes.write_entries(entries, folder / "entries.json")
    terms = (vocabulary.tags, vocabulary.scenes)
    words = {
        "terms": sorted({label for concepts in terms for label in (*concepts.by_label, *concepts.by_alt_label)}),
        "told": [e.words for e in entries],
        "said": ["；".join(e.says) for e in entries],
        "gists": [e.told[0] if e.told else "" for e in entries],
    }
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def _dense(
    data: Path, entries: list[indexes.Entry], model: str, folder: Path, progress: Progress
) -> tuple[dict[str, Any], int, list[tuple[str, ...]]]:
    """Write the dense index; return what the manifest says of it, how many texts were encoded, each entry's ``says`` kept.

    Without vectors all are kept.
    """
    every = [e.says for e in entries]
    if model == NONE:
        return {"name": None, "setting": model, "note": "按设置只用关键词和图谱检索。"}, 0, every
    try:
        encoder = open_encoder(model)
    except EncoderError as error:
        if model != EMBEDDED:
            raise
        # The embedded engine has no build for this platform: search on words and graph, and say so.
        return {"name": None, "setting": model, "note": str(error)}, 0, every
    if encoder is None:
        raise SnapshotError(f"语义模型“{model}”打不开。")
    texts = [p for e in entries for p in e.passages]
    store, local = vector_store(data, encoder, model)
    encoded = store.fill(texts, encoder, lambda step, share: progress(step, 0.62 + 0.28 * share))
    learned = fill_prototypes(store, entries, store.matrix, lambda step, share: progress(step, 0.9 + 0.02 * share))
    groups = {name: [(p, i) for i, e in enumerate(entries) for p in getattr(e, name)] for name in ("told", "parts", "says")}
    groups["prototypes"] = prototype_rows(entries)
    vectors = {
        name: (store.codes([p for p, _ in rows]), np.array([i for _, i in rows], np.int64)) for name, rows in groups.items()
    }
    codes, owners = vectors["says"]
    asked = [s in mine for e in entries for mine in [set(e.asked)] for s in e.says]
    chosen = representatives(codes, owners, always=np.array(asked, dtype=bool))
    vectors["says"] = codes[chosen], owners[chosen]
    kept: list[list[str]] = [[] for _ in entries]
    for row in chosen:
        saying, entry = groups["says"][row]
        kept[entry].append(saying)
    dense.DenseIndex.build(vectors, len(entries)).save(folder)
    if encoded or learned:
        store.write(local, [*texts, *prototype_texts(entries)])
    told = {"name": encoder.name, "setting": model, "dim": encoder.dim, "vectors": len(texts)}
    return told, encoded, [tuple(one) for one in kept]


def _bag(data: Path, entries: list[indexes.Entry], folder: Path, progress: Progress) -> None:
    """Write the index of prototypes by characters."""
    encoder = bag.BagEncoder(bag.shipped_bag())
    store, local = vector_store(data, encoder, bag.NAME)
    if fill_prototypes(store, entries, encoder.encode, lambda step, share: progress(step, 0.92 + 0.02 * share)):
        store.write(local, prototype_texts(entries))
    rows = prototype_rows(entries)
    bag.BagIndex.build(encoder, store.codes([t for t, _ in rows]), [i for _, i in rows], len(entries)).save(folder)


def vector_store(data: Path, encoder: Encoder | bag.BagEncoder, model: str) -> tuple[VectorStore, Path]:
    """The vectors known for an encoder (shipped and made here), and the file where new ones go."""
    store = VectorStore(encoder.name, encoder.dim)
    if model in (EMBEDDED, bag.NAME):
        store.read(shipped_vectors(model))
    local = data / "vectors" / (re.sub(r"[^A-Za-z0-9.-]+", "_", encoder.name) + ".npz")
    store.read(local)
    return store, local


def _point(data: Path, key: str) -> None:
    aside = data / f".CURRENT-{os.getpid()}"
    aside.write_text(key + "\n", encoding="utf-8")
    _flush_file(aside)
    aside.replace(data / "CURRENT")


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            _flush_file(path)


def _flush_file(path: Path) -> None:
    # A rename may reach the disk before the data it publishes, unless the data is flushed first.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sweep(snapshots: Path, keep: str | None) -> None:
    """Remove what killed builds left behind, and all but the newest snapshots."""
    hour_ago = time.time() - 3600
    for left in snapshots.glob(".building-*"):
        pid = left.name.split("-")[1]
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < hour_ago or not _alive(int(pid)):
                shutil.rmtree(left, ignore_errors=True)
    if keep:
        done = sorted((p for p in snapshots.iterdir() if not p.name.startswith(".")), key=lambda p: p.stat().st_mtime)
        for old in [p for p in done if p.name != keep][: -(KEEP - 1) or None]:
            shutil.rmtree(old, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":
        # os.kill would end the process on Windows; leave young leftovers to the one-hour rule.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _disk_message(error: OSError, data: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"磁盘空间不足，快照没有写成（目录 {data}）；请腾出至少 200 MB 后重试，原有快照不受影响。"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"数据目录 {data} 没有写入权限；请换用 --data 指定的目录或调整权限，原有快照不受影响。"
    return f"快照没有写成（{error.strerror or error}，目录 {data}）；请检查磁盘后重试，原有快照不受影响。"
