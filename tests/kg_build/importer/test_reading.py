"""Any official file becomes lines of text, or one sentence that says what is wrong with it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from kg_build.errors import ImportTextError
from kg_build.importer.reading import read_lines, read_text
from kg_build.importer.structure import parse
from kg_build.statutes import OfficialArticle
from tests.kg_build.importer import makers

Writer = Callable[[Path, Sequence[str]], Path]
WRITERS: dict[str, Writer] = {"docx": makers.write_docx, "html": makers.write_html, "pdf": makers.write_pdf}
REGULATION = makers.REFERENCE / "regulations" / "危险化学品安全管理条例(2013-12-07).md"


def squeezed(articles: list[OfficialArticle]) -> list[tuple[object, ...]]:
    return [(a.locator, a.chapter, a.section, ["".join(line.split()) for line in a.text.split("\n")]) for a in articles]


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_articles(kind: str, tmp_path: Path) -> None:
    file = WRITERS[kind](tmp_path / f"law.{kind}", makers.LAW)
    assert squeezed(parse(read_lines(file), standard=False)) == squeezed(parse(makers.LAW, standard=False))


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.skipif(not REGULATION.is_file(), reason="the reference texts are not on this machine")
def test_a_whole_regulation_survives_every_format(kind: str, tmp_path: Path) -> None:
    lines = read_lines(REGULATION)
    file = WRITERS[kind](tmp_path / f"law.{kind}", lines)
    articles = parse(read_lines(file), standard=False)
    assert len(articles) == 102
    assert squeezed(articles) == squeezed(parse(lines, standard=False))


def test_word_numbers_its_paragraphs_and_the_numbers_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    makers.number_paragraphs(document, [("chineseCountingThousand", "第%1条"), ("chineseCounting", "（%2）")])
    for text, level in (("适用范围。", 0), ("应当：", 0), ("甲；", 1), ("乙。", 1), ("附则：", 0), ("丙。", 1)):
        makers.numbered(document, text, level)
    document.save(str(tmp_path / "a.docx"))
    assert read_lines(tmp_path / "a.docx") == [
        *("第一条 适用范围。", "第二条 应当：", "（一） 甲；", "（二） 乙。", "第三条 附则：", "（一） 丙。")
    ]


def test_decimal_numbers_name_their_upper_levels(tmp_path: Path) -> None:
    document = docx.Document()
    makers.number_paragraphs(document, [("decimal", "%1"), ("decimal", "%1.%2"), ("lowerLetter", "%3)")])
    for text, level in (("范围", 0), ("要求", 0), ("一般要求", 1), ("办票；", 2), ("看火。", 2), ("收尾", 1)):
        makers.numbered(document, text, level)
    document.save(str(tmp_path / "a.docx"))
    assert read_lines(tmp_path / "a.docx") == ["1 范围", "2 要求", "2.1 一般要求", "a) 办票；", "b) 看火。", "2.2 收尾"]


def test_deleted_text_is_left_out_and_inserted_text_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("第一条 罚款")._p
    for tag, run in (("del", "<w:delText>1万元</w:delText>"), ("ins", "<w:t>2万元。</w:t>")):
        paragraph.append(parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r>{run}</w:r></w:{tag}>'))
    document.save(str(tmp_path / "a.docx"))
    assert read_lines(tmp_path / "a.docx") == ["第一条 罚款2万元。"]


def test_a_table_of_several_columns_is_a_line_a_row_and_of_one_column_is_paragraphs(tmp_path: Path) -> None:
    document = docx.Document()
    layout = document.add_table(1, 1).cell(0, 0)
    layout.text = "第一条 甲。"
    layout.add_paragraph("第二条 乙。")
    grid = document.add_table(2, 2)
    for cell, text in zip([c for row in grid.rows for c in row.cells], ["序号", "名称", "1", "氨"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "a.docx"))
    assert read_lines(tmp_path / "a.docx") == ["第一条 甲。", "第二条 乙。", "序号\t名称", "1\t氨"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gb2312", "utf-16"])
def test_a_text_file_may_be_in_any_usual_encoding(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("第一条 测试。\n\n第二条 结束。".encode(encoding))
    assert read_lines(tmp_path / "a.txt") == ["第一条 测试。", "第二条 结束。"]


def test_a_page_in_gb2312_is_read_without_its_menus(tmp_path: Path) -> None:
    lines = read_lines(makers.write_html(tmp_path / "a.htm", makers.LAW, "gb2312"))
    assert "第三条之一 审批的有效期为8小时。" in lines
    assert not any("版权" in line or "首页" in line or "第九百条" in line for line in lines)


def test_markdown_loses_its_marks_but_no_words(tmp_path: Path) -> None:
    text = (
        "---\ntitle: x\n---\n## 第一章 总则\n<!-- 注 -->\n**第一条** 见[说明](http://x)。\n\n| 1 | 氨 |\n|---|---|\n1\\. 点"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert read_lines(tmp_path / "a.md") == ["第一章 总则", "第一条 见说明。", "1\t氨", "1. 点"]


def test_a_pdf_loses_its_running_head_and_page_numbers(tmp_path: Path) -> None:
    lines = read_lines(makers.write_pdf(tmp_path / "a.pdf", makers.LAW, per_page=6))
    assert not any("公报" in line or line.startswith("—") for line in lines)


def test_the_text_of_a_report_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("第一行\n\n  《安全生产法》第三十条", encoding="utf-8")
    assert read_text(tmp_path / "a.txt") == "第一行\n\n  《安全生产法》第三十条"
    assert read_text(makers.write_docx(tmp_path / "a.docx", ["一", "二"])) == "一\n二"


def _broken(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("a.xlsx", lambda p: _broken(p, b"PK"), "不能导入"),
        ("a.doc", lambda p: _broken(p, b"\xd0\xcf\x11\xe0"), "另存为 docx"),
        ("a.docx", lambda p: _broken(p, b""), "空的"),
        ("a.docx", lambda p: _broken(p, b"not a zip"), "不是完好的 docx"),
        ("a.docx", lambda p: _broken(p, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "密码"),
        ("a.docx", lambda p: makers.write_bomb(p, 2), "不是完好的 docx"),
        ("a.docx", lambda p: makers.write_bomb(p, 101), "解压后有 101 MB"),
        ("a.docx", lambda p: makers.write_docx(p, []), "没有可读的文字"),
        ("a.pdf", lambda p: _broken(p, b"%PDF-1.4 broken"), "不是完好的 PDF"),
        ("a.pdf", lambda p: makers.write_pdf(p, []), "扫描件"),
        ("a.pdf", lambda p: makers.write_pdf(p, ["第一条"], encrypted=True), "密码"),
        ("a.txt", lambda p: _broken(p, bytes(range(256))), "编码"),
        ("a.txt", lambda p: _broken(p, b"  \n \n"), "没有可读的文字"),
        ("a.html", lambda p: _broken(p, b"<html></html>"), "没有可读的文字"),
        ("gone.txt", lambda p: p, "读不了"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(name: str, make: Callable[[Path], Path], says: str, tmp_path: Path) -> None:
    with pytest.raises(ImportTextError) as raised:
        read_lines(make(tmp_path / name))
    message = str(raised.value)
    assert says in message
    assert name in message
    assert "\n" not in message
    assert message.endswith("。")


def test_a_file_over_50_megabytes_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x", encoding="utf-8")
    os.truncate(file, 51 * 1024 * 1024)
    with pytest.raises(ImportTextError, match="超过 50 MB"):
        read_lines(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(ImportTextError, match="不是文件"):
        read_lines(tmp_path / "a.txt")


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_truncated_file_is_refused_or_read_but_never_a_crash(kind: str, tmp_path: Path) -> None:
    whole = WRITERS[kind](tmp_path / f"whole.{kind}", makers.LAW).read_bytes()
    for share in (10, 40, 70, 95):
        cut = _broken(tmp_path / f"{share}.{kind}", whole[: len(whole) * share // 100])
        with contextlib.suppress(ImportTextError):
            assert read_lines(cut)
