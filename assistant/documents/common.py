"""What every written document shares: wording, marks, cleaned text, and files that are written whole or not at all."""

from __future__ import annotations

import datetime
import hashlib
import io
import re
import struct
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from assistant.checklist import Checklist, ChecklistItem
from assistant.models import NATURE_LABELS, SEVERITY_LABELS, PenaltyOut, ProvisionOut, words_of
from assistant.report import Photo, local

RESULTS = ("符合", "不符合", "不适用")
INSPECTION_KINDS = ("企业自查", "执法检查", "专项检查", "复查")
BOX = "□"
MAJOR_MARK = "★"
UNVERIFIED = "要点（未与原文核对）"
NO_PENALTY = "未收录对应的罚则"
NO_WORDS = "未收录要点，请查原文"
DATE_LINE = "　　　　年　　月　　日"

# What XML 1.0 can't hold (word processors refuse the file), and characters that only disturb the direction of writing.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e]")


def clean(text: str) -> str:
    """Text that a document can hold: control characters and halves of surrogate pairs gone, line ends alike."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def boxes(labels: Iterable[str]) -> list[str]:
    """Labels with a box to tick: □符合."""
    return [BOX + label for label in labels]


def severity_label(item: ChecklistItem) -> str:
    """★重大事故隐患 or 一般隐患."""
    return (MAJOR_MARK if item.severity == "major" else "") + SEVERITY_LABELS[item.severity]


def chinese_date(made: Checklist) -> str:
    """The day whose law the checklist shows: 2026年11月23日."""
    return f"{made.as_of.year}年{made.as_of.month}月{made.as_of.day}日"


@dataclass(frozen=True)
class Ground:
    """One ground (依据) of an item: citation, 强制 or 推荐, whose words follow, the words, and what to note of them."""

    citation: str
    nature: str
    which: str
    words: str
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The ground as plain lines."""
        return "\n".join([f"{self.citation}〔{self.nature}〕", f"{self.which}：{self.words}", *map(note_line, self.notes)])


@dataclass(frozen=True)
class Consequence:
    """Penal provisions that say the same, and what they say case by case."""

    citations: str
    cases: tuple[str, ...]

    @property
    def words(self) -> str:
        """All cases in one paragraph, numbered when there are several: ①单位，责令改正时：… ②单位，逾期未改正：…"""
        return self.cases[0] if len(self.cases) == 1 else " ".join(f"{circled(n)}{c}" for n, c in enumerate(self.cases, 1))

    @property
    def text(self) -> str:
        """The consequence as plain lines."""
        return f"{self.citations}\n{self.words}"


def note_line(note: str) -> str:
    """A note under a ground."""
    return f"注：{note}"


def circled(number: int) -> str:
    """① to ⑳, then (21)."""
    return chr(0x245F + number) if number <= 20 else f"({number})"


def ground(provision: ProvisionOut) -> Ground:
    """A provision as the ground of an item."""
    words, which = words_of(provision)
    notes = [provision.note] if provision.note else []
    if not provision.in_force:
        notes.insert(0, "清单所依日期不在施行期内。")
    return Ground(
        citation=clean(provision.citation),
        nature=NATURE_LABELS[provision.nature] + ("·重大隐患判定" if provision.major_hazard else ""),
        which=which if words else "要点",
        words=clean(words) or NO_WORDS,
        notes=tuple(clean(n) for n in notes),
    )


def penalty_cases(penalty: PenaltyOut) -> tuple[str, ...]:
    """What a penal provision says: its ranges, or its words where it has none."""
    lines = [clean(r) for r in penalty.ranges] or [clean(penalty.gist or penalty.official_text or "") or NO_WORDS]
    return tuple(lines if penalty.in_force else ["清单所依日期不在施行期内。", *lines])


