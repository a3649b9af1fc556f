"""Keeps out of a process what it does not need but its libraries would load."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator
from typing import Any

_HEAVY = ("torch", "tensorflow", "mxnet", "cupy")


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """While open, importing any of ``names`` fails as if it were not installed, unless it is loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def without_torch() -> contextlib.AbstractContextManager[None]:
    """Hide torch and its like.

    spaCy's tensor library imports torch wherever it finds it: 5 s and 400 MB for a blank pipeline that never uses it.
    """
    return without(*_HEAVY)


@contextlib.contextmanager
def quick_gradio() -> Iterator[None]:
    """Import Gradio in here: half the time.

    Two things are left out that no user of ours needs. Gradio's MCP support (ours stands apart, and Gradio counts it as
    optional), and the type stubs it compares and rewrites for each of its 80 components at every start; it skips them for
    a component whose source file it can't tell, so for its asking alone no file is told.
    """
    told = inspect.getfile

    def getfile(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
            raise OSError("no type stubs wanted")
        return told(thing)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        with without("mcp"):
            yield
    finally:
        inspect.getfile = told
