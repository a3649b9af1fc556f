"""The number of people in a description: 20人, 员工三百多人, 一百来号人, 从业人员 120 — not 焊工3人, not 2人死亡."""

from __future__ import annotations

import re

import cn2an
from pydantic import BaseModel

from kg_build.tagging import fold

_DIGITS = "零〇一二两三四五六七八九"
_NUMBER = rf"(?:\d[\d,，]*(?:\.\d+)?[百千万]?|[{_DIGITS}十百千万几数]+)"
_WHO = (
    r"(?:从业人员|在职人员|在职员工|全体员工|在册员工|员工总数|职工总数|总人数|用工总数|人员总数"
    r"|员工|职工|雇员|人员|人数|用工|在册|编制)"
)
_BEFORE = r"(?:大约|大概|差不多|将近|接近|不到|不足|不满|少于|超过|不超过|不少于|至少|最多|约|近|逾|超|上)?"
_AFTER = r"(?:多|余|几|来|把)?"
_UNIT = (
    r"(?:个|名|号|位|口|来号|多号|余名|余位|几号|几个|多个|多名|来个)?"
    r"\s*(?:正式|在职|在册)?(?:从业人员|员工|职工|工人|人员|人)"
)
_TAIL = r"(?:左右|上下|以上|以下|以内)?"
_SPAN = rf"(?P<low>{_NUMBER})(?:\s*[-~～—–至到]\s*(?P<high>{_NUMBER}))?"
_WITH_UNIT = re.compile(rf"(?P<before>{_BEFORE})\s*{_SPAN}\s*(?P<after>{_AFTER}){_UNIT}(?P<tail>{_TAIL})")
_WITH_CUE = re.compile(
    rf"{_WHO}(?:总数|人数|共计|共有|总共|合计|现有|大概有|共|约有|有|为|是|[：:，,\s])*"
    rf"(?P<before>{_BEFORE})\s*{_SPAN}\s*(?P<after>{_AFTER})(?:{_UNIT}|个|名|位)?(?P<tail>{_TAIL})"
)
# People who are not the whole staff, and people in accidents.
_PART = re.compile(
    r"(?:死亡|受伤|中毒|被困|遇难|伤亡|造成|致使?|窒息|重伤|轻伤|死|伤|救出|住|容纳|培训|参加|每班|当班|班组|班|夜班|持证|取证|其中"
    r"|电工|焊工|叉车工|司炉工|钳工|普工|操作工|技工|临时工|派遣工|劳务工|农民工|安全员|监护人|监护员|管理员|质检员|检验员|保管员|仓管员|驾驶员"
    r"|押运员|保安|门卫|司机|厨师|管理人员|作业人员|操作人员|技术人员|施工人员|外来人员|外包人员|派遣人员|救援人员|特种作业人员|安全管理人员"
    r"|办公室|车间|食堂|宿舍|仓库)(?:共|共有|有|为|约|[：:\s])*$"
)
_NOT_STAFF = re.compile(
    r"^\s*(?:次|死|受伤|遇难|中毒|窒息|被困|重伤|轻伤|伤亡|以上死亡|以上事故|民币|份|作业|监护|宿舍|间宿舍|同时作业|持证|有证|值班|一班|/班|一组)"
)
_VAGUE = re.compile(r"^(?P<unit>[十百千万])[来把]?$")
_RANGE = re.compile(rf"(?P<first>[{_DIGITS}])(?P<second>[{_DIGITS}])(?=[十百千万]|$)")
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
MAX_PEOPLE = 2_000_000


class Headcount(BaseModel, frozen=True):
    """How many people work there: the number to reckon with, the span the words leave, the words, and how sure it is."""

    value: int
    low: int
    high: int
    evidence: str
    confidence: float

    @property
    def words(self) -> str:
        """For the reader: 20人, or 约101–199人 where the words leave a span."""
        return f"{self.value}人" if self.low == self.high else f"约{self.low}–{self.high}人"


def read_headcount(text: str) -> Headcount | None:
    """The size of the staff, or ``None``. The wording that names the staff wins, then the larger number."""
    folded = fold(text)
    found: list[Headcount] = []
    for pattern, sure in ((_WITH_CUE, 0.95), (_WITH_UNIT, 0.85)):
        for match in pattern.finditer(folded):
            before, after = folded[: match.start()], folded[match.end() :]
            if _PART.search(before[-12:]) or _NOT_STAFF.match(after):
                continue
            if headcount := _headcount(match, text[match.start() : match.end()], sure):
                found.append(headcount)
        if found:
            return max(found, key=lambda headcount: headcount.value)
    return None


