"""Reads an official file (docx, pdf, html, markdown, txt) into lines of text; anything else is refused in one sentence."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pypdfium2
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from kg_build.errors import ImportTextError
from kg_build.importer.docx_text import docx_lines
from kg_build.importer.pdf_text import pdf_lines

MAX_FILE = 50 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr"
        " li main nav ol p pre section table tbody td th thead tr ul",
    )
)
_SILENT = ("script", "style", "noscript", "template")
_FURNITURE = ("nav", "header", "footer", "aside", "form", "iframe", "svg", "select", "button")
_MARK = re.compile(r"第[0-9〇零一二三四五六七八九十百千]+条|^\s*\d+(?:\.\d+)+\s", re.MULTILINE)


def read_lines(file: Path) -> list[str]:
    """The lines of text of ``file``: one a paragraph, heading or table row (cells parted by tabs), none empty.

    Raise :class:`ImportTextError` for a file that is missing, empty, too big, of another type, damaged, encrypted or a scan.
    """
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        advice = (
            "请用 Word 或 WPS 另存为 docx 后重试" if file.suffix.lower() in (".doc", ".wps", ".rtf") else "请换用这些格式"
        )
        raise ImportTextError(
            f"文件 {file.name} 的类型“{file.suffix or '（无扩展名）'}”不能导入；可导入 docx、pdf、html、md、txt，{advice}。"
        )
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise ImportTextError(f"{file} 不是文件；请指定一个 docx、pdf、html、md 或 txt 文件。")
        if size == 0:
            raise ImportTextError(f"文件 {file.name} 是空的（0 字节）；请重新下载或另存后再导入。")
        if size > MAX_FILE:
            raise ImportTextError(
                f"文件 {file.name} 有 {size / 1024 / 1024:.0f} MB，超过 50 MB 的上限；请只保留正文（去掉图片）后再导入。"
            )
        lines = [line for line in (_tidy(line) for line in reader(file)) if line]
    except OSError as error:
        raise ImportTextError(f"文件 {file} 读不了（{error.strerror or error}）；请检查路径和读取权限。") from error
    if not lines:
        raise ImportTextError(f"文件 {file.name} 里没有可读的文字；请确认它是正文，而不是图片或空白页。")
    return lines


def read_text(file: Path) -> str:
    """The whole text of a file as it stands (txt, md) or as :func:`read_lines` reads it; raise as that does."""
    lines = read_lines(file)
    return decode(file.read_bytes(), file.name) if file.suffix.lower() in (".txt", ".md", ".markdown") else "\n".join(lines)


def _tidy(line: str) -> str:
    return re.sub(r"[^\S\t]+", " ", line.replace("\ufeff", "").replace("\u200b", "").replace("\x00", "")).strip(" ")


def _read_docx(file: Path) -> list[str]:
    with file.open("rb") as stream:
        head = stream.read(8)
    if head == _OLE:
        raise ImportTextError(
            f"文件 {file.name} 是加密的 Word 文件或旧版 doc；请在 Word 或 WPS 中去掉密码、另存为 docx 后再导入。"
        )
    broken = f"文件 {file.name} 不是完好的 docx（可能已损坏，或只是改了扩展名）；请重新下载，或用 Word 另存为 docx。"
    try:
        with zipfile.ZipFile(file) as package:
            total = sum(part.file_size for part in package.infolist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise ImportTextError(broken) from error
    if total > MAX_UNPACKED:
        raise ImportTextError(
            f"文件 {file.name} 解压后有 {total / 1024 / 1024:.0f} MB，超过 100 MB 的上限，已拒绝打开；请只保留正文后再导入。"
        )
    try:
        return docx_lines(file)
    except (PackageNotFoundError, zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError) as error:
        raise ImportTextError(broken) from error
    except (RuntimeError, RecursionError, EOFError, TypeError) as error:
        # zipfile reports an encrypted member as RuntimeError; the others come of forged parts.
        raise ImportTextError(broken) from error


def _read_pdf(file: Path) -> list[str]:
    try:
        lines = pdf_lines(file)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ImportTextError(
                f"文件 {file.name} 有打开密码，读不了；请先用阅读器去掉密码（另存或打印成 PDF）后再导入。"
            ) from error
        raise ImportTextError(f"文件 {file.name} 不是完好的 PDF（可能已损坏）；请重新下载后再导入。") from error
    if not any(c.isalnum() for line in lines for c in line):
        raise ImportTextError(
            f"文件 {file.name} 是扫描件，页面上没有文字；请先做文字识别（OCR），核对后存成 docx 或 txt 再导入。"
        )
    return lines


def decode(raw: bytes, name: str, declared: str | None = None) -> str:
    """Text of ``raw``: by byte-order mark, the declared encoding, UTF-8, then GB 18030; raise when it is none of them."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    else:
        tries = ["utf-8-sig", *([declared] if declared else []), "gb18030"]
    for encoding in tries:
        try:
            text = raw.decode("gb18030" if encoding.lower() in ("gb2312", "gbk", "gb_2312-80", "x-gbk") else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\x00" not in text:
            return text
    raise ImportTextError(f"文件 {name} 的文字编码认不出来（不是 UTF-8 或 GB18030）；请用记事本另存为 UTF-8 后再导入。")


def _read_txt(file: Path) -> list[str]:
    return decode(file.read_bytes(), file.name).splitlines()


def _read_markdown(file: Path) -> list[str]:
    text = decode(file.read_bytes(), file.name)
    text = re.sub(r"\A---\r?\n.*?\r?\n---\r?\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return [_plain_markdown(line) for line in text.splitlines() if not re.fullmatch(r"[\s|:-]*-[\s|:-]*|```.*", line)]


def _plain_markdown(line: str) -> str:
    line = re.sub(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+)*", "", line)
    line = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", line)
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"<br\s*/?>", " ", line)
    line = re.sub(r"\\([\\`*_{}\[\]()#+.!|-])", r"\1", line)
    if line.startswith("|") and line.rstrip().endswith("|") and line.count("|") > 1:
        return "\t".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    return line


def _read_html(file: Path) -> list[str]:
    raw = file.read_bytes()
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", raw[:4096], re.IGNORECASE)
    text = decode(raw, file.name, declared[1].decode("ascii") if declared else None)
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root: Any
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ImportTextError(f"文件 {file.name} 不是可读的网页；请在浏览器中把正文另存为 html 或复制成 txt。") from error
    for element in list(root.iter(*_SILENT, *_FURNITURE)):
        # Pages wrap their whole text in <form> or <header> at times: keep whatever holds the articles.
        if element.getparent() is not None and (element.tag in _SILENT or not _MARK.search(element.text_content())):
            element.drop_tree()
    pieces: list[str] = []
    _flow(_core(root), pieces)
    return "".join(pieces).split("\n")


def _core(root: Any) -> Any:
    """The innermost element that still holds every article or clause of the page: menus and footers stay outside."""
    at = root
    while True:
        wanted = len(_MARK.findall(at.text_content()))
        inner = [c for c in at if isinstance(c.tag, str) and len(_MARK.findall(c.text_content())) == wanted]
        if wanted < 2 or not inner or inner[0].tag in ("p", "pre", "td", "tr", "table", "tbody"):
            return at
        at = inner[0]


def _flow(top: Any, pieces: list[str]) -> None:
    """Write an element's text with a line break around each block and a tab between the cells of a row."""
    pending: list[tuple[Any, bool]] = [(top, False)]
    while pending:
        element, closing = pending.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if closing:
            pieces.append("" if _inside_row(element) else "\n" if tag in _BLOCKS else "")
            pieces.append(_space(element.tail) if element is not top else "")
            continue
        if tag in ("td", "th"):
            pieces.append("\t" if element.getprevious() is not None and _many_cells(element) else "")
        elif tag in _BLOCKS and not _inside_row(element):
            pieces.append("\n")
        elif tag == "br":
            pieces.append(" " if _inside_row(element) else "\n")
        pieces.append(_space(element.text) if tag != "pre" else element.text or "")
        pending.append((element, True))
        pending.extend((child, False) for child in reversed(element))


def _space(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")


def _many_cells(cell: Any) -> bool:
    return len(cell.getparent()) > 1


def _inside_row(element: Any) -> bool:
    """Whether an element lies in a table row of several cells, which must stay on one line."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in ("td", "th"):
        return _many_cells(element)
    return any(_many_cells(cell) for cell in element.iterancestors("td", "th"))


_READERS: dict[str, Callable[[Path], list[str]]] = {
    ".docx": _read_docx,
    ".pdf": _read_pdf,
    ".html": _read_html,
    ".htm": _read_html,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_txt,
}
