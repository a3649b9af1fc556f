"""The one tree of errors: each says in Chinese what is wrong, where, and what to do."""


class HeguiError(Exception):
    """Base of every error a user can cause or must see; ``str(error)`` is one clear Chinese sentence."""

    exit_code = 1


class UsageError(HeguiError):
    """The caller's input is off (question, scene, date, option)."""

    exit_code = 2


class CitationError(UsageError):
    """A citation can't be read or names nothing that exists."""


class CorpusError(HeguiError):
    """One or more corpus files are wrong; ``problems`` holds a line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        head = f"资料库有 {len(problems)} 处错误，未发布新快照；请按下列位置改正后重试："
        super().__init__("\n".join([head, *problems]))


class SnapshotError(HeguiError):
    """No usable snapshot, or it could not be written."""


class EncoderError(HeguiError):
    """The embedding model can't be loaded or used."""


class ImportTextError(HeguiError):
    """A file can't be read as a document, or matches no document of the corpus."""