def _headcount(match: re.Match[str], words: str, sure: float) -> Headcount | None:
    low = read_number(match["low"])
    if low is None:
        return None
    span = low
    if match["high"]:
        high = read_number(match["high"])
        if high is None or high[1] < low[0]:
            return None
        span = (low[0], high[1])
    exact = span[0] == span[1]
    span, value = _qualified(span, match["before"], match["after"], match["tail"], match["low"])
    if not 0 < value <= MAX_PEOPLE:
        return None
    confidence = sure if exact and span[0] == span[1] else sure - 0.15
    # 约1人 and 0至1人: who counts people has at least one.
    low_end = max(1, span[0])
    return Headcount(value=value, low=low_end, high=span[1], evidence=words.strip(" ，,"), confidence=round(confidence, 2))


def _qualified(span: tuple[int, int], before: str, after: str, tail: str, number: str) -> tuple[tuple[int, int], int]:
    """The span that 约, 近, 多, 来, 左右 … leave, and the number in it to reckon with."""
    low, high = span
    if "几" in number or "数" in number:
        return span, low
    if after in ("多", "余", "几"):
        return (low + 1, low + _last_unit(low) - 1), low + 1
    if before in ("超过", "逾", "超"):
        return (low + 1, max(low + 1, low * 2)), low + 1
    if before in ("不到", "不足", "不满", "少于", "近", "将近", "接近"):
        return (max(1, low * 8 // 10), low - 1), low - 1
    if before in ("不超过", "最多") or tail in ("以下", "以内"):
        return (1, high), high
    if before in ("至少", "不少于", "上") or tail == "以上":
        return (low, low * 2), low
    if after in ("来", "把") or before in ("大约", "大概", "差不多", "约") or tail in ("左右", "上下"):
        return (low * 9 // 10, high * 11 // 10), high
    return span, high


def _last_unit(number: int) -> int:
    """300 → 100, 120 → 10: what 多 may add up to."""
    unit = 1
    while number % (unit * 10) == 0 and unit * 10 <= number:
        unit *= 10
    return max(unit, 2)


def read_number(words: str) -> tuple[int, int] | None:
    """A number as a span: 三百 → (300, 300), 两三百 → (200, 300), 十几 → (11, 19), 几十 → (20, 99)."""
    plain = words.replace(",", "").replace("，", "").strip()
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([百千万]?)", plain):
        number = round(float(match[1]) * _UNITS.get(match[2], 1))
        return number, number
    plain = plain.replace("数", "几")
    if match := re.fullmatch(r"几([十百千万])几?", plain):
        unit = _UNITS[match[1]]
        return 2 * unit, 10 * unit - 1
    if match := re.fullmatch(rf"([{_DIGITS}百千]*十)几", plain):
        base = _plain_number(match[1])
        return None if base is None else (base + 1, base + 9)
    if "几" in plain:
        return None
    if match := _VAGUE.match(plain):
        unit = _UNITS[match["unit"]]
        return unit, unit
    if match := _RANGE.search(plain):
        first, second = (_DIGITS.index(match[name]) for name in ("first", "second"))
        if second - first in (1, 2) and match.end("second") <= len(plain) and not re.fullmatch(rf"[{_DIGITS}]{{3,}}", plain):
            low = _plain_number(plain[: match.start("second")] + plain[match.end("second") :])
            high = _plain_number(plain[: match.start("first")] + plain[match.end("first") :])
            return None if low is None or high is None else (low, high)
    whole = _plain_number(plain)
    return None if whole is None else (whole, whole)


def _plain_number(words: str) -> int | None:
    """一百二 is said for 120, so a digit after 百, 千 or 万 counts in the next lower unit."""
    if match := re.fullmatch(rf"(.*)([百千万])([{_DIGITS[2:]}])", words):
        head = _plain_number(match[1] + match[2])
        return None if head is None else head + _DIGITS_VALUE[match[3]] * _UNITS[match[2]] // 10
    words = words if not words.startswith(("百", "千", "万")) else "一" + words
    try:
        return int(cn2an.cn2an(words, "smart"))
    except (ValueError, IndexError, KeyError):
        return None


_DIGITS_VALUE = dict(zip(_DIGITS, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
