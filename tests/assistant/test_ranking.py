"""How evidence is weighed: the learned file, its sums and hidden units, and what is asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assistant import learned
from assistant.asked import KINDS, Asked
from assistant.doors import Groups, best_door, by_target
from assistant.features import COLUMN, NAMES
from assistant.ranking import Weights, without_vectors
from assistant.service import Assistant


def table(**columns: list[float]) -> np.ndarray:
    rows = np.zeros((len(next(iter(columns.values()))), len(NAMES)), dtype=np.float32)
    for name, values in columns.items():
        rows[:, COLUMN[name]] = values
    return rows


def test_a_sum_alone_ranks_by_what_it_weighs() -> None:
    weights = Weights.read({"columns": ["near_told", "tags"], "linear": [1.0, 10.0]})
    assert weights.scores(table(near_told=[0.9, 0.1], tags=[0.0, 1.0])).tolist() == pytest.approx([0.9, 10.1])


def test_a_hidden_unit_can_make_one_thing_count_only_with_another() -> None:
    both = {"columns": ["penal_asked", "standard"], "linear": [0, 0], "hidden": [[9, 9]], "bias": [-13], "out": [1]}
    neither, one, two = Weights.read(both).scores(table(penal_asked=[0, 1, 1], standard=[0, 0, 1]))
    assert two - one > 10 * abs(one - neither)


def test_weights_are_the_same_after_writing() -> None:
    before = Weights.read(learned.read()["vectors"]["provision"])
    again = Weights.read(json.loads(json.dumps(before.written())))
    rows = np.random.default_rng(0).random((20, len(NAMES)), dtype=np.float32)
    assert np.allclose(before.scores(rows), again.scores(rows), atol=1e-2)


def test_searching_by_words_weighs_nothing_that_needs_vectors() -> None:
    can = {n for n, known in zip(NAMES, without_vectors(), strict=True) if known}
    for told in learned.read()["words"].values():
        assert set(told["columns"]) <= can
    assert "words_told" in can
    assert not [
        n for n in can if "near_" in n.removeprefix("ahead_") and not n.removeprefix("ahead_").startswith(("check", "case"))
    ]


def test_a_question_about_fines_asks_for_a_penalty(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    encoder = knowledge.encoder
    assert encoder is not None
    judged = Asked(learned.read()["asked"], np.eye(len(KINDS), dtype=bool))

    def asked(question: str) -> dict[str, float]:
        fits = judged.fits(encoder.encode_queries([question]), encoder.name)
        return dict(zip(KINDS, np.diag(fits).tolist(), strict=True))

    assert asked("动火没办票被抓了要罚多少钱")["penalty"] > asked("动火前要做什么准备")["penalty"]
    assert asked("什么样的车间算粉尘爆炸危险场所")["definition"] > asked("动火没办票被抓了要罚多少钱")["definition"]


def test_nothing_is_said_of_what_is_asked_with_an_encoder_that_was_not_learned_with() -> None:
    judged = Asked(learned.read()["asked"], np.eye(len(KINDS), dtype=bool))
    assert not judged.fits(np.ones((1, 8), np.float32), "some other").any()


def test_a_group_is_as_near_as_its_best_members() -> None:
    groups = Groups(["a", "a", "", "b", "a"])
    assert groups.top(np.array([1, 5, 9, 2, 3], np.float32), 2).tolist() == [4, 4, 0, 2, 4]


def test_the_best_door_leads_on() -> None:
    edges = by_target([(0, 2, 1.0), (1, 2, 0.5), (1, 3, 1.0)])
    gain, door = best_door(edges, np.array([0.2, 0.8, 0, 0], np.float32), 4)
    assert door.tolist() == [-1, -1, 1, 1]
    assert gain[2] == pytest.approx(0.4)
    assert gain[0] == pytest.approx(float(np.mean([0.2, 0.4, 0.8])))
