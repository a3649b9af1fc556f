"""How people write the names of documents: standards' codes, orders, file numbers and titles, each brought to one key.

Codes, orders and file numbers are read by structure (GB30871：2022版, 应急部十三号令, 应急厅[2021]12号); a title by its
characters, whatever spaces, quotation marks and brackets stand between them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import cn2an

from kg_build.errors import CitationError

_WIDE = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
WIDTH = str.maketrans(_WIDE | {ord("．"): ".", ord("／"): "/"})
"""Full-width letters, digits, dot and slash to plain ones; positions stay those of the text."""
FOLD = WIDTH | str.maketrans(
    dict.fromkeys("—–－‐‑﹣―−", "-")
    | dict.fromkeys("（〔［【[", "(")
    | dict.fromkeys("）〕］】]", ")")
    | {"　": " ", "：": ":"}
)
"""As :data:`WIDTH`, with every dash, bracket, colon and space in one form too."""
NUM = r"[0-9〇零一二两三四五六七八九十百千]+"


@lru_cache(maxsize=1024)
def to_int(numeral: str) -> int:
    """Read ``一百零三``, ``两百``, ``〇三`` or ``103`` as an integer."""
    if numeral.isdigit():
        return int(numeral)
    try:
        return int(cn2an.cn2an(numeral, "smart"))
    except ValueError as error:
        raise CitationError(f"看不懂的数字“{numeral}”，请写成“三十”或“30”。") from error


# --- standards ------------------------------------------------------------------------------------------------------

_LETTERS = "GBZ|GBJ|GB|AQ|XF|GA|HG|HJ|SH|TSG|JGJ|JB|JG|JTG|JT|CJJ|DL|SY|NB|YB|YD|YJ|QB|WS|LD|DB[0-9]{2}"
_YEAR = (
    r"(?:\s*(?:-{1,2}|:)\s*(?P<year>(?:19|20)[0-9]{2}|[0-9]{2})(?![0-9]|\.[0-9])(?:\s*年?版)?"
    r"|\s*\(\s*(?P<noted>(?:19|20)[0-9]{2})\s*年?版?\s*\)|\s+(?P<spaced>(?:19|20)[0-9]{2})(?![0-9]|\.[0-9])(?:\s*年?版)?)?"
)
_BARE_YEAR = r"\s*-{1,2}\s*(?P<bare_year>(?:19|20)[0-9]{2})(?![0-9]|\.[0-9])"
CODE = re.compile(
    rf"(?<![A-Z0-9])(?:(?P<letters>{_LETTERS}|国标|国家标准)(?P<kind>\s*[/_]?\s*[TZ](?![A-Z]))?\s*[-_/]?\s*"
    rf"(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,2}})?)(?![0-9]|\.[0-9]){_YEAR}"
    rf"|(?<![0-9.\-])(?P<bare>[0-9]{{4,6}}(?:\.[0-9]{{1,2}})?){_BARE_YEAR})"
)
"""A standard's code in folded upper-case text, or a number with its year (30871-2022)."""


@dataclass(frozen=True, slots=True)
class Code:
    """A standard's code; ``letters`` is empty where only the number and year are written, ``year`` 0 where none is."""

    letters: str
    kind: str
    number: str
    year: int


def read_code(match: re.Match[str]) -> Code:
    """The code that a match of :data:`CODE` writes."""
    if match["bare"]:
        return Code("", "", match["bare"], int(match["bare_year"]))
    letters = "GB" if match["letters"].startswith("国") else match["letters"]
    kind = re.sub(r"[\s/_]", "", match["kind"] or "")
    if letters == "GB" and kind == "Z":
        letters, kind = "GBZ", ""
    written = match["year"] or match["noted"] or match["spaced"]
    year = int(written) if written else 0
    if written and len(written) == 2:
        year += 1900 if year > 49 else 2000
    return Code(letters, kind, match["number"], year)


def code_text(code: Code) -> str:
    """A code as it is printed: GB/T 13869-2017."""
    kind = f"/{code.kind}" if code.kind else ""
    return f"{code.letters}{kind} {code.number}" + (f"-{code.year}" if code.year else "")


# --- orders and file numbers ----------------------------------------------------------------------------------------

