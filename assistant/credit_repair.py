"""Credit repair 信用修复: what the record of a penalty is, when it can be lifted, what to file, with the law of a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from assistant.knowledge import Knowledge
from assistant.models import provision_out
from assistant.worksheet import CreditRecord, CreditRepair, CreditStatement
from kg_build.practice_penalty_forms import CreditRecordForm, CreditRepairForm, CreditStatementForm

PARTS = ("what", "period", "when", "file", "where", "after")


def credit_repair(knowledge: Knowledge, day: datetime.date) -> CreditRepair | None:
    """What the snapshot says of credit repair; statements that stand on what was no law on ``day`` are left out."""
    if not knowledge.practice.has(CreditRepairForm):
        return None
    form = knowledge.practice.of(CreditRepairForm)
    records = [record for r in form.records if (record := _record(r, knowledge, day))]
    rights = _statements(form.rights, knowledge, day)
    notice = form.note
    if not rights:
        notice = f"资料库收录的信用修复规定在 {day} 还没有施行或者已经失效，请查当时的规定。"
    return CreditRepair(rights=rights, records=records, notice=notice)


def _record(form: CreditRecordForm, knowledge: Knowledge, day: datetime.date) -> CreditRecord | None:
    parts = {part: _statements(getattr(form, part), knowledge, day) for part in PARTS}
    if not parts["what"] or not (parts["when"] or parts["period"]):
        return None
    return CreditRecord(label=form.label, decide=form.decide, **parts)


def _statements(forms: Iterable[CreditStatementForm], knowledge: Knowledge, day: datetime.date) -> list[CreditStatement]:
    found = []
    for form in forms:
        basis = [knowledge.provision_by_id[i] for i in form.basis]
        if any(not p.document.is_in_force(day) for p in basis):
            continue
        notes = dict.fromkeys(n for p in basis if (n := provision_out(p, knowledge, day).note))
        verified = form.verified and all(p.verified for p in basis)
        source = form.source or (form.checked.against if form.checked else None)
        found.append(
            CreditStatement(
                text=form.text,
                verified=verified,
                citations=[p.citation for p in basis],
                refs=[p.id for p in basis],
                source=source,
                note="；".join(notes) or None,
            )
        )
    return found
