"""The typed form of corpus/practice/official-forms.yaml: what the forms of an official inspection quote and may order."""

from __future__ import annotations

from pydantic import Field, model_validator

from kg_build.forms import Form, Slug, Text
from kg_build.practice_forms import Citation, PracticeForm, SourcedForm


class QuotesForm(Form):
    """The provisions that the forms quote.

    ``powers`` let the authority inspect and order, ``major`` is what it must do of major hazards; ``inspectors`` says how
    many come, ``identity`` binds them, ``cooperation`` the firm, ``recording`` says who signs; ``consequences`` follow a
    hazard that is not eliminated, ``refusal`` a decision that is not carried out; ``review`` and ``suit`` tell the periods
    of 行政复议 and 行政诉讼.
    """

    powers: list[Citation] = Field(default_factory=list)
    major: list[Citation] = Field(default_factory=list)
    inspectors: list[Citation] = Field(default_factory=list)
    identity: list[Citation] = Field(default_factory=list)
    cooperation: list[Citation] = Field(default_factory=list)
    recording: list[Citation] = Field(default_factory=list)
    consequences: list[Citation] = Field(default_factory=list)
    refusal: list[Citation] = Field(default_factory=list)
    review: list[Citation] = Field(default_factory=list)
    suit: list[Citation] = Field(default_factory=list)


class MeasureForm(SourcedForm):
    """A measure on site (现场处理措施): its name, the words of the order, and when it fits."""

    id: Slug
    label: Text
    order: Text
    when: Text


class ResumeForm(SourcedForm):
    """What must come before work may be taken up again."""

    text: Text


class OfficialFormsForm(PracticeForm):
    """official-forms.yaml: quotations of the forms of an inspection, measures on site, and taking up work again."""

    NAME = "official-forms"

    quotes: QuotesForm
    measures: list[MeasureForm] = Field(min_length=1)
    resume: ResumeForm

    @model_validator(mode="after")
    def _ids(self) -> OfficialFormsForm:
        ids = [m.id for m in self.measures]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"measures 的编号“{twice[0]}”重复")
        return self