_ISSUERS = {
    "saws": r"(?:国家)?(?:安全生产监督管理|安全生产监管|安全监督管理|安全监管|安监)(?:总局|局)",
    "mem": r"(?:国家)?应急(?:管理)?部",
    "sc": r"国务院",
    "mps": r"公安部",
    "mot": r"交通(?:运输)?部",
    "mohurd": r"住房(?:和)?城乡建设部|住建部",
    "nhc": r"(?:国家)?(?:卫生健康委员会|卫生健康委|卫健委)",
    "ndrc": r"(?:国家)?(?:发展和?改革委员会|发展和?改革委|发改委)",
    "samr": r"(?:国家)?(?:市场监督管理|市场监管|市监)总局",
    "sh": r"上海市?(?:人民)?政府|沪府|上海市",
    "npc": r"(?:国家)?主席",
}
_ISSUER = re.compile("(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _ISSUERS.items()) + r")(?:的|发布的|公布的|发的)?\s*$")
_ANY_BUREAU = re.compile(r"(?<!督管理)(?<!监管)(?<!安监)总局(?:的)?\s*$")
_OTHER_ISSUER = re.compile(r"[\u4e00-\u9fff]{2}(?:部|局|委|委员会|院|政府|厅|办|会|省|市|署)(?:的)?\s*$")
_ISSUER_AFTER = re.compile(r"\s*\(\s*(?:原)?([^()]{2,20}?)(?:的|发的|发布的)?\s*\)")
ORDER = re.compile(
    rf"(?:(?P<year_before>(?:19|20)[0-9]{{2}})年\s*(?:第)?|\((?P<year_noted>(?:19|20)[0-9]{{2}})\)\s*第?)?"
    rf"(?:令\s*\(?\s*(?:\(?(?P<year>(?:19|20)[0-9]{{2}})(?:年|\))\s*)?第?\s*(?P<after>{NUM})\s*号\s*\)?(?:令)?"
    rf"|(?<![0-9〇零一二两三四五六七八九十百千])第?\s*(?P<before>{NUM})\s*号\s*令)"
)
FILE_NUMBER = re.compile(
    r"(?P<prefix>[\u4e00-\u9fff]{2,8})\s*(?:\(\s*(?P<noted>(?:19|20)[0-9]{2})\s*年?\)|(?P<year>(?:19|20)[0-9]{2})年?)\s*第?"
    r"(?P<number>[0-9]{1,4})\s*号(?!令)(?:文件?(?![\u4e00-\u9fff]*目))?"
)
_ELSEWHERE_OFFICE = "京津渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川贵云陕甘青蒙桂藏宁新沪市省区县"


@dataclass(frozen=True, slots=True)
class Order:
    """An order; ``issuer`` is empty where none is written, and ``*`` where it is only called 总局."""

    issuer: str
    number: int


@dataclass(frozen=True, slots=True)
class Found:
    """A name at a place in a text."""

    start: int
    end: int
    order: Order


def read_order(text: str, match: re.Match[str], others: Collection[str] = ()) -> Found | None:
    """The order that a match of :data:`ORDER` in ``text`` writes; ``None`` where its issuer is none we know.

    ``others`` are words that stand for an issuer before a number in the corpus (某部, 消防).
    """
    try:
        number = to_int(match["after"] or match["before"])
    except CitationError:
        return None
    before, end = text[max(0, match.start() - 20) : match.start()], match.end()
    known = _ISSUER.search(before)
    if known:
        start = match.start() - (len(before) - known.start())
        return Found(start, end, Order(known.lastgroup or "", number))
    for word in sorted((w for w in others if before.rstrip().endswith(w)), key=len, reverse=True):
        return Found(match.start() - (len(before) - before.rindex(word)), end, Order(word, number))
    if bureau := _ANY_BUREAU.search(before):
        return Found(match.start() - (len(before) - bureau.start()), end, Order("*", number))
    if _OTHER_ISSUER.search(before):
        return None
    # 15号令（安监总局的）: who issued it is said afterwards.
    after = _ISSUER_AFTER.match(text, end)
    if after and (told := _ISSUER.search(after[1])):
        return Found(match.start(), after.end(), Order(told.lastgroup or "", number))
    return Found(match.start(), end, Order("", number))


def read_file_number(match: re.Match[str], prefixes: dict[str, str]) -> tuple[int, str] | None:
    """Where a known file number starts and the document it is of; ``prefixes`` maps a prefix to its document."""
    written = match["prefix"]
    for prefix in sorted(prefixes, key=len, reverse=True):
        if written.endswith(prefix):
            before = written[: -len(prefix)][-1:]
            # 沪应急〔2025〕27号 is another office's.
            if not before or before not in _ELSEWHERE_OFFICE:
                return match.start("prefix") + len(written) - len(prefix), prefixes[prefix]
    return None


# --- titles ---------------------------------------------------------------------------------------------------------

_DROPPED = re.compile(r"[\s《》〈〉“”\"'‘’、·()]")
_NOTE = re.compile(r"\s*\((?:[0-9]{4}年?(?:版|修正|修订)?|试行|暂行)\)$")
_CITY = re.compile(r"^上海市?")


def squeeze(name: str) -> str:
    """A name without what people write differently: width, spaces, quotation marks, brackets, 中华人民共和国."""
    return _DROPPED.sub("", name.translate(FOLD).upper()).removeprefix("中华人民共和国")


def squeezed(plain: str) -> tuple[str, list[int]]:
    """Folded upper-case text without what :func:`squeeze` drops, and where each character that is left stood."""
    places = [i for i, c in enumerate(plain) if not _DROPPED.match(c)]
    return "".join(plain[i] for i in places), places


_NUMBER_BEFORE = re.compile(r"[0-9.\-]")
_NUMBER_AFTER = re.compile(r"[0-9\-]|\.(?![0-9])|\s*[年月日号元人吨个米台条项次户家万千KMTL]")


def stands_alone(plain: str, start: int, end: int) -> bool:
    """Whether a bare number is itself: no part of a longer one, of an amount or of a date."""
    before = start > 0 and _NUMBER_BEFORE.match(plain, start - 1)
    return not before and not _NUMBER_AFTER.match(plain, end)


def variants(name: str) -> list[str]:
    """Other ways of writing a title: without its year or 试行, with 上海 for 上海市 and the other way round."""
    plain = name.translate(FOLD).strip()
    found = [shorter] if (shorter := _NOTE.sub("", plain)) != plain else []
    for written in (plain, *found):
        if _CITY.match(written):
            found += [_CITY.sub("上海", written), _CITY.sub("上海市", written)]
    return [f for f in dict.fromkeys(found) if f != plain]
