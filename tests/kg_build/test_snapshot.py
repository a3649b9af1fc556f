"""Snapshots are published whole or not at all, and an unchanged corpus is not built twice."""

from __future__ import annotations

import datetime
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.knowledge import Knowledge
from kg_build.errors import SnapshotError
from kg_build.published import current
from kg_build.snapshot import KEEP, build

Replace = Callable[[Path, str, str], None]
TODAY = datetime.date(2026, 11, 23)


def make(data: Path, corpus: Path) -> str:
    return build(data, corpus=corpus, model="none", today=TODAY).key


@pytest.fixture(scope="module")
def made(mini_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder, mini_source)
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A data folder with a snapshot of the small corpus."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def key_of(data: Path) -> str:
    return (data / "CURRENT").read_text().strip()


def test_a_second_build_of_the_same_corpus_does_nothing(mini: Path, tmp_path: Path) -> None:
    first = build(tmp_path, corpus=mini, model="none", today=TODAY)
    stamp = (first.folder / "manifest.json").stat().st_mtime_ns
    second = build(tmp_path, corpus=mini, model="none", today=TODAY)
    assert first.built
    assert not second.built
    assert (second.folder / "manifest.json").stat().st_mtime_ns == stamp


def test_equal_content_gives_an_equal_key_and_equal_graph(mini: Path, tmp_path: Path) -> None:
    one = build(tmp_path / "a", corpus=mini, model="none", today=TODAY)
    two = build(tmp_path / "b", corpus=mini, model="none", today=TODAY)
    assert one.key == two.key
    assert len(Knowledge(one.folder).graph) == len(Knowledge(two.folder).graph)


def test_a_changed_corpus_is_published_and_few_old_snapshots_are_kept(mini: Path, data: Path, replace_in: Replace) -> None:
    keys = [key_of(data)]
    for _ in range(3):
        replace_in(mini / "rules" / "new.yaml", "要办理审批", "要先要办理审批")
        keys.append(make(data, mini))
        time.sleep(0.02)
    assert len(set(keys)) == 4
    published = current(data)
    assert published is not None
    assert published.name == keys[-1]
    assert len(list((data / "snapshots").iterdir())) <= KEEP


def test_an_open_reader_keeps_its_snapshot_when_a_new_one_is_published(mini: Path, data: Path, replace_in: Replace) -> None:
    reader = Knowledge.open(data)
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批", "动火以前要办理审批")
    make(data, mini)
    make(data, mini)
    assert "动火前" in (reader.provision_by_id["rule-new/art_6"].gist or "")
    assert reader.lexical.scores("动火").max() > 0
    assert "动火以前" in (Knowledge.open(data).provision_by_id["rule-new/art_6"].gist or "")


def test_without_a_snapshot_the_reader_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="hegui build"):
        Knowledge.open(tmp_path)


def test_a_damaged_pointer_counts_as_no_snapshot(data: Path) -> None:
    assert current(data) is not None
    (data / "CURRENT").write_text("../../etc")
    assert current(data) is None


_KILLED_BUILD = """
import datetime, os, signal, sys
from pathlib import Path
from kg_build.snapshot import build

def stop(step, share):
    if share >= float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

build(Path(sys.argv[1]), corpus=Path(sys.argv[2]), model="none", today=datetime.date(2026, 11, 23), progress=stop)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("share", [0.35, 0.45, 0.6, 0.95])
def test_a_killed_build_leaves_the_old_snapshot_serving(mini: Path, data: Path, replace_in: Replace, share: float) -> None:
    old = key_of(data)
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批", "动火以前要办理审批")
    done = subprocess.run([sys.executable, "-c", _KILLED_BUILD, str(data), str(mini), str(share)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (data / "CURRENT").read_text().strip() == old
    assert "动火前" in (Knowledge.open(data).provision_by_id["rule-new/art_6"].gist or "")
    assert make(data, mini) != old
    assert not list((data / "snapshots").glob(".building-*"))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_build_killed_at_any_moment_leaves_a_whole_snapshot(mini: Path, data: Path, replace_in: Replace) -> None:
    old = key_of(data)
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批", "动火以前要办理审批")
    for late in (0.7, 1.3, 1.9):
        process = subprocess.Popen([sys.executable, "-c", _KILLED_BUILD, str(data), str(mini), "9"])
        time.sleep(late)
        process.send_signal(signal.SIGKILL)
        process.wait()
        key = (data / "CURRENT").read_text().strip()
        reader = Knowledge.open(data)
        assert ("动火前" in (reader.provision_by_id["rule-new/art_6"].gist or "")) == (key == old)


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_full_disk_ends_in_one_sentence_and_the_old_snapshot_serves(mini: Path, data: Path, replace_in: Replace) -> None:
    old = key_of(data)
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批", "动火以前要办理审批")

    def small_disk() -> None:
        # Writing beyond the limit fails like a full disk does, in the middle of a file.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    environment = {**os.environ, "HEGUI_EMBEDDING_MODEL": "none"}
    command = [sys.executable, "-m", "assistant.cli", "build", "--corpus", str(mini), "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, preexec_fn=small_disk, check=False)
    assert done.returncode == 1
    assert "磁盘空间不足" in done.stderr
    assert "Traceback" not in done.stderr
    assert (data / "CURRENT").read_text().strip() == old
    assert Knowledge.open(data).provision_by_id["rule-new/art_6"].gist


def test_two_builds_at_once_publish_one_whole_snapshot(mini: Path, tmp_path: Path) -> None:
    errors: list[Exception] = []

    def run() -> None:
        try:
            build(tmp_path, corpus=mini, model="none", today=TODAY, force=True)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Knowledge.open(tmp_path).provisions


def test_of_two_starts_at_once_one_builds_and_the_other_waits(mini: Path, tmp_path: Path) -> None:
    def run(_: int) -> bool:
        return build(tmp_path, corpus=mini, model="none", today=TODAY).built

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [False, True]
