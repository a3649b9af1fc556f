"""What ``bench.learn`` learned from labelled questions: how evidence is weighed, what is asked for, when nothing answers."""

from __future__ import annotations

import functools
import importlib.resources
import json
from pathlib import Path
from typing import Any

PATH = Path(str(importlib.resources.files("assistant"))) / "ranking.json"


@functools.cache
def read() -> dict[str, Any]:
    """Everything in the file that travels with the package."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found
