"""What a question says: cleaned words, citations, recognized concepts, and whether it asks what a breach costs."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

from assistant.cited import cited
from assistant.entities import Provision
from assistant.knowledge import Knowledge
from kg_build.errors import UsageError
from kg_build.tagging import Mention, Tagger

MAX_CHARS = 2000
_HAN = re.compile(r"[\u4e00-\u9fff]")
_INTENTS = {
    "penalty": re.compile(r"罚|处罚|处分|多少钱|什么后果|后果|坐牢|判刑|刑事|拘留|吊销|停产|追究|责任大|赔"),
    "procedure": re.compile(
        r"手续|流程|怎么办|怎么申|去哪|哪里办|找谁|报给|上报|备案|申请|审批|几天内|多长时间内"
        r"|材料|延期|变更|谁批|谁签"
    ),
    "definition": re.compile(r"算不算|是不是|什么叫|什么是|算什么|属于|包不包括|包括哪些|指的是|有哪些|归不归|归谁"),
    "threshold": re.compile(
        r"多少|多久|多远|多高|多大|多长|几个|几人|几天|几年|几米|几次|几分钟|几小时|上限|下限|最多|最少|至少|间隔|距离|浓度|限值"
    ),
    "case": re.compile(r"案例|例子|先例|被罚过|出过(?:什么)?事|有没有.{0,12}(?:被罚|判|出事)|别人家|别的厂"),
}
"""What a question asks for, besides what must be done."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood."""

    text: str
    cited: tuple[Provision, ...]
    possible: tuple[Provision, ...]
    cited_documents: tuple[str, ...]
    mentions: tuple[Mention, ...]
    intents: frozenset[str]
    notices: tuple[str, ...]

    @property
    def wants_penalty(self) -> bool:
        """Whether it asks what a breach costs."""
        return "penalty" in self.intents

    @property
    def concepts(self) -> tuple[str, ...]:
        """IRIs of the recognized concepts, once each, in order."""
        return tuple(dict.fromkeys(m.concept_iri for m in self.mentions))


def clean(text: str) -> str:
    """The question without control characters; raise :class:`UsageError` when nothing is left to search."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    plain = re.sub(r"\s+", " ", plain).strip()
    if not plain:
        raise UsageError("问题是空的；请写一句话，例如“员工进污水池清淤要办什么手续”。")
    if len(plain) > MAX_CHARS:
        raise UsageError(f"问题太长（{len(plain)} 字，最多 {MAX_CHARS} 字）；请只写要问的那件事，或分几次提问。")
    if not any(c.isalnum() for c in plain):
        raise UsageError("问题里没有可检索的文字；请用中文写一句话，例如“仓库里能不能充电动车”。")
    return plain


def understand(text: str, knowledge: Knowledge, tagger: Tagger, day: datetime.date | None = None) -> Question:
    """Read a question about the law of ``day``; citations to places that don't exist become notices, not errors."""
    plain = clean(text)
    reading = cited(plain, knowledge, day or datetime.date.today())
    if not _HAN.search(plain) and not (reading.provisions or reading.documents or reading.possible):
        if not reading.notices:
            raise UsageError("目前只能用中文提问，或直接写文号和条款（如 GB 30871-2022 5.2）；请改用中文再试。")
        if not knowledge.names.named(plain) and not reading.current:
            raise UsageError(reading.notices[0].split("；")[0].rstrip("。") + "；请核对标准号或条款号。")
    return Question(
        text=plain,
        cited=tuple(dict.fromkeys(reading.provisions)),
        possible=tuple(dict.fromkeys(reading.possible)),
        cited_documents=tuple(dict.fromkeys(reading.documents)),
        mentions=tuple(tagger.tag(plain)),
        intents=frozenset(name for name, pattern in _INTENTS.items() if pattern.search(plain)),
        notices=tuple(dict.fromkeys(reading.notices)),
    )


def parse_day(text: str | None, today: datetime.date) -> datetime.date:
    """The day the law is asked for; raise :class:`UsageError` when it is no date."""
    if not text:
        return today
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"日期“{text}”看不懂；请写成 2026-05-01 这样的形式。") from error
