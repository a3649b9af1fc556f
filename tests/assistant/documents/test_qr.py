"""QR codes as SVG."""

from __future__ import annotations

import re

import pytest
import segno
from lxml import etree

from assistant.documents.qr import svg_qr
from kg_build.errors import UsageError


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """The dark modules that an SVG of ours draws, as (row, column)."""
    path = etree.fromstring(svg.encode()).findall(".//{*}path")[-1].get("d")
    assert path is not None
    column, row, found = 0, 0.0, set()
    for command, arguments in re.findall(r"([Mmh])([-\d. ]+)", path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", arguments)]
        if command == "M":
            column, row = int(numbers[0]), numbers[1]
        elif command == "m":
            column, row = column + int(numbers[0]), row + numbers[1]
        else:
            found |= {(int(row), column + n) for n in range(int(numbers[0]))}
            column += int(numbers[0])
    return found


@pytest.mark.parametrize("text", ["https://hegui.example/c/2026-0001", "检查码 2026-0001 有限空间作业"])
def test_the_drawing_is_the_code_of_the_text_with_its_quiet_zone(text: str) -> None:
    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    drawn = {(r + 4, c + 4) for r, row in enumerate(code.matrix) for c, dark in enumerate(row) if dark}
    assert dark_modules(svg_qr(text)) == drawn


def test_the_drawing_is_inline_svg_that_scales_with_its_container() -> None:
    svg = svg_qr("https://hegui.example")
    assert svg.startswith("<svg ")
    assert re.search(r'viewBox="0 0 \d+ \d+"', svg)
    assert not re.search(r'<svg[^>]* (width|height)="', svg)


def test_the_text_itself_never_enters_the_markup() -> None:
    svg = svg_qr("</svg><script>alert(1)</script>")
    assert "script" not in svg


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_nothing_to_encode_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="二维码没有内容"):
        svg_qr(text)


def test_text_too_long_for_any_code_is_refused_with_a_sentence() -> None:
    with pytest.raises(UsageError, match="请改用较短的网址或编号"):
        svg_qr("检查" * 2000)
