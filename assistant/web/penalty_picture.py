"""The range of fines as a picture (SVG): bands by stage and tier, decided amounts as dots on the same scale.

The picture is drawn 380 wide, so that its words keep their size on a phone.
"""

from __future__ import annotations

from html import escape

from assistant.models import yuan
from assistant.penalty_scale import Band, Dot, Range, Scale

WIDTH, EDGE = 380, 14
INNER = WIDTH - 2 * EDGE
LABEL_LINE, BAR, GAP, DOT_ROW, RADIUS = 15, 11, 12, 11, 4.5
COLORS = {True: "#1f5f8b", None: "#7fa8c4", False: "#c3ccd5"}
TIER_COLOR = "#8a5a00"
ALIKE, UNLIKE = "#b3261e", "#fff"
LEGEND = (
    "深色条与已填情节相符，浅色条尚待认定，灰色条不相符，棕色条是裁量档次。"
    "实心点是按同一罚则处罚的案件；空心点是罚则的别的项、别的义务，或者数额含几项违法行为的案件。个案情节不同，只供参考。"
)
LINE = 26
"""Characters that fit on one line of a label."""


def range_svg(shown: Range) -> str:
    """The picture of one penal article for one party."""
    top = 6
    parts: list[str] = []
    for band in shown.bands:
        lines = _lines(band)
        parts.append(_band(band, lines, top))
        top += len(lines) * LABEL_LINE + BAR + GAP
    levels = max((d.level for d in shown.dots), default=-1) + 1
    if levels:
        parts.append(f'<text x="{EDGE}" y="{top + 12}" class="hg-fine-label">已公布的罚款（{len(shown.dots)} 笔）</text>')
        floor = top + 18 + levels * DOT_ROW
        parts += [_dot(dot, floor) for dot in shown.dots]
        top = floor + 6
    axis = top + 2
    lines = [_tick(shown.scale, amount, axis) for amount in shown.scale.ticks()]
    height = axis + 22
    title = escape(f"{shown.citation}对{shown.party}罚款的幅度和已公布的数额", quote=True)
    return (
        f'<svg class="hg-fines" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"'
        f' xmlns="http://www.w3.org/2000/svg">{"".join(lines)}{"".join(parts)}</svg>'
    )


def range_figure(shown: Range) -> str:
    """The picture with its heading, and the amounts as a table for those who can't see it."""
    rows = ""
    if shown.dots:
        rows = "".join(map(_case, shown.dots))
        rows = (
            f"<details><summary>这 {len(shown.dots)} 笔是哪些案件</summary><table class='hg-stack'>"
            f"<tr><th>数额</th><th>案件</th><th>与本项的关系</th></tr>{rows}</table></details>"
        )
    scale = "（对数刻度）" if shown.scale.logarithmic else ""
    return (
        f'<figure class="hg-figure"><figcaption><b>{escape(shown.citation)}</b> 对{escape(shown.party)}{scale}</figcaption>'
        f"{range_svg(shown)}{rows}</figure>"
    )


def _case(dot: Dot) -> str:
    amount = f"<td data-head='数额'>{escape(yuan(dot.charge.amount))}</td>"
    title = f"<td data-head='案件'>{escape(dot.charge.title)}</td>"
    return f"<tr>{amount}{title}<td data-head='与本项的关系'>{escape(dot.charge.why)}</td></tr>"


def _x(share: float) -> float:
    return EDGE + share * INNER


def _band(band: Band, lines: list[str], top: float) -> str:
    color = TIER_COLOR if band.tier and band.fits is not False else COLORS[band.fits]
    start, end = _x(band.start), _x(band.end)
    faint = ' fill-opacity=".45"' if band.tier and band.fits is None else ""
    below = top + len(lines) * LABEL_LINE + 2
    end_mark = ""
    if band.open:
        # An arrow: the law sets no upper end.
        end_mark = f'<path d="M{end - 7:.1f} {below - 1} l7 6.5 l-7 6.5 z" fill="{color}"/>'
        end -= 7
    words = "".join(
        f'<text x="{EDGE}" y="{top + 12 + n * LABEL_LINE}" class="hg-fine-label">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    full = escape(f"{band.label}：{band.words}")
    width = max(end - start, 3)
    return (
        f'<g><title>{full}</title>{words}<rect class="hg-band" x="{start:.1f}" y="{below}" width="{width:.1f}"'
        f' height="{BAR}" rx="2" fill="{color}"{faint}/>{end_mark}</g>'
    )


def _lines(band: Band) -> list[str]:
    """Label and amount; the amount stays whole."""
    label = f"{band.label}："
    if len(label + band.words) <= LINE:
        return [label + band.words]
    return [*(label[n : n + LINE] for n in range(0, len(label), LINE)), band.words]


def _dot(dot: Dot, floor: float) -> str:
    fill = ALIKE if dot.charge.alike else UNLIKE
    told = escape(f"{yuan(dot.charge.amount)}：{dot.charge.title}（{dot.charge.why}）")
    x, y = _x(dot.at), floor - dot.level * DOT_ROW
    return (
        f'<circle class="hg-dot" data-amount="{dot.charge.amount}" cx="{x:.1f}" cy="{y:.1f}"'
        f' r="{RADIUS}" fill="{fill}" stroke="{ALIKE}" stroke-width="1.5"><title>{told}</title></circle>'
    )


def _tick(scale: Scale, amount: float, axis: float) -> str:
    x = _x(scale.at(amount))
    anchor = "start" if x < EDGE + 20 else "end" if x > WIDTH - EDGE - 20 else "middle"
    words = "0" if not amount else yuan(amount)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{axis}" stroke="#d5dde5" stroke-dasharray="2 3"/>'
        f'<text x="{x:.1f}" y="{axis + 14}" text-anchor="{anchor}" class="hg-fine-tick">{escape(words)}</text>'
    )
