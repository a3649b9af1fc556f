"""The subcommands for trainers: what they print, write and refuse."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Hegui = Callable[..., "subprocess.CompletedProcess[str]"]
Run = Callable[..., str]


@pytest.fixture
def run(hegui: Hegui, full_data: Path) -> Callable[..., str]:
    """The command over the shipped corpus: what it prints."""

    def told(*arguments: str) -> str:
        done = hegui(*arguments, data=full_data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return told


def test_a_lesson_is_written_as_word_and_slides(run: Run, tmp_path: Path) -> None:
    docx, pptx = tmp_path / "a.docx", tmp_path / "a.pptx"
    out = run("lesson", "动火作业", "--audience", "焊工", "--cases", "3", "--docx", str(docx), "--pptx", str(pptx))
    assert "3 个案例" in out
    assert docx.read_bytes()[:2] == pptx.read_bytes()[:2] == b"PK"


def test_the_same_seed_prints_the_same_json(run: Run) -> None:
    call = ("lesson", "叉车", "--seed", "4", "--questions", "5", "--as-of", "2026-11-23", "--json")
    first = run(*call)
    assert run(*call) == first
    pack = json.loads(first)
    assert pack["seed"] == 4
    assert len(pack["quiz"]["questions"]) == 5
    assert pack["simulation"]["stops"]


def test_a_lesson_is_told_on_the_screen(run: Run) -> None:
    out = run("lesson", "有限空间", "--audience", "监护人员")
    assert all(part in out for part in ("学习目标", "案例1", "直接原因", "讨论题", "测验", "模拟检查"))
    assert "答案：" not in out


@pytest.mark.parametrize("keys", [False, True])
def test_a_quiz_shows_its_keys_only_when_asked(run: Run, tmp_path: Path, keys: bool) -> None:
    flag = ["--keys"] if keys else []
    assert ("答案：" in run("quiz", "有限空间", "--count", "4", *flag)) == keys
    path = tmp_path / "q.docx"
    out = run("quiz", "有限空间", "--count", "4", "--docx", str(path), *flag)
    assert ("带答案" in out) == keys
    assert path.read_bytes()[:2] == b"PK"


def test_a_file_that_cannot_be_written_is_one_sentence(hegui: Hegui, full_data: Path, tmp_path: Path) -> None:
    done = hegui("quiz", "有限空间", "--count", "3", "--docx", str(tmp_path / "no" / "q.docx"), data=full_data)
    assert done.returncode == 2
    assert "写不了" in done.stderr
