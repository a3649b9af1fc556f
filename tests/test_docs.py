"""Every option, setting, corpus field and tab has its place in docs/, and what README shows exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from assistant.cli import app
from assistant.records.models import RESULTS, ROLES, STATES
from assistant.service import Assistant
from assistant.web.app import TABS
from kg_build import forms

ROOT = Path(__file__).parents[1]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
CORPUS = (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    assert f"`hegui {name}`" in SETTINGS
    row = next(line for line in SETTINGS.splitlines() if f"`hegui {name}`" in line)
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option.startswith("--") and option not in ("--help", "--data"):
                assert f"`{option}`" in row, option


def test_every_setting_is_documented() -> None:
    sources = [*(ROOT / "assistant").rglob("*.py"), *(ROOT / "kg_build").rglob("*.py")]
    used = {n for path in sources for n in re.findall(r"HEGUI_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert {n for n in used if f"`{n}`" not in SETTINGS} == set()


@pytest.mark.parametrize(
    "form",
    [f for f in vars(forms).values() if isinstance(f, type) and issubclass(f, BaseModel) and f.__name__ != "Form"],
    ids=lambda f: f.__name__,
)
def test_every_corpus_field_is_documented(form: type[BaseModel]) -> None:
    assert {f for f in form.model_fields if not re.search(rf"`[^`]*\b{f}\b[^`]*`", CORPUS)} == set()


@pytest.mark.parametrize("name", [name for name, _ in TABS])
def test_every_tab_is_documented(name: str) -> None:
    assert f"**{name}**" in SETTINGS


@pytest.mark.parametrize("readme", ["README.md", "README.en.md"])
def test_every_picture_and_page_that_readme_names_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).is_file(), target


def test_ci_calls_the_test_command_of_the_readme() -> None:
    command = "uv run --all-extras pytest"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_no_source_file_grows_past_what_one_can_hold_in_mind() -> None:
    sources = [p for d in ("kg_build", "assistant", "bench", "tests") for p in (ROOT / d).rglob("*.py")]
    assert {str(p.relative_to(ROOT)): n for p in sources if (n := len(p.read_text("utf-8").splitlines())) > 420} == {}


def test_the_counts_in_readme_are_those_of_the_corpus(assistant: Assistant) -> None:
    from bench.tables import stats_table

    assert stats_table(assistant.stats()) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_role_and_state_of_the_working_pages_is_documented() -> None:
    told = (ROOT / "docs" / "work.md").read_text(encoding="utf-8")
    for label in (*ROLES.values(), *STATES.values(), *RESULTS.values()):
        assert label in told, label