def consequences(item: ChecklistItem) -> list[Consequence]:
    """The penal provisions of an item; those with the same ranges are named together so that each range stands once."""
    by_cases: dict[tuple[str, ...], list[str]] = {}
    for penalty in item.penalty:
        citations = by_cases.setdefault(penalty_cases(penalty), [])
        if clean(penalty.citation) not in citations:
            citations.append(clean(penalty.citation))
    return [Consequence("、".join(citations), cases) for cases, citations in by_cases.items()]


def consequences_text(item: ChecklistItem) -> str:
    """All consequences of an item as plain lines."""
    return "\n".join(c.text for c in consequences(item)) or NO_PENALTY


def methods(item: ChecklistItem) -> list[str]:
    """How to check, numbered when there are several ways."""
    ways = [w for w in map(clean, item.how) if w]
    return ways if len(ways) < 2 else [f"{n}. {way}" for n, way in enumerate(ways, 1)]


def made_from(made: Checklist) -> list[tuple[str, list[str]]]:
    """What the checklist was made from, as headed lines; empty lines and empty headings are left out."""
    parts = [
        ("法律日期", [f"{chinese_date(made)}施行的法律、法规、规章和标准"]),
        ("检查场景", ["、".join(made.scenes)]),
        ("企业情况", [made.profile or ""]),
        ("识别结果", ["；".join(made.understood)]),
        ("适用判断及理由", made.conclusions),
        ("提示", made.notices),
    ]
    kept = [(head, [line for line in map(clean, lines) if line]) for head, lines in parts]
    return [(head, lines) for head, lines in kept if lines]


@dataclass(frozen=True)
class Row:
    """Counts of one scene, or of all."""

    scene: str
    industry: str
    total: int
    major: int
    mandatory: int

    @property
    def recommended(self) -> int:
        """Items that are only recommended."""
        return self.total - self.mandatory


def counts(made: Checklist) -> list[Row]:
    """Counts scene by scene, in order."""
    rows = []
    for group in made.groups:
        items = [i for k in group.links for p in k.points for i in p.items]
        major, mandatory = sum(i.severity == "major" for i in items), sum(i.nature == "mandatory" for i in items)
        rows.append(Row(clean(group.scene), clean(group.industry), len(items), major, mandatory))
    return rows


@dataclass
class Cited:
    """A provision with the numbers of the items that rest on it or are penalized by it."""

    citation: str
    provision: ProvisionOut | None
    penalty: PenaltyOut | None
    items: list[str]

    @property
    def use(self) -> str:
        """依据, 罚则, or both."""
        return "、".join(u for u, there in (("依据", self.provision), ("罚则", self.penalty)) if there)


def cited(made: Checklist) -> list[Cited]:
    """Each provision of the checklist once: grounds first, then penal provisions, in the order met."""
    found: dict[str, Cited] = {}

    def at(source: ProvisionOut | PenaltyOut, number: str) -> Cited:
        entry = found.setdefault(source.id, Cited(clean(source.citation), None, None, []))
        if number not in entry.items:
            entry.items.append(number)
        return entry

    for item in made.items():
        for provision in item.basis:
            at(provision, item.number).provision = provision
    for item in made.items():
        for penalty in item.penalty:
            at(penalty, item.number).penalty = penalty
    return list(found.values())


def unverified(made: Checklist) -> int:
    """How many grounds show a gist that nobody has compared with the official text."""
    entries = [c.provision for c in cited(made) if c.provision]
    return sum(words_of(p)[1] == UNVERIFIED for p in entries)


