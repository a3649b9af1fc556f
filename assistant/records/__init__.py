"""What users record: enterprises, inspections and their answers, hazards until closed, plans, and who changed what."""

from assistant.records.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    RecordsError,
    RecordValueError,
    SignInError,
)
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
    ProfileForm,
    ProfileOut,
)
from assistant.records.more_forms import DueForm, HappeningForm, PlanForm, UserForm, VisitForm
from assistant.records.scope import Viewer
from assistant.records.store import Desk, RecordStore

__all__ = [
    "AnswerForm",
    "AnswerOut",
    "AuditOut",
    "ConflictError",
    "DeniedError",
    "Desk",
    "DueForm",
    "EnterpriseForm",
    "EnterpriseOut",
    "HappeningForm",
    "HazardForm",
    "HazardOut",
    "InspectionOut",
    "InspectionSummary",
    "NotFoundError",
    "Page",
    "PlanForm",
    "ProfileForm",
    "ProfileOut",
    "RecordStore",
    "RecordValueError",
    "RecordsError",
    "SignInError",
    "UserForm",
    "Viewer",
    "VisitForm",
]
