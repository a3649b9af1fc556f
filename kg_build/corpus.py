"""Reads corpus/ into typed forms; every error names file, line and field.

``python -m kg_build.corpus FOLDER [--file FILE]`` checks the corpus against the ontology without building.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from kg_build.errors import CorpusError
from kg_build.forms import (
    AskedForm,
    AskedQuestionsForm,
    CaseForm,
    CasesForm,
    CheckForm,
    ChecksForm,
    DocumentForm,
    Form,
    OutsideForm,
    OutsideTopicsForm,
    ProvisionForm,
    RulesForm,
)
from kg_build.names import Names, index_names
from kg_build.practice import FORMS, PracticeFile

F = TypeVar("F", bound=Form)
PARTS = ("rules", "checks", "cases", "outside", "asked", "practice")
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form stands: file (relative to the corpus folder) and line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行"


@dataclass(frozen=True, slots=True)
class Placed:
    """A form's place and the lines of its fields."""

    place: Place
    fields: dict[str, int]

    def at(self, name: str) -> str:
        """``file 第 N 行 field`` for one field."""
        return f"{self.place.file} 第 {self.fields.get(name, self.place.line)} 行 {name}"


@dataclass(frozen=True, slots=True)
class Rules:
    """A document with its provisions and their places."""

    document: DocumentForm
    provisions: list[ProvisionForm]
    place: Placed
    places: list[Placed]


@dataclass(frozen=True, slots=True)
class SceneChecks:
    """The checks of one scene and their places."""

    scene: str
    checks: list[CheckForm]
    place: Placed
    places: list[Placed]


@dataclass(slots=True)
class Corpus:
    """Everything under corpus/, typed."""

    rules: list[Rules] = field(default_factory=list)
    scenes: list[SceneChecks] = field(default_factory=list)
    cases: list[tuple[CaseForm, Placed]] = field(default_factory=list)
    outside: list[OutsideForm] = field(default_factory=list)
    asked: list[tuple[AskedForm, Placed]] = field(default_factory=list)
    practice: dict[str, PracticeFile] = field(default_factory=dict)
    figures: dict[str, dict[str, frozenset[float]]] = field(default_factory=dict)
    digest: str = ""

    def names(self) -> Names:
        """Every written name of the corpus's documents."""
        return index_names(
            {r.document.id: written_names(r.document) for r in self.rules},
            {r.document.id: r.document.replaces for r in self.rules},
        )


def written_names(document: DocumentForm) -> list[str]:
    """Title, short title, number and aliases of a document."""
    return [document.title, document.short, *([document.number] if document.number else []), *document.aliases]


def default_folder() -> Path:
    """The corpus that is installed with the package."""
    return Path(str(importlib.resources.files("corpus")))


def load(folder: Path) -> Corpus:
    """Read every YAML file below ``folder``; raise :class:`CorpusError` with all problems at once."""
    if not folder.is_dir():
        raise CorpusError([f"{folder}：找不到资料目录；请用 --corpus 指定含 rules、checks、cases 的目录。"])
    corpus, problems, digest = Corpus(), [], hashlib.sha256()
    for path in corpus_files(folder):
        name = path.relative_to(folder).as_posix()
        raw = path.read_bytes()
        digest.update(name.encode() + b"\0" + raw + b"\0")
        try:
            _read_file(corpus, name, raw.decode("utf-8"))
        except UnicodeDecodeError:
            problems.append(f"{name}：不是 UTF-8 编码；请另存为 UTF-8。")
        except CorpusError as error:
            problems.extend(error.problems)
    for path in sorted((folder / "figures").glob("*.json")):
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        try:
            corpus.figures[path.stem] = {at: frozenset(map(float, n)) for at, n in json.loads(raw).items()}
        except (ValueError, TypeError, AttributeError):
            problems.append(f"figures/{path.name}：不是“位置 → 数字”形式的 JSON；请用 python -m bench.figures 重新生成。")
    if problems:
        raise CorpusError(problems)
    corpus.digest = digest.hexdigest()
    return corpus


def corpus_files(folder: Path) -> list[Path]:
    """The YAML files of a corpus in a fixed order."""
    return sorted(p for part in PARTS for p in (folder / part).glob("*.yaml"))


def read_form(form: type[F], name: str, text: str) -> F:
    """The YAML ``text`` of the file called ``name`` as a form; raise :class:`CorpusError` with file, line and field."""
    data, lines = _compose(name, text)
    return _validate(form, data, name, lines)


