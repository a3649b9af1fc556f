"""Subcommands that read the corpus as data: hazard sources, numbers of the law, penalties, coverage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.command_line import AsOfOption, DataOption, JsonOption, app, display, emit, open_assistant, out, read_report
from kg_build.errors import UsageError


@app.command("hazard-source")
def hazard_source(
    substances: Annotated[
        list[str] | None,
        typer.Argument(help="物质=数量，不写单位按吨；表1没有列名的写上类别：液氨=12 甲醇=800kg 乙酸丁酯=30@W5.4。"),
    ] = None,
    exposed: Annotated[
        int | None, typer.Option("--exposed", min=0, help="厂区边界向外500米范围内的常住人口，必须填写。")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="清单文件，一行一种物质。")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """算重大危险源：一个单元的 S、R 和级别，每个数都注明出处。"""
    if exposed is None:
        raise UsageError("请用 --exposed 写明厂区边界向外500米范围内的常住人口（没有人住写 0），它决定系数α。")
    found = open_assistant(data).hazard_source(
        [*(substances or ()), *([read_report(str(file))] if file else [])], exposed, as_of
    )
    if as_json:
        emit(found)
    else:
        display().show_hazard_source(found, out)


@app.command()
def thresholds(
    words: Annotated[list[str] | None, typer.Argument(help="要找的数：量、对象或文件，如 培训学时 主要负责人。")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=2000, help="最多列出几个。")] = 50,
    data: DataOption = None,
) -> None:
    """查法定的数：学时、期限、距离、临界量等，每个数注明单位、条件、出处和施行日期。"""
    found = open_assistant(data).thresholds(words or (), as_of)
    if as_json:
        emit({"total": len(found), "thresholds": [t.model_dump(mode="json") for t in found[:limit]]})
    else:
        display().show_thresholds(found, limit, out)


@app.command()
def penalties(
    subject: Annotated[str, typer.Argument(help="检查项编号，或条款引用，如“安全生产法 第三十条第一款”。")],
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """不符合要承担什么：罚则、幅度、裁量档次、不罚和从轻的依据、同类案例；只列依据，不作决定。"""
    found = open_assistant(data).penalties(subject, as_of)
    if as_json:
        emit(found)
    else:
        display().show_penalties(found, out)


@app.command("coverage")
def coverage_command(as_json: JsonOption = False, data: DataOption = None) -> None:
    """覆盖表：场景 × 行业，各有多少检查项、依据文件和案例；空格就是没有。"""
    from assistant.coverage import as_markdown, coverage

    table = coverage(open_assistant(data).knowledge)
    if as_json:
        emit(table)
    else:
        out.print(as_markdown(table), markup=False, highlight=False)
