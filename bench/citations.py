"""How often a written citation leads to the place it cites: ``python -m bench.citations [dev|test] [--data FOLDER]``.

``bench/labels/citations.jsonl`` holds what users type. A row is right when the first provision of the answer lies in the
cited article; where the cited place doesn't exist, when no provision claims it and a notice says so; where the document
is old, when the answer also says what applies now. Misses are printed for ``dev`` only: ``test`` must stay unseen.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from assistant.models import Answer
from assistant.service import Assistant
from bench.labelled import DAY, read_lines
from bench.setup import data_folder
from kg_build.errors import HeguiError

CLAIMED = "直接引用"
"""What the answer says of a provision that the question cites."""
_ABSENT = re.compile(r"没有第|没有[^，。；]*(?:条|款|项|部分|\d)|没有收录|尚未收录|不存在")
_NOW = re.compile(r"代替|取代|替代|为准|现行|废止|没有.{0,8}新版")


def verdict(row: dict[str, Any], answer: Answer) -> str | None:
    """``None`` when the answer to a row is right, else what is wrong with it."""
    first = answer.provisions[0] if answer.provisions else None
    if row.get("missing"):
        claimed = [p.id for p in answer.provisions if CLAIMED in p.why]
        if claimed:
            return f"不存在的条款给出了 {claimed[0]}"
        return None if any(_ABSENT.search(n) for n in answer.notices) else "没有提示条款不存在"
    if first is None:
        return "没有结果"
    if not f"{first.id}/".startswith(f"{row['article']}/"):
        return f"第一条是 {first.id}"
    told = [*answer.notices, first.note or ""]
    if row.get("old") and not any(_NOW.search(n) for n in told):
        return "没有说明现在适用什么"
    return None


def measure(assistant: Assistant, rows: list[dict[str, Any]]) -> dict[str, list[tuple[dict[str, Any], str | None]]]:
    """What became of every row, by the form in which it is written."""
    found: dict[str, list[tuple[dict[str, Any], str | None]]] = defaultdict(list)
    for row in rows:
        try:
            outcome = verdict(row, assistant.ask(row["q"], DAY))
        except HeguiError as error:
            outcome = f"被拒绝：{error}"
        found[row["form"]].append((row, outcome))
    return dict(found)


def main() -> int:
    """Print the measures of one split; return 1 when hit@1 is below 0.99."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("split", nargs="?", choices=["dev", "test"], default="dev")
    arguments.add_argument("--data", type=Path, help="a data folder, brought up to date; else one is built anew")
    given = arguments.parse_args()
    rows = [r for r in read_lines("citations.jsonl") if r["split"] == given.split]
    if not rows:
        print(f"bench/labels/citations.jsonl 里没有 {given.split} 的行。")
        return 1
    with data_folder(given.data) as data:
        outcomes = measure(Assistant(data), rows)
    right = {form: sum(o is None for _, o in rows) for form, rows in outcomes.items()}
    for form, of_form in sorted(outcomes.items()):
        print(f"{form}\t{right[form]}/{len(of_form)}")
        if given.split == "dev":
            for row, outcome in of_form:
                if outcome is not None:
                    print(f"  {row['id']} {row['q']}\t{outcome}")
    rate = sum(right.values()) / len(rows)
    print(json.dumps({"set": f"citations-{given.split}", "rows": len(rows), "hit@1": round(rate, 4)}, ensure_ascii=False))
    return 0 if rate >= 0.99 else 1


if __name__ == "__main__":
    sys.exit(main())
