"""What each kind of evidence is worth: ``uv run python -m bench.ablation``.

For each set of evidence the weights are learned anew on all questions that may be learned from and tried on the test
questions. The encoder as it came is tried the same way, on a snapshot built with it (some minutes: every text gets a new
vector).
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.features import AHEAD, NAMES
from assistant.service import Assistant
from bench.fitting import UNITS, Lesson, average, fit, places
from bench.labelled import DAY, interval, questions, taught
from bench.lessons import Teacher, provision_lessons
from bench.setup import data_folder
from kg_build.embedding import EMBEDDED, PLAIN


def _with_ahead(*names: str) -> tuple[str, ...]:
    return (*names, *(f"ahead_{n}" for n in names if n in AHEAD))


def _without(*names: str) -> tuple[str, ...]:
    left_out = _with_ahead(*names)
    return tuple(n for n in NAMES if n not in left_out)


WORDS = ("words_told", "words_said")
GRAMS = ("grams_told",)
SAID = ("near_said", "near_said_second", "near_best", "near_third", "near_mean", "breadth")
LEARNED = ("near_learned", "bag")
AROUND = ("chapter", "document")
MEANING = ("near_told", "near_part", "near_learned", *SAID, *AROUND)
DOORS = ("check_near", "check_words", "case_near", "punishes_asked")
CONCEPTS = ("tags", "tags_together", "scenes", "subject", "other_subject", "other_industry", "named")
ASKED = tuple(n for n in NAMES if n.startswith("asked_"))
INTENT = ("penal_asked", "penal_unasked", "punishes_asked", "duty_unpenal", "procedure", "definition", "threshold", *ASKED)
SETS: dict[str, tuple[str, ...]] = {
    "全部": NAMES,
    "不看人们怎么问（says）": _without("words_said", *LEARNED, *SAID, *AROUND, *ASKED),
    "不看用词（BM25）": _without(*WORDS, "check_words"),
    "不看字（字和相邻两字）": _without(*GRAMS),
    "不看学得的原型（意思和字各一个）": _without(*LEARNED),
    "不看学得的原型（只去字的）": _without("bag"),
    "不看每款每项各自的意思": _without("near_part"),
    "不看同章、同一文件的别的条款": _without(*AROUND),
    "不看检查项、案例、罚则的引导": _without(*DOORS),
    "不看标签、场景、行业": _without(*CONCEPTS),
    "不看问的是什么（罚则、程序、定义、数值、哪类文件）": _without(*INTENT),
    "只看用词和字": _with_ahead(*WORDS, *GRAMS, "bag"),
    "只看意思": _with_ahead(*MEANING),
    "只看用词、字和意思": _with_ahead(*WORDS, *GRAMS, "bag", *MEANING),
}


def tried(lessons: Sequence[Lesson], test: Sequence[Lesson], names: Sequence[str], units: int = UNITS) -> list[int]:
    """Places of the first right article on the test questions, with weights learned for these columns."""
    return places(test, [fit(lessons, names, units=units)] * len(test))


def line(name: str, found: Sequence[int]) -> str:
    """One row of the table."""
    array = np.array(found)
    cells = []
    for values in (array == 1, array <= 5, 1 / array):
        mean, low, high = interval(values.astype(float).tolist())
        cells.append(f"{mean:.3f} [{low:.3f}, {high:.3f}]")
    return f"| {name} | " + " | ".join(cells) + " |"


def tables(data: Path | None, plain: Path | None, *, untrained: bool = True) -> list[str]:
    """The table, for a data folder and, with ``untrained``, one built with the encoder as it came."""
    day = datetime.date.fromisoformat(DAY)
    found = ["| 依据 | hit@1 | hit@5 | MRR |", "| --- | --- | --- | --- |"]
    ways = ((EMBEDDED, data, ""), (PLAIN, plain, "，编码器未经训练"))
    for model, given, title in ways if untrained else ways[:1]:
        with data_folder(given, model) as folder:
            assistant = Assistant(folder)
            teacher = Teacher(assistant, day)
            lessons, test = (provision_lessons(teacher, asked) for asked in (taught(), questions("test")))
        for name, names in SETS.items():
            if model == EMBEDDED or name in ("全部", "只看意思"):
                found.append(line(name + title, tried(lessons, test, names)))
        if model == EMBEDDED:
            averaged = average(lessons, NAMES)
            found.insert(2, line("全部，与不看字、不看用词的权重取平均（现用的）", places(test, [averaged] * len(test))))
            found.append(line("全部，只加权不设隐层", tried(lessons, test, NAMES, units=0)))
            few = lessons[-sum(bool(q.right) for q in questions("dev")) :]
            found.append(line("全部，只从开发集的题学", tried(few, test, NAMES)))
    return [*found, "", "每一行都在训练题和开发集上重新学权重，再量测试集；这里不计“没有直接依据”的判断。"]


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
