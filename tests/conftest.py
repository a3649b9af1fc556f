"""Shared fixtures: a small corpus to break, and the shipped corpus built once a run."""

from __future__ import annotations

import datetime
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from filelock import FileLock

from assistant import cli
from assistant.service import Assistant
from kg_build import vocabulary
from kg_build.snapshot import build

HERE = Path(__file__).parent
TODAY = datetime.date(2026, 11, 23)
BUILT = os.environ.get("HEGUI_TEST_DATA")
"""A data folder built before, so that a run of a few tests need not build the corpus again."""


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("HEGUI_")]:
        monkeypatch.delenv(name)


def _a_link_and_point() -> tuple[str, str]:
    """A key link of 动火作业 and one of its risk points, whatever the ontology calls them."""
    words = vocabulary.Vocabulary(vocabulary.load_graph(vocabulary.ontology_folder()))
    scene = words.scenes.by_label["动火作业"]
    for link in words.children(scene):
        points = words.children(words.child(scene, link))  # type: ignore[arg-type]
        if points:
            return link, points[0]
    raise AssertionError("动火作业 has no key link with a risk point")


@pytest.fixture(scope="session")
def mini_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mini") / "corpus"
    shutil.copytree(HERE / "data" / "mini", folder)
    link, point = _a_link_and_point()
    path = folder / "checks" / "hot-work.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("LINK", link).replace("POINT", point), encoding="utf-8")
    return folder


@pytest.fixture
def mini(mini_source: Path, tmp_path: Path) -> Path:
    """A small valid corpus that the test may change."""
    return Path(shutil.copytree(mini_source, tmp_path / "corpus"))


@pytest.fixture
def replace_in() -> Callable[[Path, str, str], None]:
    """Replace a text that must be there in a file."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture(scope="session")
def full_data(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder with the shipped corpus built into it, once a run, and copied for each of its processes."""
    built = Path(BUILT) if BUILT else _built_once(tmp_path_factory, worker_id)
    ignored = shutil.ignore_patterns("records*", "photos", "setup-code")
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("full"), dirs_exist_ok=True, ignore=ignored))


def _built_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "shipped"
    with FileLock(f"{folder}.lock"):
        if not (folder / "CURRENT").exists():
            assert build(folder, today=TODAY).built
    return folder


@pytest.fixture(scope="session")
def assistant(full_data: Path) -> Assistant:
    """The assistant over the shipped corpus, on a fixed day."""
    return Assistant(full_data, clock=lambda: TODAY)


@pytest.fixture
def hegui(
    full_data: Path, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in this process; over the shipped corpus it answers with the run's own assistant."""

    def opened(data: Path, *arguments: object, **named: object) -> Assistant:
        return request.getfixturevalue("assistant") if data == full_data else Assistant(data, *arguments, **named)  # type: ignore[arg-type]

    def run(*arguments: str, data: Path | None = None, **extra: str) -> subprocess.CompletedProcess[str]:
        told, complained = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, redirect_stdout(told), redirect_stderr(complained):
            patch.setattr("assistant.service.Assistant", opened)
            patch.setattr(sys, "argv", ["hegui", *arguments])
            for name, value in {"HEGUI_DATA": str(data or tmp_path / "data"), **extra}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as stop:
                cli.main()
        return subprocess.CompletedProcess(arguments, int(stop.value.code or 0), told.getvalue(), complained.getvalue())

    return run


@pytest.fixture
def hegui_process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in a process of its own."""

    def run(*arguments: str, data: Path | None = None, **extra: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HEGUI_DATA": str(data or tmp_path / "data"), **extra}
        command = [sys.executable, "-m", "assistant.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)

    return run
