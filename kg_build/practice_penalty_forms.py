"""The typed forms of corpus/practice that concern penalties and credit (documented in docs/corpus.md)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kg_build.forms import Form, Slug, Text, When
from kg_build.practice_forms import Citation, NumberForm, PracticeForm, SourcedForm

Factor = Literal[
    "rectified",
    "overdue",
    "minor",
    "first_time",
    "harm",
    "no_fault",
    "serious",
    "accident",
    "harm_reduced",
    "coerced",
    "confessed",
    "assisted",
]
"""What an officer establishes of a case: the fields of :class:`assistant.worksheet.Factors` that have a few values."""
FactorValue = bool | Literal["none", "slight", "serious", "general", "larger", "major", "extraordinary"]


class ProofForm(Form):
    """A piece of evidence; with ``basis`` a provision or a published list asks for it, without it is our advice."""

    text: Text
    basis: list[Citation] = Field(default=[])


class ElementForm(Form):
    """One thing that must be shown: the ``words`` that name it in a gist, the values of a factor that show it, and proofs.

    Of the elements whose words stand in a text, the first in the file is meant.
    """

    id: Slug
    label: Text
    words: list[Text] = Field(min_length=1)
    factor: Factor
    met_by: list[FactorValue] = Field(min_length=1)
    evidence: list[ProofForm] = Field(min_length=1)
    doubts: list[Text] = Field(default=[])


class EvidenceForm(PracticeForm):
    """evidence.yaml: what shows each element of a ground for no or a lighter penalty."""

    NAME = "evidence"

    elements: list[ElementForm] = Field(min_length=1)


class AnswerForm(Form):
    """A possible answer and the factors it establishes."""

    label: Text
    sets: dict[Factor, FactorValue] = Field(min_length=1)


class QuestionForm(Form):
    """A question to the officer, asked when a sanction of one of ``stages`` is at hand or a ground turns on what it sets."""

    id: Slug
    ask: Text
    help: Text | None = None
    stages: list[When] = Field(default=[])
    answers: list[AnswerForm] = Field(min_length=2)


class DateQuestionForm(Form):
    """The question for the day on which the violation ended."""

    id: Slug
    ask: Text
    help: Text | None = None


class ReminderForm(Form):
    """A rule of procedure to keep in mind; ``kind`` says what in a case calls for it."""

    at: Citation
    kind: Literal["crime", "several_rules", "limitation", "limitation_start", "hearing", "always"] = "always"


class GapForm(Form):
    """A text that an officer needs and the corpus does not hold."""

    document: Text
    text: Text


class ProcedureForm(PracticeForm):
    """penalty-procedure.yaml: where general penalty law says what bears on every finding, and what to ask the officer.

    ``not_asked``: beginnings of conditions that say which rule prevails, not what must be found.
    """

    NAME = "penalty-procedure"

    no_penalty: list[Citation]
    mitigation: list[Citation]
    aggravation: list[Citation]
    reminders: list[ReminderForm]
    principles: list[Citation]
    heard: list[Citation]
    questions: list[QuestionForm]
    ended_on: DateQuestionForm
    not_asked: list[Text] = Field(default=[])
    gaps: list[GapForm] = Field(default=[])


class CreditStatementForm(SourcedForm):
    """One sentence on the record: from a provision, or marked as not verified; ``numbers`` are proved at the build."""

    text: Text
    numbers: list[NumberForm] = Field(default=[])

    @model_validator(mode="after")
    def _numbers_are_told(self) -> CreditStatementForm:
        for number in self.numbers:
            if number.value is not None and f"{number.value:g}" not in self.text:
                raise ValueError(f"numbers 中的 {number.value:g} 没有写在 text 里")
        return self


class CreditRecordForm(Form):
    """A record of broken faith: what it is, how long it shows, when it can be lifted, what to file and where, what follows.

    ``decide`` is what only the authority can find.
    """

    id: Slug
    label: Text
    what: list[CreditStatementForm] = Field(min_length=1)
    period: list[CreditStatementForm] = Field(default=[])
    when: list[CreditStatementForm] = Field(min_length=1)
    file: list[CreditStatementForm] = Field(min_length=1)
    where: list[CreditStatementForm] = Field(min_length=1)
    after: list[CreditStatementForm] = Field(default=[])
    decide: list[Text] = Field(default=[])


class CreditRepairForm(PracticeForm):
    """credit-repair.yaml: how a record of a penalty is lifted 信用修复."""

    NAME = "credit-repair"

    rights: list[CreditStatementForm] = Field(min_length=1)
    records: list[CreditRecordForm] = Field(min_length=1)


FORMS: tuple[type[PracticeForm], ...] = (EvidenceForm, ProcedureForm, CreditRepairForm)
"""Every form of this module, for :mod:`kg_build.practice`."""
