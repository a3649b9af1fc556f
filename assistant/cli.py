"""The command ``hegui``: one function a subcommand. Errors end in one Chinese sentence and an exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

import assistant.cli_facts
import assistant.cli_training
import assistant.cli_work  # noqa: F401 - registers its subcommands
from assistant.command_line import (
    AsOfOption,
    CorpusOption,
    DataOption,
    JsonOption,
    app,
    build_with_bar,
    display,
    emit,
    err,
    open_assistant,
    out,
    read_report,
    settings_for,
    write_file,
)
from kg_build.errors import HeguiError, UsageError

# Typer carries its own copy of click and exports only this subclass of its usage errors.
_CommandLineError: Any = typer.BadParameter.__mro__[1]


@app.command("build")
def build_command(
    data: DataOption = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
    force: Annotated[bool, typer.Option("--force", help="内容没有变化也重新建立。")] = False,
) -> None:
    """建立并发布快照：资料和本体 → 图谱与索引；有任何错误都不发布。"""
    result = build_with_bar(settings_for(data, corpus), force=force)
    if as_json:
        emit({"built": result.built, "seconds": round(result.seconds, 2), "encoded": result.encoded, **result.manifest})
    elif result.built:
        out.print(
            f"已发布快照 {result.key}：{result.manifest['entries']} 个检索单元、{result.manifest['triples']} 个三元组，"
            f"新算语义向量 {result.encoded} 个，用时 {result.seconds:.1f} 秒。"
        )
    else:
        out.print(f"资料没有变化，快照 {result.key} 已是最新，不需要重建。")
    if note := result.manifest["model"].get("note"):
        err.print(note)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="用平常的话提问，或直接写文号和条款。")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="最多列出几条依据。")] = 20,
    batch: Annotated[Path | None, typer.Option("--batch", help='逐行读取 {"q": …} 的 JSONL 文件，逐行输出 JSON。')] = None,
    data: DataOption = None,
) -> None:
    """问法规：列出适用的条款、检查项和案例，并说明为什么。"""
    if batch is not None:
        questions = list(_read_batch(batch))
        assistant = open_assistant(data)
        failed = 0
        for q, day in questions:
            try:
                emit(assistant.ask(q, day or as_of, provisions=limit))
            except UsageError as error:
                # One question that can't be searched must not cost the answers to the others.
                failed += 1
                emit({"q": q, "as_of": day or as_of, "provisions": [], "checks": [], "cases": [], "error": str(error)})
        if failed:
            err.print(f"{len(questions)} 个问题中有 {failed} 个没有回答，原因写在各自一行的 error 里。")
            raise typer.Exit(1)
        return
    if question is None:
        raise UsageError("请写出问题，例如：hegui ask 员工进污水池清淤要办什么手续；或用 --batch 指定文件。")
    answer = open_assistant(data).ask(question, as_of, provisions=limit)
    if as_json:
        emit(answer)
    else:
        display().show_answer(answer, out)


def _read_batch(path: Path) -> Iterator[tuple[str, str | None]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"批量文件 {path} 读不了（{type(error).__name__}）；请确认文件存在且为 UTF-8 编码。") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
            question, day = body["q"], body.get("as_of")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f'批量文件 {path} 第 {number} 行不是 {{"q": "问题"}} 形式的 JSON；请改正后重试。') from error
        if not isinstance(question, str):
            raise UsageError(f"批量文件 {path} 第 {number} 行的 q 不是文字；请改正后重试。")
        yield question, day


@app.command()
def checklist(
    scene: Annotated[list[str] | None, typer.Option("--scene", "-s", help="场景名称，可重复。")] = None,
    profile: Annotated[str | None, typer.Option("--profile", "-p", help="用平常的话写企业做什么、有什么、存什么。")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    docx: Annotated[Path | None, typer.Option("--docx", help="写出 Word 文件。")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="写出 Excel 文件。")] = None,
    title: Annotated[str | None, typer.Option("--title", help="清单标题。")] = None,
    data: DataOption = None,
) -> None:
    """生成清单：按场景和（或）企业情况列出检查项、依据、罚则、查法和改法。"""
    made = open_assistant(data).checklist(scene or (), profile, as_of, title=title)
    written = []
    if docx:
        from assistant.documents.checklist_docx import write_docx

        written.append(write_file(docx, lambda path: write_docx(made, path)))
    if xlsx:
        from assistant.documents.checklist_xlsx import write_xlsx

        written.append(write_file(xlsx, lambda path: write_xlsx(made, path)))
    if as_json:
        emit(made)
    elif written:
        for path in written:
            out.print(f"已写出 {path}（{made.total} 项，其中重大事故隐患 {made.major} 项）。")
    else:
        display().show_checklist(made, out)


@app.command()
def cases(
    situation: Annotated[str, typer.Argument(help="用平常的话写出情况，例如“没测气就下污水池，死了人”。")],
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="最多列出几件。")] = 8,
    shanghai: Annotated[bool, typer.Option("--shanghai", help="只看上海的案例。")] = False,
    data: DataOption = None,
) -> None:
    """找类案：相似案例、违反了什么、付出什么代价、教训，以及它们共同的依据。"""
    found = open_assistant(data).cases(situation, as_of, limit=limit, shanghai=shanghai)
    if as_json:
        emit(found)
    else:
        display().show_cases(found, out)


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="要核对的文件（docx、pdf、html、md、txt）；- 表示从标准输入读。")] = "-",
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """核对引用：报告或文书里的每处法规和标准，是否存在、是否施行、强制还是推荐、被什么替代。"""
    found = open_assistant(data).verify(read_report(file), as_of)
    if as_json:
        emit(found)
        return
    out.print(found.summary, markup=False)
    for finding in found.findings:
        line = f"第 {finding.line} 行 {finding.quote.strip()}［{finding.label}］{finding.verdict}"
        out.print(" ".join(line.split()), markup=False, highlight=False)
        for note in finding.notes:
            out.print(f"  注意：{note}", markup=False, highlight=False)


@app.command()
def mcp(data: DataOption = None) -> None:
    """供智能体调用：以标准输入输出提供 MCP 服务（ask、checklist、cases、verify、get_provision）。"""
    from assistant.mcp import run_stdio

    run_stdio(open_assistant(data))


@app.command()
def stats(as_json: JsonOption = False, data: DataOption = None) -> None:
    """资料库里有什么：文件、条款、检查项、案例的数目。"""
    counts = open_assistant(data).stats()
    if as_json:
        emit(counts)
    else:
        display().show_stats(counts, out)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址；默认只允许本机访问。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口。")] = 7860,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="启动后打开浏览器。")] = True,
    data: DataOption = None,
    corpus: CorpusOption = None,
) -> None:
    """打开网页助手（第一次会先建立快照）；同一地址提供 JSON 接口，说明见 /docs。"""
    from assistant.server import run

    run(settings_for(data, corpus), host, port, open_page=open_page)


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="官方文本文件：docx、pdf、html、md 或 txt。")],
    document: Annotated[str, typer.Option("--document", help="资料库中的文件：编号、简称或全称。")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """导入官方原文：逐条与资料库中的要点对应，重建后原文与要点并列显示。"""
    from kg_build.importer.service import import_text

    settings = settings_for(data)
    report = import_text(file, document, settings.data, settings.corpus)
    if as_json:
        emit(report.as_dict())
    else:
        out.print(report.sentence())
    build_with_bar(settings)


@app.command()
def vectors(
    check: Annotated[int, typer.Option("--check", min=0, help="只核对：随机抽这么多条重新计算并比较。")] = 0,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """（维护者）重新计算随资料发布的语义向量，或抽样核对。"""
    from kg_build.vectors import check_shipped, refresh_shipped

    settings = settings_for(data)
    if check:
        worst = check_shipped(check, settings.corpus)
        if as_json:
            emit({"checked": check, "smallest_cosine": worst})
            return
        out.print(f"抽查 {check} 条，与重新计算的结果最小余弦 {worst:.4f}。")
    else:
        total, encoded = refresh_shipped(settings.corpus)
        if as_json:
            emit({"total": total, "encoded": encoded})
            return
        out.print(f"随资料发布的向量共 {total} 条，本次新算 {encoded} 条。")


def main() -> None:
    """Entry point: every :class:`HeguiError` becomes one sentence and an exit status."""
    try:
        raise SystemExit(app(standalone_mode=False) or 0)
    except _CommandLineError as error:
        context = getattr(error, "ctx", None)
        name = context.command_path if context else "hegui"
        sys.stderr.write(f"命令写法有误（{error.format_message()}）；请用 {name} --help 查看用法。\n")
        raise SystemExit(2) from None
    except (typer.Abort, typer.Exit) as stop:
        raise SystemExit(getattr(stop, "exit_code", 130)) from None
    except HeguiError as error:
        sys.stderr.write(str(error) + "\n")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        raise SystemExit(130) from None
    except BrokenPipeError:
        # The reader of our output went away (hegui ask … | head): not an error of ours.
        sys.stderr.close()
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
