"""Lines of a standard → its clauses (5.2.3), annexes (附录A, A.1), tables (表1) and list letters (a), 1))."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg_build.citation import Locator
from kg_build.statutes import OfficialArticle

_CLAUSE = re.compile(r"(\d{1,2}(?:\.\d{1,3}){1,5})(?![\d.])[\s　]*(.*)")
_ANNEX_CLAUSE = re.compile(r"([A-Z])((?:\.\d{1,3}){1,5})(?![\d.])[\s　]*(.*)")
_CHAPTER = re.compile(r"(?:第\s*)?(\d{1,2})(?:\s*章)?[\s　]*([^\s\d.、,，)）:：;；%～~—-].{0,40})")
_ANNEX = re.compile(r"附\s*录\s*([A-Z])(?![A-Za-z.\d])[\s　]*(.*)")
_TABLE = re.compile(r"(表\s*[A-Z]?\.?\d+)[\s　]+(\S.{0,60})")
_LETTER = re.compile(r"([a-z])\s*[)）][\s　]*(.*)")
_NUMBER = re.compile(r"(\d{1,2})\s*[)）][\s　]*(.*)")
_PLAIN_NUMBER = re.compile(r"(\d{1,2})[\s　]+(\S.*)")
_CONTENTS = re.compile(r".*(?:\.{3,}|…+|·{3,})\s*[\dIVXivx]+$|(?=.*[\u4e00-\u9fff])[^\t]+\t[\dIVX]+$")
_END = re.compile(r"参\s*考\s*文\s*献|索\s*引")
_FIRST = re.compile(r"(?:适\s*用\s*)?范\s*围|总\s*则|目\s*的.{0,10}")
_SENTENCE = re.compile(r"[。；！？;!?][”’\"）)》]?$")
_UNFINISHED = re.compile(r"[\u4e00-\u9fff，、,（(]$")
_GAP = 20


@dataclass(slots=True)
class _Entry:
    """A list letter of a clause: ``a``, ``a/1`` or ``1``, with its lines."""

    letter: str
    lines: list[str]


@dataclass(slots=True)
class _Clause:
    """A clause being read."""

    number: str
    chapter: str | None
    section: str | None
    lines: list[str] = field(default_factory=list)
    entries: list[_Entry] = field(default_factory=list)

    @property
    def is_table(self) -> bool:
        return self.number.startswith("表")

    def finished(self) -> list[OfficialArticle]:
        whole = OfficialArticle(Locator(clause=self.number), self.chapter, self.section, "\n".join(self.lines))
        seen: set[str] = set()
        parts = []
        for entry in self.entries:
            # A clause with two lists letters them alike; only the first can be cited without more words.
            if entry.letter not in seen:
                seen.add(entry.letter)
                place = Locator(clause=self.number, letter=entry.letter)
                parts.append(OfficialArticle(place, self.chapter, self.section, "\n".join(entry.lines)))
        return [whole, *parts]


def read_clauses(lines: Sequence[str]) -> list[OfficialArticle]:
    """The clauses in order, each whole and then letter by letter; empty when the text has no numbered clause."""
    reader = _Reader()
    for line in lines:
        if _END.fullmatch(line.strip()) and reader.clauses:
            break
        reader.read(line.strip())
    found: dict[Locator, OfficialArticle] = {}
    for clause in reader.clauses:
        for article in clause.finished():
            found.setdefault(article.locator, article)
    return list(found.values()) if any("." in a.locator.clause for a in found.values()) else []


class _Reader:
    """Reads line by line; a number opens a clause only where it may follow the one before."""

    def __init__(self) -> None:
        self.clauses: list[_Clause] = []
        self.at: tuple[int, ...] = ()
        self.annex: str | None = None
        self.chapter: str | None = None
        self.section: str | None = None
        self.current: _Clause | None = None
        self.before_table: _Clause | None = None

    def read(self, line: str) -> None:
        """Take one line."""
        if not line or _CONTENTS.fullmatch(line) or (self._table(line) or self._clause(line) or self._chapter(line)):
            return
        if self.current is not None:
            self._body(self.current, line)

    def _open(self, number: str, text: str) -> None:
        self.current = _Clause(number, self.chapter, self.section, [text] if text else [])
        self.clauses.append(self.current)
        self.before_table = None

    def _chapter(self, line: str) -> bool:
        annex = _ANNEX.fullmatch(line)
        if annex and self.clauses and not _SENTENCE.search(line) and len(line) <= 40:
            if annex[1] != self.annex:
                self.annex, self.at = annex[1], ()
                self.chapter, self.section = f"附录{annex[1]} {annex[2]}".strip(), None
                self._open(f"附录{annex[1]}", annex[2])
            return True
        match = _CHAPTER.fullmatch(line)
        if match is None or self.annex or _SENTENCE.search(line) or "\t" in line:
            return False
        number, last = int(match[1]), self.at[0] if self.at else 0
        exactly = self._list_number(number) or (self.current is not None and self.current.is_table)
        if number == 1 and _FIRST.fullmatch(match[2]):
            # What came before was a table of contents or a foreword.
            self.clauses.clear()
        elif not last < number <= last + (1 if exactly else _GAP):
            return False
        self.at = (number,)
        self.chapter, self.section = f"{number} {match[2]}", None
        self._open(str(number), match[2])
        return True

    def _clause(self, line: str) -> bool:
        annex = _ANNEX_CLAUSE.fullmatch(line)
        if annex and annex[1] == self.annex:
            parts = tuple(int(p) for p in annex[2].strip(".").split("."))
            if not self._follows(parts):
                return False
            self.at = parts
            self._open(annex[1] + annex[2], annex[3])
            return True
        match = _CLAUSE.fullmatch(line)
        if match is None or self.annex:
            return False
        parts = tuple(int(p) for p in match[1].split("."))
        if not self._follows(parts) or (not self.clauses and any(n > 1 for n in parts[1:])):
            return False
        self.at = parts
        if len(parts) == 2:
            title = match[2] and not re.search(r"[，。；：,;:]", match[2]) and len(match[2]) <= 30
            self.section = f"{match[1]} {match[2]}" if title else None
        self._open(match[1], match[2])
        return True

    def _follows(self, parts: tuple[int, ...]) -> bool:
        """Whether a clause number may come next: below the last one, or higher at its own or an outer level."""
        at = self.at
        if parts <= at or not parts[-1]:
            return False
        shared = next((i for i, (a, b) in enumerate(zip(at, parts, strict=False)) if a != b), min(len(at), len(parts)))
        step = parts[shared] - (at[shared] if shared < len(at) else 0)
        return step <= _GAP and all(n <= 1 for n in parts[shared + 1 :])

    def _table(self, line: str) -> bool:
        match = _TABLE.fullmatch(line)
        if match is None or not self.clauses or _SENTENCE.search(line) or "\t" in line:
            return False
        number = re.sub(r"\s+", "", match[1])
        before = self.before_table or self.current
        held = next((c for c in self.clauses if c.number == number), None)
        if held is None:
            self._open(number, match[2])
        else:
            # 表1（续）: its rows go on.
            self.current = held
        self.before_table = before
        return True

    def _body(self, clause: _Clause, line: str) -> None:
        if clause.is_table and self.before_table and "\t" not in line and any("\t" in text for text in clause.lines):
            # The table has ended: the text goes on with the clause before it.
            self.current = clause = self.before_table
            self.before_table = None
        if "\t" in line:
            self._row(clause, line)
            return
        found = self._letter(clause, line)
        if found:
            letter, words = found
            clause.entries.append(_Entry(letter, [words]))
            clause.lines.append(line)
            parent = letter.partition("/")[0]
            if "/" in letter:
                next(e for e in reversed(clause.entries) if e.letter == parent).lines.append(line)
            return
        last = clause.entries[-1] if clause.entries else None
        joined = bool(clause.lines) and len(clause.lines[-1]) >= 25 and bool(_UNFINISHED.search(clause.lines[-1]))
        for held in (clause.lines, last.lines if last and self._continues(clause, last) else None):
            if held is None:
                continue
            if joined and held:
                held[-1] += line
            else:
                held.append(line)

    @staticmethod
    def _continues(clause: _Clause, entry: _Entry) -> bool:
        """Whether the clause's last line is of its last list letter and unfinished, so that the next line is of it too."""
        if not clause.lines or not entry.lines:
            return False
        last = clause.lines[-1]
        return last.endswith(entry.lines[-1]) and not _SENTENCE.search(last)

    def _row(self, clause: _Clause, line: str) -> None:
        clause.lines.append(line)
        first, _, rest = line.partition("\t")
        if clause.is_table and first.strip().isdigit() and rest.strip():
            clause.entries.append(_Entry(first.strip(), [line]))

    def _letter(self, clause: _Clause, line: str) -> tuple[str, str] | None:
        """The list letter that opens ``line``, with the words after it."""
        if match := _LETTER.fullmatch(line):
            return match[1], match[2]
        if match := _NUMBER.fullmatch(line):
            above = next((e.letter.partition("/")[0] for e in reversed(clause.entries)), "")
            return (f"{above}/{match[1]}" if above.isalpha() else match[1]), match[2]
        match = _PLAIN_NUMBER.fullmatch(line)
        if match and self._list_number(int(match[1])):
            return match[1], match[2]
        return None

    def _list_number(self, number: int) -> bool:
        """Whether a bare number goes on (or opens) the list of the clause being read."""
        if self.current is None or "." not in self.current.number:
            return False
        numbers = [int(e.letter) for e in self.current.entries if e.letter.isdigit()]
        return number == (numbers[-1] + 1 if numbers else 1)
