"""Writes README's figures and docs/coverage.md: ``uv run python -m bench.tables`` (``--speed`` measures speed too)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.coverage import as_markdown, coverage
from assistant.service import Assistant
from kg_build.forms import KIND_LABELS
from kg_build.snapshot import build

README = Path(__file__).parents[1] / "README.md"
COVERAGE = README.parent / "docs" / "coverage.md"
COVERAGE_HEAD = """# 覆盖表

由 `uv run python -m bench.tables` 生成，网页“图谱与资料”的“覆盖表”里是同一张表。
每格依次是：点名适用该行业的检查项 · 这些检查项所依据的文件 · 该行业的案例；写“工贸”的检查项算在它下面的每个行业里，
不限行业的另成一列。空格表示资料库在这里没有内容。

"""


def stats_table(counts: dict[str, Any]) -> str:
    """What the corpus holds, as a table."""
    kinds = "、".join(f"{KIND_LABELS[k]} {n}" for k, n in counts["documents"]["by_kind"].items())
    scenes = "、".join(f"{k} {n}" for k, n in counts["checks"]["by_scene"].items())
    p = counts["provisions"]
    rows = [
        ("文件", f"{counts['documents']['total']} 件（现行 {counts['documents_in_force']}）：{kinds}"),
        (
            "条款",
            f"{p['total']} 个；有要点 {p['with_gist']}，与原文核对过 {p['verified']}，有原文 {p['with_official_text']}",
        ),
        ("检查项", f"{len(counts['checks']['by_scene'])} 个场景 {counts['checks']['total']} 项：{scenes}"),
        ("罚则、裁量档次", f"{counts['sanctions']} 条、{counts['discretion_tiers']} 档"),
        ("法定的数", f"{counts['thresholds']} 个：期限、学时、距离、数量、浓度"),
        ("重大事故隐患判定情形", f"现行 {counts['major_hazards']} 种"),
        ("案例", f"{counts['cases']['total']} 件，上海 {counts['cases']['shanghai']} 件"),
        ("风险标签、三元组", f"{counts['tags']} 个、{counts['triples']} 个"),
    ]
    return "| | |\n| --- | --- |\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)


def speed_table(found: dict[str, float]) -> str:
    """The measured times, as a table."""
    rows = [
        ("从空目录建立快照（随附向量）", f"{found['build_full']:.1f} 秒"),
        ("改了一份文件后重建", f"{found['build_one_changed']:.1f} 秒"),
        ("没有变化时再执行 build", f"{found['build_unchanged']:.1f} 秒"),
        ("`hegui serve` 到网页可用", f"{found['page_ready']:.1f} 秒，此后第一个回答 {found['first_answer']:.2f} 秒"),
        (
            "运行中的服务回答一个问题（含语义检索）",
            f"中位 {found['ask_median'] * 1000:.0f} 毫秒，p95 {found['ask_p95'] * 1000:.0f} 毫秒",
        ),
        ("30 个客户端同时提问", f"p95 {found['ask_30_clients_p95']:.2f} 秒"),
        ("服务常驻内存", f"{found['memory_mb']:.0f} MB"),
    ]
    head = f"{found['cores']:.0f} 核机器上测得（`uv run python -m bench.speed`，命令行本身的启动时间计算在内）：\n\n"
    return head + "| | |\n| --- | --- |\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)


def put(text: str, name: str, body: str) -> str:
    """``text`` with what stands between the marks ``name`` replaced."""
    return re.sub(
        rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", lambda m: m[1] + body + "\n" + m[2], text, flags=re.S
    )


def main() -> None:
    """Measure and write."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        assistant = Assistant(Path(folder))
        text = put(text, "stats", stats_table(assistant.stats()))
        COVERAGE.write_text(COVERAGE_HEAD + as_markdown(coverage(assistant.knowledge)) + "\n", encoding="utf-8")
    if "--speed" in sys.argv:
        done = subprocess.run([sys.executable, "-m", "bench.speed"], check=True, capture_output=True, text=True)
        text = put(text, "speed", speed_table(json.loads(done.stdout)))
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
