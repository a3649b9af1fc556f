"""Numbers and wording of gists against the reference texts, where they are on the machine (they are in CI)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "texts"


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference texts are not on this machine")
def test_gists_agree_with_the_reference_texts() -> None:
    folders = [option for name in ("regulations", "shanghai") for option in ("--texts", str(REFERENCE / name))]
    done = subprocess.run(
        [sys.executable, "-m", "bench.figures", "--check", *folders],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    held = int(done.stdout.rsplit("\n", 2)[-2].split(" ")[0])
    assert held >= 300
