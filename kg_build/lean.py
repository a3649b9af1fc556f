"""Keeps torch out of processes that don't need it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

_HEAVY = ("torch", "tensorflow", "mxnet", "cupy")


@contextlib.contextmanager
def without_torch() -> Iterator[None]:
    """While open, importing torch (or its like) fails as if it were not installed, unless it is loaded already.

    spaCy's tensor library imports torch wherever it finds it: 5 s and 400 MB for a blank pipeline that never uses it.
    """
    hidden = [name for name in _HEAVY if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
