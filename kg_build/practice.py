"""The practice of supervision: which files corpus/practice may hold, what they cite, and how a snapshot keeps them.

practice.json in a snapshot holds, by file name, each form with its citations as ids of provisions, the labels of ``applies``
as IRIs and the numbers of thresholds filled in.
"""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from kg_build import practice_penalty_forms
from kg_build.errors import CitationError, SnapshotError
from kg_build.forms import AppliesForm, ThresholdForm
from kg_build.practice_forms import (
    Citation,
    NumberForm,
    ObligationsForm,
    PeriodForm,
    PlanningForm,
    PortraitForm,
    PracticeForm,
    SourcedForm,
)
from kg_build.practice_visit_forms import OfficialFormsForm

if TYPE_CHECKING:
    from kg_build.nodes import Tree
    from kg_build.vocabulary import Vocabulary

P = TypeVar("P", bound=PracticeForm)
Path_ = tuple[str | int, ...]
_OWN: tuple[type[PracticeForm], ...] = (PlanningForm, PortraitForm, ObligationsForm, OfficialFormsForm)
FORMS: dict[str, type[PracticeForm]] = {form.NAME: form for form in (*_OWN, *practice_penalty_forms.FORMS)}
"""The form of each file, by its name without ``.yaml``."""
APPLIES = ("industry", "activity", "process", "equipment", "substance")


@dataclass(frozen=True, slots=True)
class PracticeFile:
    """One file of corpus/practice, typed; ``lines`` gives the line of every node by its path."""

    file: str
    form: PracticeForm
    lines: Mapping[Path_, int]

    def at(self, path: Path_) -> str:
        """``file 第 N 行 field.3.basis`` for the node at ``path``."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        field = ".".join(str(p + 1) if isinstance(p, int) else p for p in path)
        return f"{self.file} 第 {self.lines.get(known, 1)} 行 {field}"


def problems(file: PracticeFile, tree: Tree, vocabulary: Vocabulary, today: datetime.date) -> Iterator[str]:
    """What the form alone can't show: citations name provisions in force on ``today``, what is called verified stands on
    verified provisions, labels stand in the ontology, and numbers said to come from a provision are there.
    """
    for path, value in _parts(file.form, ()):
        if isinstance(value, Citation):
            try:
                document = tree.cite(value).document
            except CitationError as error:
                yield f"{file.at(path)}：{error}"
                continue
            if not document.is_in_force(today):
                yield f"{file.at(path)}：“{value}”在 {today} 不在施行；请改引现行条款。"
        elif isinstance(value, AppliesForm):
            for name in APPLIES:
                for label in getattr(value, name):
                    if _concept(vocabulary, name, label) is None:
                        yield f"{file.at((*path, name))}：“{label}”不在 ontology 中。"
        elif isinstance(value, NumberForm):
            yield from _number(value, file.at(path), tree)
        elif isinstance(value, SourcedForm) and value.verified:
            for citation in value.basis:
                with contextlib.suppress(CitationError):
                    node = tree.cite(citation)
                    if not node.verified and node.official_text is None:
                        yield f"{file.at(path)}：“{citation}”没有与原文核对过；请写 verified: false，并用 source 写明来源。"


def _number(number: NumberForm, at: str, tree: Tree) -> Iterator[str]:
    found = number.model_copy()
    if number.threshold is not None:
        try:
            threshold = _threshold(number, tree)
        except CitationError as error:
            if error.args:  # a citation that names nothing is told at its own place
                yield f"{at}：{error}"
            return
        if number.value not in (None, threshold.value) or (number.unit is not None and number.unit != threshold.unit):
            written = f"{threshold.value if number.value is None else number.value:g}{number.unit or threshold.unit or ''}"
            yield (
                f"{at}：写的是 {written}，而“{number.threshold}”规定的是 {threshold.value:g}{threshold.unit or ''}；"
                "请改正，或删去 value 和 unit。"
            )
            return
        found.value, found.unit = threshold.value, threshold.unit
    if isinstance(found, PeriodForm):
        try:
            found.interval()
        except ValueError as error:
            yield f"{at}：{error}。"


def resolved(file: PracticeFile, tree: Tree, vocabulary: Vocabulary) -> dict[str, Any]:
    """A form as a snapshot keeps it; the file has no :func:`problems`."""
    data = file.form.model_dump(mode="json", exclude_unset=True)
    for path, value in _parts(file.form, ()):
        if isinstance(value, Citation):
            _set(data, path, tree.cite(value).id)
        elif isinstance(value, AppliesForm):
            for name in APPLIES:
                iris = [str(_concept(vocabulary, name, label)) for label in getattr(value, name)]
                if iris:
                    _set(data, (*path, name), iris)
        elif isinstance(value, NumberForm) and value.threshold is not None:
            found = _threshold(value, tree)
            _set(data, (*path, "value"), found.value)
            _set(data, (*path, "unit"), found.unit)
    return data


def with_citations(form: P, find: Callable[[str], str]) -> P:
    """A form with each citation as ``find`` gives the id of its provision; numbers and ``applies`` stay as written."""
    data = form.model_dump(mode="json")
    for path, value in _parts(form, ()):
        if isinstance(value, Citation):
            _set(data, path, find(value))
    return type(form).model_validate(data)


class Practice:
    """The practice of a snapshot: ``practice.of(PlanningForm)`` is planning.yaml with its citations as ids of provisions."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._forms: dict[str, PracticeForm] = {}

    @classmethod
    def read(cls, text: str) -> Practice:
        """The practice written in practice.json."""
        return cls(json.loads(text))

    def has(self, form: type[PracticeForm]) -> bool:
        """Whether the snapshot holds that file."""
        return form.NAME in self._data

    def of(self, form: type[P]) -> P:
        """The file of that form; raise :class:`SnapshotError` when the corpus had none."""
        if form.NAME not in self._data:
            raise SnapshotError(f"资料库没有 practice/{form.NAME}.yaml，这项功能不能用；请补上这份资料后执行 hegui build。")
        if form.NAME not in self._forms:
            self._forms[form.NAME] = form.model_validate(self._data[form.NAME])
        found = self._forms[form.NAME]
        assert isinstance(found, form)
        return found