def _read_file(corpus: Corpus, name: str, text: str) -> None:
    data, lines = _compose(name, text)

    def placed(*path: str | int) -> Placed:
        depth = len(path)
        return Placed(
            Place(name, lines.get(path, 1)),
            {str(p[depth]): n for p, n in lines.items() if len(p) == depth + 1 and p[:depth] == path},
        )

    children = _children(lines)
    if name.startswith("rules/"):
        rules = _validate(RulesForm, data, name, lines)
        places = [Placed(Place(name, n), f) for n, f in children("provisions")]
        corpus.rules.append(Rules(rules.document, rules.provisions, placed("document"), places))
    elif name.startswith("checks/"):
        scene = _validate(ChecksForm, data, name, lines)
        places = [Placed(Place(name, n), f) for n, f in children("checks")]
        corpus.scenes.append(SceneChecks(scene.scene, scene.checks, placed(), places))
    elif name.startswith("outside/"):
        corpus.outside.extend(_validate(OutsideTopicsForm, data, name, lines).topics)
    elif name.startswith("asked/"):
        asked = _validate(AskedQuestionsForm, data, name, lines)
        places = [Placed(Place(name, n), f) for n, f in children("questions")]
        corpus.asked.extend(zip(asked.questions, places, strict=True))
    elif name.startswith("practice/"):
        stem = Path(name).stem
        if stem not in FORMS:
            known = "、".join(f"{n}.yaml" for n in sorted(FORMS))
            raise CorpusError([f"{name} 第 1 行 文件：practice 下没有这个名称的资料；只能是 {known}。"])
        corpus.practice[stem] = PracticeFile(name, _validate(FORMS[stem], data, name, lines), lines)
    else:
        cases = _validate(CasesForm, data, name, lines)
        places = [Placed(Place(name, n), f) for n, f in children("cases")]
        corpus.cases.extend(zip(cases.cases, places, strict=True))


def _children(lines: dict[Path_, int]) -> Any:
    """A function listing, for a top-level list, each entry's line and its fields' lines."""

    def entries(key: str) -> list[tuple[int, dict[str, int]]]:
        found: dict[int, tuple[int, dict[str, int]]] = {}
        for path, line in lines.items():
            if len(path) >= 2 and path[0] == key and isinstance(path[1], int):
                _, fields = found.setdefault(path[1], (lines[path[:2]], {}))
                if len(path) == 3:
                    fields[str(path[2])] = line
        return [found[i] for i in sorted(found)]

    return entries


def _compose(name: str, text: str) -> tuple[Any, dict[Path_, int]]:
    """Parse YAML into plain data plus the line of every node; refuse duplicate keys."""
    lines: dict[Path_, int] = {}
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        node = loader.get_single_node()
        if node is None:
            raise CorpusError([f"{name} 第 1 行：文件是空的。"])
        return _plain(loader, node, (), lines, name), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
        raise CorpusError([f"{name} {where}：YAML 写法有误（{error.problem}）；请检查缩进、冒号和引号。"]) from error
    except yaml.YAMLError as error:
        raise CorpusError([f"{name}：YAML 写法有误（{error}）。"]) from error


def _plain(loader: Any, node: yaml.Node, path: Path_, lines: dict[Path_, int], name: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)  # not constructed: YAML 1.1 would read `on:` as true
            line = key_node.start_mark.line + 1
            if key in result:
                raise CorpusError([f"{name} 第 {line} 行 {key}：同一处重复出现了这个字段；请删去一个。"])
            lines[(*path, key)] = line
            result[key] = _plain(loader, value_node, (*path, key), lines, name)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, child, (*path, i), lines, name) for i, child in enumerate(node.value)]
    # Numbers, dates and booleans stay as written (the forms convert them): read by YAML, clause 5.10 would become 5.1.
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _validate(form: type[F], data: Any, name: str, lines: dict[Path_, int]) -> F:
    try:
        return form.model_validate(data)
    except ValidationError as error:
        raise CorpusError(sorted(_problems(error, name, lines))) from error


_MESSAGES = {
    "missing": "缺少必填字段",
    "extra_forbidden": "不认识的字段，请对照 docs/corpus.md 改正或删去",
    "literal_error": "只能是 {expected} 之一",
    "string_type": "应当是文字（含冒号时请加引号）",
    "string_too_short": "太短（至少 {min_length} 个字）",
    "string_too_long": "太长（最多 {max_length} 个字）",
    "string_pattern_mismatch": "写法不符合要求（格式 {pattern}）",
    "list_type": "应当是列表",
    "too_short": "至少要有一项",
    "float_type": "应当是数",
    "float_parsing": "应当是数",
    "int_type": "应当是整数",
    "int_parsing": "应当是整数",
    "greater_than_equal": "不能小于 {ge}",
    "bool_type": "应当是 true 或 false",
    "bool_parsing": "应当是 true 或 false",
    "date_type": "应当是日期，如 2024-01-01",
    "date_from_datetime_parsing": "应当是日期，如 2024-01-01",
    "date_parsing": "应当是日期，如 2024-01-01",
    "model_type": "应当是一组字段",
    "dict_type": "应当是一组字段",
}


def _problems(error: ValidationError, name: str, lines: dict[Path_, int]) -> Iterator[str]:
    for problem in error.errors():
        path = tuple(problem["loc"])
        known = path
        while known and known not in lines:
            known = known[:-1]
        message = _MESSAGES.get(problem["type"])
        if message:
            message = message.format_map({**problem.get("ctx", {})})
        else:
            message = str(problem.get("ctx", {}).get("error", problem["msg"]))
        where = ".".join(str(p + 1) if isinstance(p, int) else p for p in path) or "文件"
        yield f"{name} 第 {lines.get(known, 1)} 行 {where}：{message}。"


def main(arguments: Sequence[str]) -> int:
    """Check a corpus folder (all of it, or what one file says) and print each problem on a line."""
    from kg_build.validation import check_folder

    only = arguments[arguments.index("--file") + 1] if "--file" in arguments else None
    folder = Path(arguments[0]) if arguments and not arguments[0].startswith("--") else default_folder()
    problems = check_folder(folder, only)
    for problem in problems:
        sys.stdout.write(problem + "\n")
    sys.stdout.write(f"{len(problems)} 处错误\n" if problems else "没有发现错误\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
