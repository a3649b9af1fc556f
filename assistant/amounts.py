"""Which kinds of amount a question asks for (几天, 多少米, 多大面积), and which a text states.

Whoever asks how many days is not answered by a provision in which no days stand, however near it is in meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNITS: dict[str, str] = {
    "minutes": "分钟|min",
    "hours": "小时|钟头|h",
    "days": "个?工作日|日|天|昼夜",
    "months": "个?月|个?季度|半年",
    "years": "周?年",
    "times": "次|遍|回",
    "money": "元|块钱|万元|亿元",
    "length": "公里|千米|厘米|毫米|公分|米|km|cm|mm|μm|m",
    "area": "平方米|平米|㎡|m²",
    "mass": "公斤|千克|毫克|吨|克|斤|kg|mg|t|g",
    "volume": "立方米|立方|升|m³|mL|L",
    "people": "人|名|位",
    "temperature": "摄氏度|℃|度",
    "share": "%|％|倍|成",
    "resistance": "kΩ|Ω|欧",
    "voltage": "kV|V|伏",
    "current": "mA|A|安培|毫安",
    "pressure": "MPa|kPa|Pa|兆帕|千帕",
    "noise": "dB|分贝",
    "speed": "km/h|m/s|公里/小时",
    "concentration": r"mg/m³|ppm|f/mL|毫克每立方米",
    "lessons": "个?学时|个?课时|学分",
    "age": "周?岁",
    "layers": "层",
    "sets": "套|副|双",
    "pieces": "具|台|块|件|只|辆|瓶|桶|根|口|把|支|盏",
    "copies": "份|页|联",
    "levels": "级|档|类",
}
"""Kinds of amount and the units that they are stated in."""
KINDS = tuple(_UNITS)
FINES = frozenset(("money", "share"))
"""What a fine is stated in."""
_SPANS = frozenset(("minutes", "hours", "days", "months", "years"))
_ASKED: dict[str, frozenset[str]] = {
    "多久|多长时间|多少时间|最晚什么时候|最迟什么时候|隔多|时限是?多|期限是?多|有效期是?[多几]": _SPANS,
    r"多久.{0,6}[一1]次|几次|多少次|多勤": frozenset(("times", *_SPANS)),
    "罚多[少重大]|罚到多|罚款多少|多少钱|(?<!好)几[百千万]块?|多少万|罚几": FINES,
    "多[远高宽深厚]|多长(?!时间)": frozenset(("length",)),
    "多大(?:的?面积|的?地方)": frozenset(("area",)),
    "临界量.{0,4}多": frozenset(("mass",)),
    "温度多|多烫|多热": frozenset(("temperature",)),
    "百分之[几多]|多少比例|几成": frozenset(("share",)),
    "电阻.{0,6}多": frozenset(("resistance",)),
    "压力.{0,4}多": frozenset(("pressure",)),
    "噪声.{0,6}多|多响": frozenset(("noise",)),
    "多快|时速|限速|几码|多少码": frozenset(("speed",)),
    "限值|多少浓度|浓度.{0,6}多": frozenset(("concentration", "share")),
    "风速.{0,6}多": frozenset(("speed",)),
    "湿度.{0,6}多": frozenset(("temperature", "share")),
    "[多几]少?平(?![时常稳])": frozenset(("area",)),
    "几个点": frozenset(("share",)),
    "一次还是.{0,4}一次": frozenset(("times", *_SPANS)),
    "(?:到|于|过|限|是|用)多少(?:才|算|合|$)|上限多少|下限多少|多少以[下上内]": frozenset(_UNITS),
}
"""What is asked without a unit."""
_NEIGHBORS = {
    "minutes": ("hours",),
    "hours": ("minutes", "days", "lessons"),
    "days": ("hours", "months"),
    "months": ("days", "years"),
    "years": ("months",),
    "mass": ("volume", "concentration"),
    "money": ("share",),
    "people": ("share",),
}
"""What answers as well: a number of hours where days were asked."""
_NUMBER = r"(?:\d[\d.,]*\s*[万亿千]?|[一二两三四五六七八九十百千万半]+)"
_ANY = "|".join(f"(?P<{kind}>{units})" for kind, units in _UNITS.items())
# Longest units first would be wrong across kinds (m and m²): what follows a unit must not go on as another one.
_STATED = re.compile(rf"{_NUMBER}\s*(?:余|多)?个?(?:{_ANY})(?![a-zA-Z/²³])")
_EVERY = re.compile(
    r"[每按逐](?:[一两]?(?P<days>日|天|班|周)|(?P<months>个?月|季度?|半年)|(?P<years>年))|(?P<days_>当[日天]|昼夜|次日)"
)
# 好几天, 那几口, 放几桶, 就几分钟: a few, and no question.
_COUNTED = re.compile(
    rf"(?:(?<![好那这就了过有剩上再前连放装挂写完分堆到十])几|(?<=超过|提前)几|(?:最多|最少|至少|能|要|得)[放装配摆堆存]几|多少)\s*个?(?:{_ANY})"
)
_YEAR = re.compile(r"(?:19|20)\d\d\s*年(?:\d+月)?(?:\d+日)?|第\d+号|\d+号令")
_WITHOUT_UNIT = [(re.compile(pattern), kinds) for pattern, kinds in _ASKED.items()]


def asked(question: str) -> frozenset[str]:
    """The kinds of amount that would answer a question; none where it does not ask for an amount."""
    found: set[str] = set()
    for match in _COUNTED.finditer(question):
        kind = str(match.lastgroup)
        found |= {kind, *_NEIGHBORS.get(kind, ())}
    for pattern, kinds in _WITHOUT_UNIT:
        if pattern.search(question):
            found |= kinds
    return frozenset(found)


def stated(texts: Iterable[str]) -> frozenset[str]:
    """The kinds of amount that texts state, by their numbers with units; dates are none."""
    found: set[str] = set()
    for text in texts:
        plain = _YEAR.sub(" ", text)
        found |= {str(match.lastgroup) for match in _STATED.finditer(plain)}
        found |= {str(match.lastgroup).rstrip("_") for match in _EVERY.finditer(plain)}
    return frozenset(found)
