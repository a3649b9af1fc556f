"""What was acknowledged survives a kill at any moment; what was not is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.crash import measure

pytestmark = pytest.mark.slow


def test_no_acknowledged_save_is_lost_when_the_program_is_killed(address: str, tmp_path: Path) -> None:
    outcome = measure(10, address, tmp_path)
    assert outcome.problems == []
    assert (outcome.kills, outcome.acknowledged > 10) == (10, True)
