"""Every citation in any text is checked; what the snapshot lacks is never called wrong."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_api
from assistant.knowledge import Knowledge
from assistant.service import Assistant
from assistant.verify import MAX_CHARS, CitationFinding, verification, verify
from kg_build.embedding import NONE
from kg_build.errors import UsageError
from kg_build.snapshot import build
from tests.conftest import TODAY
from tests.kg_build.importer import makers

Check = Callable[..., list[CitationFinding]]


@pytest.fixture(scope="module")
def data(mini_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    build(folder, corpus=mini_source, model=NONE, today=TODAY)
    return folder


@pytest.fixture(scope="module")
def knowledge(data: Path) -> Knowledge:
    return Knowledge.open(data)


@pytest.fixture(scope="module")
def check(knowledge: Knowledge) -> Check:
    def run(text: str, day: datetime.date = TODAY) -> list[CitationFinding]:
        return verify(text, knowledge, day)

    return run


@pytest.mark.parametrize(
    ("text", "citation", "status"),
    [
        ("《中华人民共和国安全生产法》第三十条第一款", "《安全生产法》第三十条第一款", "ok"),
        ("安生法第97条第(7)项", "《安全生产法》第九十七条第（七）项", "ok"),
        ("《安全生产法》（2021年修正）第三十条", "《安全生产法》第三十条", "ok"),
        ("《中华人民共和国安全生产法（2021年修正）》第三十条", "《安全生产法》第三十条", "ok"),
        ("《安全生产法第三十条》", "《安全生产法》第三十条", "ok"),
        ("《动火作业新规则》（某部令第17号）第六条", "《动火新规则》第六条", "ok"),
        ("某部17号令第九条第（二）项", "《动火新规则》第九条第（二）项", "ok"),
        ("GB／T 1234—2020 5.10", "GB/T 1234-2020 5.10", "ok"),
        ("《测试推荐标准》(GB/T 1234)第5.10条", "GB/T 1234-2020 5.10", "ok"),
        ("《动火作业旧规则》第五条", "《动火旧规则》第五条", "repealed"),
        ("《安全生产法》第一百二十条", "《安全生产法》第一百二十条", "no_such_place"),
        ("《安全生产法》第三十条第五款", "《安全生产法》第三十条第五款", "no_such_place"),
        ("《安全生产法》第九十七条第（八）项", "《安全生产法》第九十七条第（八）项", "no_such_place"),
        ("《安全生产法》第五条第（一）项", "《安全生产法》第五条第（一）项", "no_such_place"),
        ("《安全生产法》第三十条之一", "《安全生产法》第三十条之一", "no_such_place"),
        ("《动火新规则》第三条", "《动火新规则》第三条", "place_not_collected"),
        ("GB/T 1234-2020 6.1", "GB/T 1234-2020 6.1", "place_not_collected"),
        ("《安全生产法》（2014年修正）第九十四条", "《安全生产法》第九十四条", "replaced"),
        ("《江苏省安全生产条例》第二十条", "《江苏省安全生产条例》第二十条", "document_not_collected"),
        ("江苏省安全生产法实施办法第三条", "《江苏省安全生产法实施办法》第三条", "document_not_collected"),
        ("《安全生产法实施细则》", "《安全生产法实施细则》", "document_not_collected"),
        ("GB15577—2018第6.3.2条", "GB 15577-2018 6.3.2", "document_not_collected"),
        ("GB/T 1234-2012 5.10", "GB/T 1234-2012 5.10", "document_not_collected"),
    ],
)
def test_a_citation_is_recognized_and_judged(text: str, citation: str, status: str, check: Check) -> None:
    (finding,) = check(f"检查发现，依据{text}，责令改正。")
    assert (finding.citation, finding.status) == (citation, status)
    assert finding.verdict.endswith("。")


@pytest.mark.parametrize(
    "text",
    [
        "国家安全生产法律法规",
        "填写《动火作业票》",
        "参见《安全生产法知识问答》",
        "共5条第3项",
        "设备型号 YB 160",
        "长5.2 m，第三条生产线",
    ],
)
def test_what_is_no_citation_is_not_reported(text: str, check: Check) -> None:
    assert check(text) == []


def test_positions_and_lines_are_those_of_the_text(check: Check) -> None:
    text = "一、概述\n依据《安全生产法》第三十条第一款、第九十七条第（一）项、第（七）项。\n另见 GB/T 1234-2020 5.10。"
    found = check(text)
    assert [text[f.start : f.end] for f in found] == [f.quote for f in found]
    assert [f.quote for f in found] == [
        *("《安全生产法》第三十条第一款", "第九十七条第（一）项", "第（七）项", "GB/T 1234-2020 5.10"),
    ]
    assert [f.line for f in found] == [2, 2, 2, 3]


def test_places_joined_by_to_and_or_belong_to_the_same_law(check: Check) -> None:
    found = check("《安全生产法》第三十条至第三十二条、第九十七条第一款或者第九十八条")
    assert [f.citation.removeprefix("《安全生产法》") for f in found] == [
        *("第三十条", "第三十二条", "第九十七条第一款", "第九十八条"),
    ]


def test_the_said_law_is_the_law_named_last(check: Check) -> None:
    found = check("依据《安全生产法》第三十条。该法第九十七条规定了处罚；《江苏省消防条例》另有规定，该条例第五条。")
    assert [f.citation for f in found] == [
        "《安全生产法》第三十条",
        "《安全生产法》第九十七条",
        "《江苏省消防条例》",
        "《江苏省消防条例》第五条",
    ]


def test_a_heading_below_a_standard_is_no_clause_of_it(check: Check) -> None:
    (finding,) = check("符合 GB/T 1234-2020\n5.10 现场情况")
    assert finding.citation == "GB/T 1234-2020"


def test_a_recommended_standard_is_said_to_be_one(check: Check) -> None:
    (finding,) = check("GB/T 1234-2020 5.10")
    assert (finding.exists, finding.in_force, finding.nature) == (True, True, "recommended")
    assert "推荐性标准" in finding.verdict
    assert finding.provision is not None
    assert finding.provision.gist == "建议安排看火人。"
    assert "资料库中这一条的要点还没有与原文核对。" in finding.notes


def test_a_repealed_rule_names_what_replaced_it(check: Check) -> None:
    (finding,) = check("《动火旧规则》第五条")
    assert (finding.status, finding.in_force, finding.replaced_by) == ("repealed", False, ["动火新规则"])
    assert "已于 2022-10-01 废止，由《动火新规则》代替" in finding.verdict


def test_the_law_is_that_of_the_day(check: Check) -> None:
    text = "《动火旧规则》第五条；《动火新规则》第六条"
    assert [f.status for f in check(text, datetime.date(2022, 9, 30))] == ["ok", "not_yet_in_force"]
    assert [f.status for f in check(text, datetime.date(2022, 10, 1))] == ["repealed", "ok"]


def test_an_old_edition_that_the_corpus_only_names_is_replaced(
    mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    replace_in(
        mini / "rules" / "standard.yaml", "in_force: 2020-06-01", "in_force: 2020-06-01\n  replaces: [GB/T 1234-2012]"
    )
    build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY)
    knowledge = Knowledge.open(tmp_path / "data")
    (finding,) = verify("《测试推荐标准》（GB/T 1234—2012）第5.2条", knowledge, TODAY)
    assert (finding.status, finding.replaced_by, finding.document) == ("replaced", ["GB/T 1234-2020"], None)
    (before,) = verify("GB/T 1234-2012 第5.2条", knowledge, datetime.date(2020, 5, 31))
    assert before.status == "document_not_collected"


def test_a_partly_superseded_document_names_what_prevails(
    mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    replace_in(
        mini / "rules" / "new.yaml", "replaces: [动火旧规则]", "replaces: [动火旧规则]\n  partly_superseded_by: [安全生产法]"
    )
    build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY)
    (finding,) = verify("《动火新规则》第六条", Knowledge.open(tmp_path / "data"), TODAY)
    assert (finding.status, finding.superseded_by) == ("partly_superseded", ["安全生产法"])
    assert "以后者为准" in finding.verdict


def test_what_is_not_collected_is_never_called_wrong(knowledge: Knowledge) -> None:
    found = verification(
        "《某省消防条例》第五条、GB 50016-2014（2018年版）第3.3.5条、《动火新规则》第三条", knowledge, TODAY
    )
    assert (found.total, found.wrong, found.unverified) == (3, 0, 3)
    assert all("无法核对" in f.verdict and f.exists is None for f in found.findings)


def test_a_text_without_citations_says_how_to_write_them(knowledge: Knowledge) -> None:
    found = verification("现场检查未发现问题。", knowledge, TODAY)
    assert (found.total, found.findings) == (0, [])
    assert "没有找到" in found.summary


@pytest.mark.parametrize("text", ["", " \n ", "条" * (MAX_CHARS + 1)])
def test_an_empty_or_endless_text_is_refused(text: str, check: Check) -> None:
    with pytest.raises(UsageError, match=r"。$"):
        check(text)


def test_a_long_report_is_checked_in_seconds(knowledge: Knowledge) -> None:
    text = "依据《安全生产法》第三十条第一款和GB/T 1234-2020 5.10，应当整改。" * 4000
    started = datetime.datetime.now(datetime.UTC)
    assert len(verify(text[:MAX_CHARS], knowledge, TODAY)) > 6000
    assert (datetime.datetime.now(datetime.UTC) - started).total_seconds() < 60


def test_every_citation_we_print_is_verified_by_ourselves(knowledge: Knowledge) -> None:
    provisions = list(knowledge.provisions.values())
    found = verify("。\n".join(p.citation for p in provisions), knowledge, TODAY)
    assert [(f.citation, f.exists) for f in found] == [(p.citation, True) for p in provisions]


@pytest.mark.slow
def test_every_citation_of_the_shipped_corpus_is_verified_by_ourselves(assistant: Assistant) -> None:
    provisions = list(assistant.knowledge.provisions.values())
    for first in range(0, len(provisions), 1000):
        part = provisions[first : first + 1000]
        found = verify("。\n".join(p.citation for p in part), assistant.knowledge, TODAY)
        assert [(f.citation, f.exists) for f in found] == [(p.citation, True) for p in part]


def test_the_route_checks_a_text(data: Path) -> None:
    client = TestClient(create_api(Assistant(data, clock=lambda: TODAY)))
    body = client.post("/api/verify", json={"text": "《动火旧规则》第五条", "as_of": "2022-01-01"}).json()
    assert (body["as_of"], body["total"], body["wrong"]) == ("2022-01-01", 1, 0)
    assert body["findings"][0]["verdict"] == "《动火旧规则》第五条 在 2022-01-01 现行有效，强制性。"
    refused = client.post("/api/verify", json={"text": ""})
    assert refused.status_code == 422
    assert refused.json()["error"].endswith("。")


def test_the_command_reads_a_word_file(
    data: Path, tmp_path: Path, hegui: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    report = makers.write_docx(tmp_path / "report.docx", ["评价报告", "依据《安全生产法》第二百条，应当整改。"])
    shown = hegui("verify", str(report), data=data)
    assert shown.returncode == 0
    assert "第 2 行 《安全生产法》第二百条［条款不存在］" in shown.stdout
    body = json.loads(hegui("verify", str(report), "--json", "--as-of", "2025-01-01", data=data).stdout)
    assert (body["as_of"], body["wrong"]) == ("2025-01-01", 1)


def test_the_command_reads_standard_input_and_refuses_nothing(data: Path) -> None:
    command = [sys.executable, "-m", "assistant.cli", "verify", "-", "--data", str(data)]
    shown = subprocess.run(command, input="《动火新规则》第六条".encode("gb18030"), capture_output=True, check=False)
    assert "现行有效" in shown.stdout.decode()
    empty = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert empty.returncode == 2
    assert empty.stderr.decode().strip().endswith("。")
