"""What every subcommand of ``hegui`` shares: the application, the options, the consoles, opening and building."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from assistant.settings import Settings
from kg_build.errors import UsageError
from kg_build.published import current

if TYPE_CHECKING:
    from assistant.service import Assistant
    from kg_build.snapshot import BuildResult

app = typer.Typer(
    help="合规图谱：查法规、出清单、找类案。第一次使用请先执行 hegui serve 或 hegui build。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

DataOption = Annotated[Path | None, typer.Option("--data", help="数据目录（默认为用户数据目录，或环境变量 HEGUI_DATA）。")]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="资料目录（默认为随软件安装的资料，或环境变量 HEGUI_CORPUS）。")
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="按哪一天的法律回答，如 2026-05-01（默认今天）。")]


def settings_for(data: Path | None, corpus: Path | None = None) -> Settings:
    """Settings with what the command line overrides."""
    base = Settings()
    return replace(base, data=data or base.data, corpus=corpus or base.corpus)


def build_with_bar(settings: Settings, *, force: bool = False) -> BuildResult:
    """Build the snapshot with a progress bar on standard error."""
    from kg_build.snapshot import build

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("开始", total=1.0)
        return build(
            settings.data,
            corpus=settings.corpus,
            model=settings.model,
            force=force,
            progress=lambda step, share: bar.update(task, description=step, completed=share),
        )


def build_if_missing(settings: Settings) -> None:
    """Build the first snapshot of a data folder, saying so; do nothing where there is one."""
    if current(settings.data) is None:
        err.print("第一次使用，先建立快照（不需要网络）……")
        build_with_bar(settings)


def open_assistant(data: Path | None) -> Assistant:
    """The assistant over the published snapshot; the shipped corpus is built first where there is none."""
    # Imported here: `hegui build` needs none of what answering needs.
    from assistant.service import Assistant

    settings = settings_for(data)
    build_if_missing(settings)
    return Assistant(settings.data)


def display() -> Any:
    """How answers look, imported at first use."""
    from assistant import display as shown

    return shown


def emit(value: BaseModel | dict[str, Any]) -> None:
    """Print a value as JSON."""
    body = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")


def read_report(file: str) -> str:
    """The text of a report: a file of any kind that can be imported, or ``-`` for standard input."""
    from kg_build.importer.reading import decode, read_text

    return decode(sys.stdin.buffer.read(), "标准输入") if file == "-" else read_text(Path(file))


def write_file(path: Path, writer: Callable[[Path], None]) -> Path:
    """Write a document where the user named it; raise :class:`UsageError` when that can't be done."""
    try:
        writer(path)
    except OSError as error:
        raise UsageError(
            f"文件 {path} 写不了（{error.strerror or error}）；请检查目录是否存在、文件是否正被打开。"
        ) from error
    return path
