"""What can go wrong with records; each error is one Chinese sentence."""

from __future__ import annotations

from kg_build.errors import HeguiError, UsageError


class RecordsError(HeguiError):
    """The record database can't be opened, read or written."""


class RecordValueError(UsageError):
    """A value that can't be recorded: what is wrong with it and what to write instead."""


class NotFoundError(RecordValueError):
    """No such record."""


class ConflictError(HeguiError):
    """Somebody else saved the record in the meantime; nothing was written."""


class DeniedError(RecordValueError):
    """The account may not do this."""


class SignInError(RecordValueError):
    """Nobody is signed in, or the name and password don't fit."""
