"""``hegui import``: an official file → articles of a known document, compared with our gists and kept beside them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kg_build import corpus as corpus_module
from kg_build.agreement import disagreements
from kg_build.corpus import Corpus, Rules, written_names
from kg_build.errors import ImportTextError
from kg_build.figures import refers_back
from kg_build.forms import DocumentForm
from kg_build.importer.reading import read_lines
from kg_build.importer.store import write_import
from kg_build.importer.structure import parse
from kg_build.nodes import grow
from kg_build.statutes import OfficialArticle

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found: places whose gist now stands beside its text, places not in the text, numbers that disagree."""

    document: str
    short: str
    source: str
    articles: int
    matched: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)

    def sentence(self) -> str:
        """The report in one Chinese sentence, then a line for each thing to look at."""
        unit = "处条款" if self.short[:1].isascii() else "条"
        head = (
            f"已从 {self.source} 导入《{self.short}》原文 {self.articles} {unit}，"
            f"与 {len(self.matched)} 条要点对应"
            f"{f'，{len(self.unmatched)} 条要点在原文中没有位置' if self.unmatched else ''}"
            f"{f'，{len(self.disagreements)} 处数字与原文不一致' if self.disagreements else ''}。"
        )
        lines = [f"  注意：{line}" for line in self.warnings]
        lines += [f"  没有位置：{place}" for place in self.unmatched] + [f"  不一致：{line}" for line in self.disagreements]
        more = [f"  另有 {len(lines) - _SHOWN} 处，用 --json 查看全部。"] if len(lines) > _SHOWN else []
        return "\n".join([head, *lines[:_SHOWN], *more])


def import_text(file: Path, document: str, data: Path, corpus: Path | None = None) -> ImportReport:
    """Import the official text of ``document`` (id, short title, title, number or alias) from ``file``.

    The text is kept under ``<data>/imports`` and stands beside our gists from the next build on; an earlier import of the
    same document is replaced. Raise :class:`ImportTextError` when the document is unknown, or the file can't be read, holds
    no articles, or is of another document; nothing is written then. Raise :class:`CorpusError` when the corpus is wrong.
    """
    loaded = corpus_module.load(corpus or corpus_module.default_folder())
    rules = resolve(document, loaded)
    form = rules.document
    lines = read_lines(file)
    if not _speaks_of(form, file, lines):
        raise ImportTextError(
            f"文件 {file.name} 里没有出现“{form.title}”或它的文号，可能不是这份文件；"
            f"请核对 --document，确认无误时把文件名改为含“{form.short}”后重试。"
        )
    articles = parse(lines, standard=form.is_standard)
    if not articles:
        wanted = "“5.1”这样的条款号" if form.is_standard else "“第一条”这样的条文"
        raise ImportTextError(
            f"文件 {file.name} 里没有认出{wanted}；请确认它是《{form.short}》的正文全文，而不是通知或解读。"
        )
    kept = [_one_line(a) for a in articles] if form.is_standard else articles
    report = replace(compare(rules, file.name, kept), warnings=list(_version_warnings(form, file, lines)))
    try:
        write_import(data, form.id, file.name, kept)
    except OSError as error:
        raise ImportTextError(
            f"数据目录 {data} 写不了（{error.strerror or error}），原文没有导入；请检查磁盘空间和权限，或换用 --data。"
        ) from error
    return report


def resolve(document: str, corpus: Corpus) -> Rules:
    """The rules of the document called ``document``; raise :class:`ImportTextError` with near names when there is none."""
    by_id = {r.document.id: r for r in corpus.rules}
    known = by_id.get(document.strip()) or by_id.get(corpus.names().resolve(document) or "")
    if known is not None:
        return known
    names = {name: r.document.short for r in corpus.rules for name in (r.document.id, *written_names(r.document))}
    near = difflib.get_close_matches(document.strip(), names, n=6, cutoff=0.4)
    near += [name for name in names if document.strip() and (document.strip() in name or name in document)]
    shorts = list(dict.fromkeys(names[name] for name in near))[:3]
    advice = f"您要的是不是“{'”“'.join(shorts)}”？" if shorts else "用 hegui stats 查看已有文件。"
    raise ImportTextError(f"资料库中没有“{document}”这份文件，原文没有导入；请改用编号、简称、全称或别名，{advice}")


def compare(rules: Rules, source: str, articles: Sequence[OfficialArticle]) -> ImportReport:
    """How the gists of one document meet an official text of it."""
    tree, _ = grow(Corpus(rules=[rules]), {rules.document.id: (source, list(articles))})
    matched, unmatched, differences = [], [], []
    for node in tree.all():
        if node.form is None:
            continue
        if node.official_text is None:
            unmatched.append(node.citation)
            continue
        matched.append(node.citation)
        # How alike the wording is concerns the corpus's editors, not whoever imports a text.
        text = node.official_text
        if refers_back(text):
            text += tree.find(rules.document.id, node.locator.article_locator).official_text or ""
        wrong = (problem for problem in disagreements(node.form, text) if "里的数字" in problem)
        differences += [f"{node.citation}：{problem}" for problem in wrong]
    whole = sum(a.locator.is_whole for a in articles)
    return ImportReport(rules.document.id, rules.document.short, source, whole, matched, unmatched, differences)


def _one_line(article: OfficialArticle) -> OfficialArticle:
    """A clause's text as running text: its list letters are places of their own, and have no 款 to be counted by lines."""
    return replace(article, text=" ".join(article.text.split("\n")).replace("\t", " "))


def _speaks_of(form: DocumentForm, file: Path, lines: Sequence[str]) -> bool:
    """Whether the file's name or text names the document."""
    text = _squeeze(file.stem + "\n" + "\n".join(lines))
    return any(name in text for name in _own_names(form))


def _version_warnings(form: DocumentForm, file: Path, lines: Sequence[str]) -> Iterator[str]:
    """A warning when every date before the first article is older than the version that the corpus knows."""
    opening = next((i for i, line in enumerate(lines) if re.match(r"第\s*[一1]\s*[章条]|1\s+\S", line)), len(lines))
    years = [int(y) for y in re.findall(r"((?:19|20)\d\d)(?=年|[-.]\d)", "\n".join([file.stem, *lines[:opening]]))]
    known = form.version or form.published
    if years and max(years) < known.year:
        yield f"文件里最晚的日期在 {max(years)} 年，资料库的《{form.short}》是 {known} 的版本，可能是旧文本；请核对后再用。"


def _own_names(form: DocumentForm) -> Iterator[str]:
    for name in (form.title, form.short, *([form.number] if form.number else [])):
        plain = _squeeze(name).removeprefix("中华人民共和国")
        yield re.sub(r"\((?:试行|暂行|\d{4}.*)\)$", "", plain)


def _squeeze(text: str) -> str:
    dashes = str.maketrans(dict.fromkeys("—–－‐‑﹣―", "-") | {"（": "(", "）": ")", "／": "/"})
    return re.sub(r"[\s　《》〈〉]+", "", text.translate(dashes)).upper()
