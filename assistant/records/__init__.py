"""What users record: enterprises, inspections and their answers, hazards until closed, and who changed what."""

from assistant.records.errors import ConflictError, NotFoundError, RecordsError, RecordValueError
from assistant.records.forms import (
    AnswerForm,
    AnswerOut,
    AuditOut,
    EnterpriseForm,
    EnterpriseOut,
    HazardForm,
    HazardOut,
    InspectionOut,
    InspectionSummary,
    Page,
)
from assistant.records.store import RecordStore

__all__ = [
    "AnswerForm",
    "AnswerOut",
    "AuditOut",
    "ConflictError",
    "EnterpriseForm",
    "EnterpriseOut",
    "HazardForm",
    "HazardOut",
    "InspectionOut",
    "InspectionSummary",
    "NotFoundError",
    "Page",
    "RecordStore",
    "RecordValueError",
    "RecordsError",
]
