"""Substances and quantities → is the unit a major hazard source 重大危险源, which grade, and where each number comes from.

S = Σ q/Q decides, R = α·Σ β·q/Q grades (GB 18218). Every Q, β, α and grade bound is a threshold of the snapshot, of the
version of the standard that is in force on the day; nothing is assumed: a β that can't be told stays a range.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel

from assistant.entities import Provision, Threshold
from assistant.knowledge import Knowledge
from kg_build.errors import UsageError

CRITICAL, BETA, ALPHA, EXPOSED, GRADE = "临界量", "校正系数β", "校正系数α", "暴露人员", "重大危险源级别R"
MAX_SUBSTANCES = 200
_TONNES = {"": "1", "吨": "1", "T": "1", "千克": "0.001", "公斤": "0.001", "KG": "0.001"}
_ENTRY = re.compile(
    r"^(?P<name>.+?)\s*(?:[=＝:：]\s*|\s+)(?P<quantity>\d+(?:\.\d+)?)\s*(?P<unit>吨|[tT]|千克|公斤|[kK][gG])?"
    r"(?:\s*[@＠]\s*(?P<category>[JWjw]\d{1,2}(?:\.\d)?))?$"
)
_CATEGORY = re.compile(r"[JW]\d{1,2}(?:\.\d)?")


@dataclass(frozen=True, slots=True)
class Amount:
    """What stands in one unit: ``tonnes`` of a substance; ``category`` is its hazard category where the caller knows it."""

    name: str
    tonnes: float
    category: str | None = None


class Sourced(BaseModel):
    """A number of the standard with its place."""

    value: float
    citation: str
    provision: str
    condition: str | None = None


class Item(BaseModel):
    """One substance: its quantity, its critical quantity, their ratio, and its β (a range where it can't be told)."""

    name: str
    matched: str
    category: str | None
    tonnes: float
    critical: Sourced
    ratio: float
    beta_min: Sourced
    beta_max: Sourced

    @property
    def shown_name(self) -> str:
        """The name as asked, with the listed one where it differs."""
        return self.name if self.name == self.matched else f"{self.name}（{self.matched}）"

    @property
    def beta_text(self) -> str:
        """β, or the range it lies in."""
        low, high = self.beta_min.value, self.beta_max.value
        return f"{low:g}" if low == high else f"{low:g}～{high:g}"


class HazardSource(BaseModel):
    """The result for one unit; ``grades`` has two entries where an unknown β leaves two possible."""

    as_of: datetime.date
    standard: str
    items: list[Item]
    s: float
    is_major: bool
    exposed: int
    alpha: Sourced
    r_min: float
    r_max: float
    grades: list[str]
    grade_sources: list[Sourced]
    sentence: str
    notices: list[str]


def parse_amounts(lines: Iterable[str]) -> list[Amount]:
    """Read ``液氨=12``, ``甲醇 300吨``, ``乙酸丁酯=500kg@W5.4``; raise :class:`UsageError` for what can't be read."""
    found = []
    for line in (part.strip() for text in lines for part in re.split(r"[\n;；]", text)):
        if not line:
            continue
        match = _ENTRY.match(line)
        if match is None:
            raise UsageError(
                f"看不懂“{line}”；请写成“液氨=12”“甲醇=800kg”（不写单位按吨），"
                "表1没有列名的写上危险性类别，如“乙酸丁酯=30@W5.4”。"
            )
        tonnes = float(Decimal(match["quantity"]) * Decimal(_TONNES[(match["unit"] or "").upper()]))
        found.append(Amount(match["name"].strip(), tonnes, match["category"].upper() if match["category"] else None))
    if not found:
        raise UsageError("没有写物质和数量；例如：液氨=12 甲醇=300。")
    if len(found) > MAX_SUBSTANCES:
        raise UsageError(f"一个单元最多算 {MAX_SUBSTANCES} 种物质，这里有 {len(found)} 种；请分单元计算。")
    return found


class _Numbers:
    """The thresholds in force on a day, by what they measure."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.rows: dict[str, list[tuple[Threshold, Provision]]] = {}
        for provision in knowledge.provisions.values():
            if provision.thresholds and provision.document.is_in_force(day):
                for threshold in provision.thresholds:
                    self.rows.setdefault(threshold.measure, []).append((threshold, provision))
        if not all(self.rows.get(m) for m in (CRITICAL, BETA, ALPHA, EXPOSED, GRADE)):
            raise UsageError(f"资料库没有 {day} 施行的临界量、校正系数和分级数据；请换一个日期。")

    def named(self, measure: str, name: str) -> list[tuple[Threshold, Provision]]:
        """The rows about ``name``: by its own name first, else by other names and CAS numbers."""
        wanted = _plain(name)
        rows = self.rows[measure]
        direct = [row for row in rows if _plain(row[0].of or "") == wanted]
        return direct or [row for row in rows if wanted in {_plain(n) for n in (*row[0].aliases, *row[0].cas)}]

    def names(self) -> list[str]:
        """Every name under which a critical quantity can be asked for."""
        return sorted({n for t, _ in self.rows[CRITICAL] for n in (t.of or "", *t.aliases) if n})


def _plain(name: str) -> str:
    return re.sub(r"[\s（）()]", "", name).upper()


def _sourced(threshold: Threshold, provision: Provision) -> Sourced:
    return Sourced(value=threshold.value, citation=provision.citation, provision=provision.id, condition=threshold.condition)


def assess(knowledge: Knowledge, amounts: Sequence[Amount], exposed: int, day: datetime.date) -> HazardSource:
    """Compute S and R of one unit; ``exposed`` counts the residents within the distance that the standard names.

    Raise :class:`UsageError` for a substance without a critical quantity, an ambiguous name, or a quantity below zero.
    """
    if exposed < 0:
        raise UsageError("厂外暴露人员的人数不能是负数；没有人住就写 0。")
    numbers = _Numbers(knowledge, day)
    items = [_item(amount, numbers) for amount in amounts]
    alpha = _alpha(numbers, exposed)
    # Exact fractions: a unit at exactly the critical quantity, or at a grade's bound, must not fall to a rounding error.
    s = sum(map(_ratio, items))
    r_min = _exact(alpha.value) * sum(_exact(i.beta_min.value) * _ratio(i) for i in items)
    r_max = _exact(alpha.value) * sum(_exact(i.beta_max.value) * _ratio(i) for i in items)
    major = s >= 1
    graded = [_grade(numbers, r) for r in dict.fromkeys((r_min, r_max))] if major else []
    grades = list(dict.fromkeys(label for label, _ in graded))
    places = dict.fromkeys(i.critical.provision for i in items)
    standards = list(dict.fromkeys(knowledge.provision_by_id[p].document.short for p in places))
    return HazardSource(
        as_of=day,
        standard="、".join(standards),
        items=items,
        s=float(s),
        is_major=major,
        exposed=exposed,
        alpha=alpha,
        r_min=float(r_min),
        r_max=float(r_max),
        grades=grades,
        grade_sources=list({g.citation + str(g.value): g for _, g in graded}.values()),
        sentence=_sentence(float(s), float(r_min), float(r_max), grades),
        notices=_notices(items, grades, numbers),
    )


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def _ratio(item: Item) -> Fraction:
    return _exact(item.tonnes) / _exact(item.critical.value)


def _item(amount: Amount, numbers: _Numbers) -> Item:
    if amount.tonnes <= 0:
        raise UsageError(f"“{amount.name}”的数量应当大于 0；没有存放的不要写。")
    if amount.category and not numbers.named(CRITICAL, amount.category):
        known = "、".join(t.of or "" for t, _ in numbers.rows[CRITICAL] if _CATEGORY.fullmatch(t.of or ""))
        raise UsageError(f"没有“{amount.category}”这个危险性类别；可用的：{known}。")
    rows = numbers.named(CRITICAL, amount.name)
    if not rows and amount.category:
        rows = numbers.named(CRITICAL, amount.category)
    if not rows:
        raise UsageError(_unknown(amount.name, numbers))
    if len(rows) > 1:
        options = "；".join(f"{t.of}（{t.value:g}吨）" for t, _ in rows)
        raise UsageError(f"“{amount.name}”按含量或状态有几个临界量，请写明是哪一种：{options}。")
    threshold, provision = rows[0]
    low, high = _beta(threshold, amount.category, numbers)
    return Item(
        name=amount.name,
        matched=threshold.of or amount.name,
        category=amount.category,
        tonnes=amount.tonnes,
        critical=_sourced(threshold, provision),
        ratio=amount.tonnes / threshold.value,
        beta_min=low,
        beta_max=high,
    )


def _unknown(name: str, numbers: _Numbers) -> str:
    near = difflib.get_close_matches(name, [n for n in numbers.names() if not _CATEGORY.fullmatch(n)], 3, 0.5)
    hint = f"；名称相近的有：{'、'.join(near)}" if near else ""
    return (
        f"“{name}”没有列名的临界量{hint}。请核对名称，或写上它的危险性类别（如“{name}=30@W5.4”，"
        "类别见安全技术说明书和标准的类别表），按类别取临界量。"
    )


def _beta(threshold: Threshold, category: str | None, numbers: _Numbers) -> tuple[Sourced, Sourced]:
    """The β of a substance: the listed one, else that of its category, else the least and the greatest of the table."""
    rows = numbers.rows[BETA]
    names = {_plain(n) for n in (threshold.of or "", *threshold.aliases)}
    listed = [r for r in rows if not _CATEGORY.fullmatch(r[0].of or "") and names & {_plain(n) for n in _names(r[0])}]
    wanted = category or (threshold.of if _CATEGORY.fullmatch(threshold.of or "") else None)
    chosen = listed or [r for r in rows if r[0].of == wanted]
    if chosen:
        found = _sourced(*chosen[0])
        return found, found
    table = sorted((r for r in rows if _CATEGORY.fullmatch(r[0].of or "")), key=lambda r: r[0].value)
    return _sourced(*table[0]), _sourced(*table[-1])


def _names(threshold: Threshold) -> tuple[str, ...]:
    return (threshold.of or "", *threshold.aliases)


def _alpha(numbers: _Numbers, exposed: int) -> Sourced:
    for bound, _ in numbers.rows[EXPOSED]:
        if _within(bound, exposed):
            for threshold, provision in numbers.rows[ALPHA]:
                if threshold.of == bound.of:
                    return _sourced(threshold, provision)
    raise UsageError(f"标准的暴露人员表里没有 {exposed} 人这一档；请核对人数。")


def _within(bound: Threshold, value: float) -> bool:
    if bound.upto is not None:
        return bound.value <= value <= bound.upto
    return {
        "=": value == bound.value,
        ">=": value >= bound.value,
        ">": value > bound.value,
        "<=": value <= bound.value,
        "<": value < bound.value,
    }[bound.op]


def _grade(numbers: _Numbers, r: Fraction) -> tuple[str, Sourced]:
    """The first grade, from the gravest down, whose lower bound R reaches."""
    rows = sorted(numbers.rows[GRADE], key=lambda row: -row[0].value)
    floors = [(t, p) for t, p in rows if t.op in (">=", ">")]
    for threshold, provision in floors:
        bound = _exact(threshold.value)
        if r >= bound if threshold.op == ">=" else r > bound:
            return threshold.of or "", _sourced(threshold, provision)
    threshold, provision = next((t, p) for t, p in rows if t.op in ("<", "<="))
    return threshold.of or "", _sourced(threshold, provision)


def _sentence(s: float, r_min: float, r_max: float, grades: Sequence[str]) -> str:
    if not grades:
        return f"S＝{s:.4g}，小于1，不构成危险化学品重大危险源。"
    r = f"R＝{r_min:.4g}" if r_min == r_max else f"R在{r_min:.4g}至{r_max:.4g}之间"
    grade = f"为{grades[0]}" if len(grades) == 1 else f"可能是{grades[0]}至{grades[-1]}"
    return f"S＝{s:.4g}，大于或者等于1，构成危险化学品重大危险源；{r}，{grade}重大危险源。"


def _notices(items: Sequence[Item], grades: Sequence[str], numbers: _Numbers) -> list[str]:
    found = ["按一个单元计算：生产装置以切断阀为界，罐区以防火堤为界，仓库以独立库房为界；数量按设计最大量填写。"]
    open_beta = [i.name for i in items if i.beta_min.value != i.beta_max.value]
    if open_beta and grades:
        ranged = next(i for i in items if i.beta_min.value != i.beta_max.value)
        low, high = ranged.beta_min, ranged.beta_max
        found.append(
            f"{'、'.join(open_beta)}的β要看危险性类别，没有填写，按{low.value:g}至{high.value:g}计算；"
            "在名称后写“@类别”（如 @W5.3）可得到确定的结果。"
        )
    conditions = [f"{i.matched}：{i.critical.condition}" for i in items if i.critical.condition]
    if conditions:
        found.append("请核对临界量的适用条件：" + "；".join(conditions) + "。")
    spans = {t.condition for t, _ in numbers.rows[EXPOSED] if t.condition}
    if grades and spans:
        found.append(f"暴露人员指{'、'.join(sorted(spans))}。")
    found.append("计算只供自查，正式辨识、分级和备案由企业按规定完成。")
    return found
