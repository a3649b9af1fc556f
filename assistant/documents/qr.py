"""Text → QR code as SVG, for check codes (检查码) on pages and printed lists."""

from __future__ import annotations

import segno

from assistant.documents.common import clean
from kg_build.errors import UsageError


def svg_qr(text: str) -> str:
    """An ``<svg>`` element that scales with its container; raise :class:`UsageError` for text that fits no QR code."""
    text = clean(text)
    if not text:
        raise UsageError("二维码没有内容；请给出网址或检查编号。")
    try:
        code = segno.make(text, error="m", encoding="utf-8", micro=False)
    except segno.DataOverflowError as error:
        raise UsageError(f"内容放不进一个二维码（{len(text)} 字）；请改用较短的网址或编号。") from error
    return str(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True))
