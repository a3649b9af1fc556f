"""What each kind of evidence is worth: ``uv run python -m bench.ablation``.

For each set of evidence the weights are learned anew on the development questions and tried on the test questions. The
encoder as it came is tried the same way, on a snapshot built with it (some minutes: every text gets a new vector).
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.features import NAMES
from assistant.service import Assistant
from bench.labelled import DAY, interval
from bench.learn import PENALTY, Lesson, fit, provision_lessons, ranks, scale_of
from bench.setup import data_folder
from kg_build.embedding import EMBEDDED, PLAIN

WORDS = ("words_told", "words_said")
MEANING = ("near_told", "near_said", "near_said_second", "near_best")
DOORS = ("check_near", "check_words", "case_near", "punishes_asked")
CONCEPTS = ("tags", "tags_together", "scenes", "subject", "other_subject", "other_industry", "named")
INTENT = ("penal_asked", "penal_unasked", "punishes_asked", "duty_unpenal", "procedure", "definition", "threshold")
SAID = ("words_said", "near_said", "near_said_second", "near_best")
SETS: dict[str, tuple[str, ...]] = {
    "全部": NAMES,
    "不看人们怎么问（says）": tuple(n for n in NAMES if n not in SAID),
    "不看用词（BM25）": tuple(n for n in NAMES if n not in (*WORDS, "check_words")),
    "不看检查项、案例、罚则的引导": tuple(n for n in NAMES if n not in DOORS),
    "不看标签、场景、行业": tuple(n for n in NAMES if n not in CONCEPTS),
    "不看问的是什么（罚则、程序、定义、数值）": tuple(n for n in NAMES if n not in INTENT),
    "只看用词": WORDS,
    "只看意思": MEANING,
    "只看用词和意思": (*WORDS, *MEANING),
}


def tried(lessons: Sequence[Lesson], test: Sequence[Lesson], names: Sequence[str]) -> list[int]:
    """Places of the first right article on the test questions, with weights learned for these columns."""
    used: NDArray[np.bool_] = np.isin(NAMES, names)
    weights = fit(lessons, scale_of(lessons), used, PENALTY)
    return ranks(test, [weights] * len(test))


def line(name: str, places: Sequence[int]) -> str:
    """One row of the table."""
    array = np.array(places)
    cells = []
    for values in (array == 1, array <= 5, 1 / array):
        mean, low, high = interval(values.astype(float).tolist())
        cells.append(f"{mean:.3f} [{low:.3f}, {high:.3f}]")
    return f"| {name} | " + " | ".join(cells) + " |"


def tables(data: Path | None, plain: Path | None) -> list[str]:
    """The table, for a data folder and one built with the encoder as it came."""
    day = datetime.date.fromisoformat(DAY)
    found = ["| 依据 | hit@1 | hit@5 | MRR |", "| --- | --- | --- | --- |"]
    for model, given, title in ((EMBEDDED, data, ""), (PLAIN, plain, "，编码器未经训练")):
        with data_folder(given, model) as folder:
            assistant = Assistant(folder)
            features = assistant.reader.searcher.features
            dev, test = (provision_lessons(assistant, features, day, split) for split in ("dev", "test"))
        for name, names in SETS.items():
            if model == EMBEDDED or name in ("全部", "只看意思"):
                found.append(line(name + title, tried(dev, test, names)))
    return [*found, "", "每一行都在开发集上重新学权重，再量测试集；这里不计“没有直接依据”的判断。"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--plain", type=Path, help="a data folder for the encoder as it came")
    options = parser.parse_args()
    with data_folder(options.data) as data:
        print("\n".join(tables(data, options.plain)))


if __name__ == "__main__":
    main()