def closing_notes(made: Checklist) -> list[str]:
    """How to read the checklist, and what it is not."""
    loose = unverified(made)
    return [
        f"本清单按{chinese_date(made)}施行的规定编制，供企业自查和检查准备使用，不代替监管部门的决定；"
        "是否构成违法、是否处罚和如何处罚，由有权机关依法认定。",
        f"“{MAJOR_MARK}”和底纹表示该项不符合时可能构成重大事故隐患，以判定标准和现场情况为准。",
        "“强制”指法律、法规、规章、规范性文件和强制性标准的要求；“推荐”指推荐性标准的要求，被强制性规定引用时除外。",
        "“要点”是对条款的概述，不是原文，引用时请以官方公布的文本为准；"
        + (f"标明“未与原文核对”的有 {loose} 条，使用前请先核对。" if loose else "本清单依据栏的要点均已与原文核对。"),
        "违法后果列出条款规定的幅度；具体处罚还要看责令改正情况、裁量基准以及依法从轻、减轻、不予处罚的情形。",
        "判为“不适用”的，请在备注中写明理由。",
    ]


def width(text: str) -> int:
    """Width of a line in half-width characters: 2 for a Chinese character or full-width mark."""
    return sum(2 if ord(c) >= 0x1100 or c in "“”‘’…—·×①②③④⑤⑥⑦⑧⑨⑩" else 1 for c in text)


def lines_needed(text: str, room: int) -> int:
    """Lines that ``text`` takes where ``room`` half-width characters fit on one."""
    return sum(max(1, -(-width(line) // max(room, 2))) for line in text.split("\n"))


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and rename it into place: a reader never sees half a file."""
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def save_whole(save: Callable[[io.BytesIO], object], path: Path) -> None:
    """Write what a library's ``save`` puts into a buffer; what stood at ``path`` is replaced only by a complete file."""
    buffer = io.BytesIO()
    save(buffer)
    write_whole(path, buffer.getvalue())


def day_text(day: datetime.date | None) -> str:
    """2026年11月23日; empty without a day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def moment_text(moment: datetime.datetime | None) -> str:
    """2026年11月23日 9时05分, in Chinese time; empty without a moment."""
    if moment is None:
        return ""
    there = local(moment)
    return f"{day_text(there.date())} {there.hour}时{there.minute:02}分"


def score_text(score: float | None) -> str:
    """92.3, or a dash where nothing was judged."""
    return "—" if score is None else f"{score:.1f}"


@dataclass(frozen=True)
class Picture:
    """A photo as printed: JPEG the right way up with its size in pixels, or (no ``jpeg``) why it can't be shown."""

    jpeg: bytes | None
    width: int
    height: int
    lines: tuple[str, ...]


def picture(photo: Photo, most: int = 1000) -> Picture:
    """Read a photo, at most ``most`` pixels wide and high; a file that is gone, broken or changed gives only lines."""
    told = [clean(photo.caption), f"{local(photo.taken_at):%Y-%m-%d %H:%M} 拍摄" if photo.taken_at else ""]
    told.append(f"校验值：{clean(photo.sha256)[:16]}" if photo.sha256 else "")
    lines = tuple(line for line in told if line)
    name = clean(photo.path.name) or "未命名"
    try:
        content = photo.path.read_bytes()
    except OSError:
        return Picture(None, 0, 0, (f"照片无法显示：找不到或读不出文件“{name}”。", *lines))
    if photo.sha256 and hashlib.sha256(content).hexdigest() != photo.sha256.strip().lower():
        return Picture(None, 0, 0, (f"照片未列入：文件“{name}”与登记时的校验值不一致，可能被改动，请核对原件。", *lines))
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.draft("RGB", (most * 2, most * 2))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((most, most))
            # Transparent parts would turn black.
            whole = Image.new("RGB", upright.size, "white")
            layers = upright.convert("RGBA")
            whole.paste(layers, mask=layers.getchannel("A"))
        buffer = io.BytesIO()
        whole.save(buffer, "JPEG", quality=82)
    except (OSError, ValueError, SyntaxError, struct.error, TypeError, Image.DecompressionBombError):
        return Picture(None, 0, 0, (f"照片无法显示：文件“{name}”不是能识别的图片或已损坏。", *lines))
    return Picture(buffer.getvalue(), *whole.size, lines)
