"""Makes small official files for the importer's tests: docx by python-docx, pdf by hand, html."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "texts"

LAW = [
    "测试安全条例",
    "（2022年3月1日某部令第17号公布）",
    "目　　录",
    "第一章　总　　则",
    "第二章　处　　罚",
    "第一章　总　　则",
    "第一条　为了测试导入，制定本条例。",
    "第二条　本条例适用于下列单位：",
    "（一）工贸企业，包括：",
    "1．机械企业；",
    "2．建材企业；",
    "（二）依照第三十条第二款规定纳入管理的其他单位。",
    "前款第二项的单位由市应急管理部门确定。",
    "第一节　动　火",
    "第三条　动火作业前应当办理审批。",
    "第三条之一　审批的有效期为8小时。",
    "第二章　处　　罚",
    "第四条　违反本条例第三条",
    "规定的，处5万元以下的罚款；情节严重的，依照《中华人民共和国安全生产法》",
    "第九十七条的规定处罚。",
    "第五条　本条例自2022年10月1日起施行。",
    "某部办公厅",
    "附件：动火作业票",
    "第一联留存。",
]

STANDARD = [
    "GB/T 1234-2020",
    "测试推荐标准",
    "前言",
    "1 范围............1",
    "5 动火............2",
    "1 范围",
    "本文件规定了动火作业的要求。",
    "2 规范性引用文件",
    "GB 2894 安全标志及其使用导则",
    "3 术语和定义",
    "3.1",
    "动火作业",
    "在禁火区进行的作业。",
    "5 动火",
    "5.1 一般要求",
    "5.1.1 动火作业应符合下列要求：",
    "a) 办理动火作业票；",
    "b) 采取下列措施：",
    "1) 清除可燃物；",
    "2) 配备灭火器。",
    "5.1.2 气体分析的取样时间与动火时间的间隔不应超过",
    "30 min。",
    "5.2 看火人应坚守岗位，火星飞溅距离按",
    "10.5 m 计算。",
    "1 看火人应经培训；",
    "2 看火人应佩戴标志。",
    "5.10 看火人宜由班组长担任。",
    "表1 临界量",
    "序号\t名称\t临界量（t）",
    "1\t氨\t10",
    "2\t氯\t5",
    "表中未列的按 5.2 执行。",
    "附录A（规范性）动火作业票",
    "A.1 票面应包括编号。",
    "A.2 票面一式三联。",
    "参考文献",
    "[1] GB 30871",
]


def write_docx(path: Path, lines: Sequence[str]) -> Path:
    """A Word file: a paragraph a line, runs of lines with tabs as one table."""
    document = docx.Document()
    rows: list[list[str]] = []

    def flush() -> None:
        if rows:
            table = document.add_table(len(rows), len(rows[0]))
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    table.cell(r, c).text = text
            rows.clear()

    for line in lines:
        if "\t" in line:
            rows.append(line.split("\t"))
            continue
        flush()
        document.add_paragraph(line)
    flush()
    document.save(str(path))
    return path


def write_html(path: Path, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    """A government page: menus and footers around the text."""
    body: list[str] = []
    for line in lines:
        if "\t" in line:
            body.append("<table><tr>" + "".join(f"<td><p>{c}</p></td>" for c in line.split("\t")) + "</tr></table>")
        else:
            body.append(f"<p style='text-indent:2em'><span>{line[:3]}</span>{line[3:]}</p>")
    page = (
        f"<!DOCTYPE html><html><head><meta charset='{encoding}'><title>首页</title><script>var a='第九百条';</script></head>"
        "<body><nav><a href='#'>首页</a> &gt; 法规</nav><div id='main'><div class='text'>"
        + "\n".join(body)
        + "</div></div><div class='foot'><p>主办单位：某部。网站标识码。</p><p>版权所有。</p></div></body></html>"
    )
    path.write_bytes(page.encode(encoding))
    return path


def write_pdf(path: Path, lines: Sequence[str], *, width: int = 30, per_page: int = 14, encrypted: bool = False) -> Path:
    """A PDF printed as rules are: two characters of indent, ``width`` characters a line, a running head and page numbers."""
    printed: list[tuple[int, str]] = []
    for line in lines:
        text, indent = line, 2
        while text:
            printed.append((indent, text[: width - indent]))
            text, indent = text[width - indent :], 0
    pages = [printed[i : i + per_page] for i in range(0, len(printed), per_page)] or [[]]
    streams = []
    for number, page in enumerate(pages, 1):
        shown = [(200, 810, "国务院公报　测试"), (290, 20, f"— {number} —")] if lines else []
        shown += [(60 + 12 * indent, 740 - 24 * row, text) for row, (indent, text) in enumerate(page)]
        words = [f"1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj" for x, y, text in shown]
        streams.append("BT /F1 12 Tf " + " ".join(words) + " ET")
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(streams)))
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0000> <ffff> <0000> endbfrange "
        "endcmap end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /T /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /T /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream",
    ]
    for index, stream in enumerate(streams):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * index} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    lock = f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <{'ab' * 32}> /U <{'cd' * 32}> /P -44 >>"
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R {lock if encrypted else ''} >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out + end.encode("latin-1"))
    return path


def number_paragraphs(document: docx.document.Document, levels: Sequence[tuple[str, str]]) -> int:
    """Add a numbering scheme of ``levels`` (format, text) to a document; return its id."""
    numbering = document.part.numbering_part.element
    level_xml = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (kind, text) in enumerate(levels)
    )
    scheme = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{level_xml}</w:abstractNum>')
    numbering.insert(0, scheme)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return 77


def numbered(document: docx.document.Document, text: str, level: int, number: int = 77) -> None:
    """Add a paragraph that Word numbers by itself."""
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    holder = OxmlElement("w:numPr")
    for name, value in (("w:ilvl", level), ("w:numId", number)):
        element = OxmlElement(name)
        element.set(qn("w:val"), str(value))
        holder.append(element)
    properties.append(holder)


def write_bomb(path: Path, megabytes: int) -> Path:
    """A docx that is small on disk and unpacks to ``megabytes``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(b"\0" * 1024 * 1024)
    return path
