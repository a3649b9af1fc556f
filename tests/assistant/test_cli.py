"""The command: shapes of its JSON, exit statuses, one sentence for each error."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Hegui = Callable[..., "subprocess.CompletedProcess[str]"]

PROVISION = {"id", "document", "citation", "article", "paragraph", "item", "gist", "official_text", "nature", "in_force"}


def one_sentence(done: subprocess.CompletedProcess[str], status: int, says: str) -> None:
    assert done.returncode == status, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_ask_answers_in_json(hegui_process: Hegui, full_data: Path) -> None:
    done = hegui_process("ask", "员工进污水池清淤要办什么手续", "--json", data=full_data)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert set(body) >= {"q", "as_of", "provisions", "checks", "cases"}
    assert len(body["provisions"]) >= 20
    assert set(body["provisions"][0]) >= PROVISION | {"score", "why"}
    assert isinstance(body["provisions"][0]["article"], int)


def test_ask_answers_in_words(hegui: Hegui, full_data: Path) -> None:
    done = hegui("ask", "焊工证过期了还在干活，我们要罚多少", data=full_data)
    assert done.returncode == 0
    assert "《安全生产法》第九十七条" in done.stdout
    assert "为什么" in done.stdout


def test_a_batch_gives_one_line_for_each_question(hegui_process: Hegui, full_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    questions = ["动火要审批吗", "安生法30条", "第一次违法能不能不罚"]
    path.write_text("\n".join(json.dumps({"q": q}, ensure_ascii=False) for q in questions) + "\n\n", encoding="utf-8")
    done = hegui_process("ask", "--batch", str(path), data=full_data)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["q"] for line in done.stdout.splitlines()] == questions


def test_a_question_that_cannot_be_searched_costs_a_batch_nothing_else(
    hegui: Hegui, full_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"q": "动火要审批吗"}\n{"q": ""}\n{"q": "安生法30条"}\n', encoding="utf-8")
    done = hegui("ask", "--batch", str(path), data=full_data)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [bool(line["provisions"]) for line in lines] == [True, False, True]
    assert "问题是空的" in lines[1]["error"]


@pytest.mark.parametrize("line", ["not json", '{"question": "x"}', '{"q": 3}', "[]"])
def test_a_bad_batch_line_is_named(hegui: Hegui, full_data: Path, tmp_path: Path, line: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"q": "动火"}\n' + line, encoding="utf-8")
    one_sentence(hegui("ask", "--batch", str(path), data=full_data), 2, "第 2 行")


def test_checklist_and_cases_answer_in_json(hegui: Hegui, full_data: Path) -> None:
    made = json.loads(hegui("checklist", "--scene", "有限空间作业", "--json", data=full_data).stdout)
    assert made["total"] >= 20
    item = made["groups"][0]["links"][0]["points"][0]["items"][0]
    assert set(item) >= {"number", "ask", "how", "fix", "severity", "nature", "basis", "penalty"}
    found = json.loads(hegui("cases", "没测气就下污水池", "--json", data=full_data).stdout)
    assert found["cases"]
    assert "common" in found


def test_checklist_writes_both_documents(hegui_process: Hegui, full_data: Path, tmp_path: Path) -> None:
    docx, xlsx = tmp_path / "a.docx", tmp_path / "a.xlsx"
    done = hegui_process("checklist", "-s", "动火作业", "--docx", str(docx), "--xlsx", str(xlsx), data=full_data)
    assert done.returncode == 0, done.stderr
    assert docx.stat().st_size > 10_000
    assert xlsx.stat().st_size > 10_000


def test_a_unit_is_graded_in_words_and_json(hegui: Hegui, full_data: Path, tmp_path: Path) -> None:
    done = hegui("hazard-source", "液氨=12", "--exposed", "60", data=full_data)
    assert "四级重大危险源" in done.stdout
    assert "GB 18218-2018 表6" in done.stdout
    path = tmp_path / "unit.txt"
    path.write_text("液氨=12\n甲醇=100@W5.3\n", encoding="utf-8")
    body = json.loads(hegui("hazard-source", "--file", str(path), "--exposed", "0", "--json", data=full_data).stdout)
    assert [i["name"] for i in body["items"]] == ["液氨", "甲醇"]
    assert {i["critical"]["citation"] for i in body["items"]} == {"GB 18218-2018 表1 1)", "GB 18218-2018 表1 65)"}


def test_numbers_of_the_law_are_listed_with_their_source(hegui: Hegui, full_data: Path) -> None:
    body = json.loads(hegui("thresholds", "临界量", "液氨", "--json", data=full_data).stdout)
    assert body["total"] == 1
    (row,) = body["thresholds"]
    assert (row["value"], row["unit"]) == (10, "吨")
    assert row["citation"].startswith("GB 18218-2018")


def test_what_a_failed_check_costs_is_printed(hegui: Hegui, full_data: Path) -> None:
    done = hegui("penalties", "安全生产法 第三十条第一款", data=full_data)
    assert "《安全生产法》第九十七条第（七）项" in done.stdout
    assert "10万元以上20万元以下" in done.stdout


def test_coverage_is_a_table(hegui: Hegui, full_data: Path) -> None:
    table = json.loads(hegui("coverage", "--json", data=full_data).stdout)
    assert all(len(row["cells"]) == len(table["industries"]) for row in table["rows"])
    assert "| 动火作业 |" in hegui("coverage", data=full_data).stdout


def test_stats_have_the_promised_shape(hegui: Hegui, full_data: Path) -> None:
    counts = json.loads(hegui("stats", "--json", data=full_data).stdout)
    data = {"sanctions", "discretion_tiers", "leniency_entries", "thresholds", "major_hazards", "documents_in_force"}
    assert set(counts) == {"documents", "provisions", "checks", "cases", "scenes", "tags", "triples"} | data
    assert set(counts["provisions"]) == {"total", "with_gist", "verified", "with_official_text"}
    assert counts["documents"]["total"] == sum(counts["documents"]["by_kind"].values())
    assert counts["checks"]["total"] == sum(counts["checks"]["by_scene"].values())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", ""), "问题是空的"),
        (("ask", "火" * 10_000), "问题太长"),
        (("ask", "动火", "--as-of", "昨天"), "日期"),
        (("ask",), "请写出问题"),
        (("checklist", "--scene", "没有的场景"), "没有叫"),
        (("checklist",), "场景"),
        (("ask", "动火", "--limit", "很多"), "--help"),
        (("ask", "动火", "--没有的选项"), "--help"),
        (("没有的命令",), "--help"),
        (("hazard-source", "液氨=12"), "--exposed"),
        (("hazard-source", "液氨", "--exposed", "0"), "看不懂"),
        (("penalties", "没有的检查项"), "没有叫"),
        (("ask", "--batch", "没有的文件.jsonl"), "没有的文件.jsonl"),
        (("checklist", "-s", "动火作业", "--docx", "/没有的目录/a.docx"), "写不了"),
    ],
)
def test_wrong_use_ends_in_one_sentence_and_status_2(
    hegui: Hegui, full_data: Path, arguments: tuple[str, ...], says: str
) -> None:
    one_sentence(hegui(*arguments, data=full_data), 2, says)


def test_a_wrong_corpus_ends_with_places_and_status_1(hegui_process: Hegui, mini: Path, tmp_path: Path) -> None:
    (mini / "rules" / "law.yaml").write_text("document: [", encoding="utf-8")
    one_sentence(hegui_process("build", "--corpus", str(mini), data=tmp_path / "d"), 1, "rules/law.yaml 第 ")


def test_a_port_in_use_ends_in_one_sentence(hegui_process: Hegui, full_data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        one_sentence(hegui_process("serve", "--no-open", "--port", port, data=full_data), 2, f"端口 {port} 已被")


def test_a_data_folder_that_cannot_be_written_is_named(hegui: Hegui, tmp_path: Path, mini: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    one_sentence(
        hegui("build", "--corpus", str(mini), data=blocked / "data", HEGUI_EMBEDDING_MODEL="none"), 1, "快照没有写成"
    )


def test_an_unknown_model_ends_in_one_sentence(hegui: Hegui, tmp_path: Path, mini: Path) -> None:
    done = hegui(
        "build",
        "--corpus",
        str(mini),
        data=tmp_path / "d",
        HEGUI_EMBEDDING_MODEL=str(tmp_path / "nowhere"),
        HF_HUB_OFFLINE="1",
    )
    one_sentence(done, 1, "语义模型")