def _parts(value: object, path: Path_) -> Iterator[tuple[Path_, object]]:
    """Every node of a form below ``value`` with its path, the node itself first."""
    yield path, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _parts(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _parts(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _parts(child, (*path, index))


def _set(data: Any, path: Path_, value: object) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def _concept(vocabulary: Vocabulary, kind: str, label: str) -> object | None:
    """The concept that an ``applies`` names, as for checks."""
    concepts = {
        "industry": vocabulary.industries,
        "activity": vocabulary.activities,
        "process": vocabulary.processes,
        "equipment": vocabulary.equipment,
        "substance": vocabulary.substances,
    }[kind]
    return concepts.find(label) or vocabulary.scenes.find(label)


def _threshold(number: NumberForm, tree: Tree) -> ThresholdForm:
    """The one threshold a number names. Raise with a message when there is none or several, without when the provision is
    unknown.
    """
    assert number.threshold is not None
    try:
        form = tree.cite(number.threshold).form
    except CitationError as error:
        raise CitationError from error
    fits = [
        t
        for t in (form.thresholds if form else [])
        if t.measure == number.measure
        and number.of in (None, t.of)
        and number.condition in (None, t.condition)
        and t.upto is None
    ]
    if len(fits) != 1:
        having = "；".join(f"{t.measure}（{t.of or '不分对象'}）" for t in (form.thresholds if form else [])) or "没有"
        raise CitationError(
            f"“{number.threshold}”中名为“{number.measure}”的数有 {len(fits)} 个，应当恰好一个；这一条的数：{having}。"
        )
    return fits[0]
