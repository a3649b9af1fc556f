"""Case → a story for a lesson: what happened in which order, a tree of causes, the rules broken and what that costs.

Nothing here knows more than the case: the timeline is its facts, sentence by sentence; each cause is a part of its facts,
its lesson, or a provision it broke (or that corresponds today), sorted by the words it uses.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel

from assistant.entities import Case
from assistant.knowledge import Knowledge
from assistant.models import PenaltyOut, ProvisionOut, SourceOut, case_out, penalty_out
from assistant.quiz_question import Cited

Level = Literal["direct", "indirect", "management"]
LEVEL_LABELS: dict[Level, str] = {"direct": "直接原因", "indirect": "间接原因", "management": "管理原因"}
SourceKind = Literal["facts", "lesson", "violated", "corresponds"]
SOURCE_LABELS: dict[SourceKind, str] = {
    "facts": "案情",
    "lesson": "教训",
    "violated": "公布材料认定违反",
    "corresponds": "编者对照的现行条款",
}
NO_CAUSE = "公布的材料没有写到。"
CASE_NOTE = "本案是查处的案件，不是事故；各层是查到的问题按用语归类，供讨论用，不是执法机关的认定。"
CAUSES_NOTE = "各层原因按案情、教训和条款的用语归类，供讨论用，不是调查报告的认定。"
TIMED_NOTE = "时间取自公布的材料；没有写时间的，按叙述的先后排列。"
UNTIMED_NOTE = "公布的材料没有写各步的时间，下面按叙述的先后排列。"

_CLOCK = "(?:凌晨|清早|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|夜里|深夜)"
_WHEN = re.compile(
    rf"(?:\d{{4}}年)?(?:\d{{1,2}}月)(?:\d{{1,2}}日)?{_CLOCK}?(?:\d{{1,2}}[时点](?:\d{{1,2}}分|半|多|左右)*)?"
    rf"|{_CLOCK}(?:\d{{1,2}}[时点](?:\d{{1,2}}分|半|多|左右)*)?|\d{{4}}年|\d{{1,2}}时\d{{1,2}}分"
    r"|约?\d+(?:多)?(?:秒|分钟|个?小时|天)(?:后|内)|次日|第二天|当晚|当天|当日"
)
_NEXT = re.compile(r"，(?=随后|接着|紧接着|然后|之后|后来|继而|约?\d+(?:多)?(?:分钟|个?小时|天)后|次日|第二天|当晚)")
# What a report or a court concluded is no event; what the publication left open is neither event nor cause.
_FOUND = re.compile(
    "^(?:报告|调查组|调查|通报|法院|检察|执法机关|应急|裁量)[^，]{0,6}(?:指出|认定|认为|查明|显示|暴露)|^裁量"
)
_AUTHORITY = re.compile(
    "^(?:执法机关|讲解|[市区县]政府|[市区]?应急管理?[局部]|[市区]应急|检察|法院|公安)(?!.*(?:发现|查明|查到))|聘请"
)
_PREFIX = re.compile("^(?:报告|调查组|调查|通报)(?:还|又|也)?(?:指出|认定|认为|查明|显示)，?")
_UNKNOWN = re.compile(
    "转载|单位名称|没有读到|读到的内容|读到的转载|公布时|公布的内容|公布的材料|没有给出|列入.{0,14}(?:通报|案例)|没有标|没有显示|集中曝光"
)
_ASIDE = re.compile("（[^）]*没有[标写显]?[^）]*）")

_HARM = re.compile("死|遇难|身亡|坠亡|轻伤|重伤|受伤|伤者|伤亡|损失|不治|抢救|过火|[0-9一二三]伤")
_TOLL = re.compile("^(?:造成|致|最后|最终|共)?[0-9一二三两]+(?:人|名|死|伤).*[死伤]|批复|移送|立案|批捕|起诉")
_HOW = re.compile("中毒|窒息|坠|砸|触电|爆|碾|挤|卡|坍塌|倒塌|撞|烫|淹|埋|烧")
_WHY = re.compile("引发|引起|引燃|点燃|导致|由于|因为|造成")
_LACK = re.compile(
    "(?<!有)没|未|不|无|缺|失效|损坏|锈|破损|关停|关闭|拆|瞒|躲|拒|重效益|擅自|私自|违章|违规|违反|混乱|转包|借用资质"
)
_MANAGED = re.compile(
    "制度|责任制|培训|教育|交底|审批|批准|作业票|办票|排查|辨识|评估|管理|监督|分工|预案|演练|发包|承包|外包|转包|资质|资格|无证|手续|许可|执照|"
    "验收|预防机制|台账|建账|投入|监护|协调|规程|方案|组织疏散|持证|作业证|操作证|登记|备案|记录|处置不当|躲避监管|重效益|整改|协议|没人组织"
)
_GUARDED = re.compile(
    "装置|设施|防护|报警|监测|探测|泄爆|泄压|接地|跨接|防爆|联锁|护栏|标志|标识|警示|通风|检测|测气|照明|安全带|呼吸器|消防|灭火|防火|抑爆|隔爆|"
    "控爆|防雨|防水|开关|盖子|安全阀|支护|支腿|检验|校验|措施"
)
_MECHANISM = re.compile(
    "起火|着火|爆炸|爆燃|闪爆|闪火|泄漏|漏|中毒|窒息|缺氧|倒下|坠|坍塌|倒塌|触电|砸|碾|挤|卡|断裂|倾翻|翻倒|溢|窜|串入|进入|积粉|积尘|积聚|堆积|"
    "集聚|积下|积得|掉落|倾倒|放电|带电|碰|电焊|焊渣|吸烟|烟蒂|烟头|抽出|失控|超载|超速|超员|超量|超压|下池|进塔|进舱|堆在|堆放"
)
_RULE_OF_MANAGEMENT = re.compile(
    "制度|责任制|教育|培训|交底|审批|排查|辨识|管控|统一协调|预案|演练|投入|管理机构|职责|协议|台账|发包|承包|双重预防|安全生产条件"
)
# A lesson on fines and articles teaches law, not causes.
_ON_LAW = re.compile(
    "今天的法律|期限|罚|条号|条款|旧法|旧规章|新旧|法庭|撤|追究|追责|刑|处分|立案|裁量|责任主体|[二三四五六七八九十]条"
)
MOST_RULES = 3
"""How many provisions a level of the tree names."""


class Event(BaseModel):
    """A step of a timeline; ``when`` is empty where the publication gives no time."""

    when: str
    what: str
    kind: Literal["event", "harm", "outcome"]


class Timeline(BaseModel):
    """What happened, in order; ``timed`` tells whether the publication gives times, ``note`` says so to the reader."""

    timed: bool
    note: str
    events: list[Event]


class Cause(BaseModel):
    """One node of a cause tree; ``heading`` and ``citations`` are empty where it is the case's own words."""

    text: str
    heading: str = ""
    source: SourceKind
    citations: list[Cited]

    @property
    def source_label(self) -> str:
        """案情, 教训, 公布材料认定违反 or 编者对照的现行条款."""
        return SOURCE_LABELS[self.source]


class CauseLevel(BaseModel):
    """直接原因, 间接原因 or 管理原因 with its nodes; without any, the publication tells none."""

    level: Level
    label: str
    causes: list[Cause]


class CauseTree(BaseModel):
    """What led to ``result``, level by level."""

    result: str
    note: str
    levels: list[CauseLevel]


class Story(BaseModel):
    """A case told shortly, the rules it broke as they read today, and what that costs."""

    case: str
    type_label: str
    title: str
    setting: str
    happened: str
    ended: str
    lesson: str
    timeline: Timeline
    causes: CauseTree | None
    rules: list[ProvisionOut]
    penalties: list[PenaltyOut]
    source: SourceOut


def tell(case: Case, knowledge: Knowledge, day: datetime.date) -> Story:
    """The story of a case with the law of ``day``."""
    shown = case_out(case, knowledge, day)
    when = f"{case.date.year}年{case.date.month}月{case.date.day}日" if case.date else ""
    rules = [p for p in (*shown.violated, *shown.corresponds) if p.in_force]
    broken = [knowledge.provision_by_id[p.id] for p in rules]
    punished = [*case.penalty_basis, *(i for p in broken for i in p.penalized_by)]
    penal = [knowledge.provisions[i] for i in dict.fromkeys(punished)]
    harm = harm_of(case)
    ended = [part for part in (harm, (case.outcome or "").rstrip("。")) if part]
    violated = {p.id for p in shown.violated}
    return Story(
        case=case.id,
        type_label=shown.type_label,
        title=case.title,
        setting="，".join(part for part in (when, case.region, case.party) if part),
        happened=case.facts,
        ended="；".join(ended) + "。" if ended else "公布的材料没有写明处理结果。",
        lesson=case.lesson,
        timeline=timeline(case),
        # Where nothing was punished the case teaches law, not how it came to harm.
        causes=cause_tree(case, rules, violated) if case.type != "no_penalty" else None,
        rules=rules,
        penalties=[penalty_out(p, knowledge, day) for p in penal if p.document.is_in_force(day)],
        source=shown.source,
    )


def harm_of(case: Case) -> str:
    """死亡3人、受伤1人; empty where the case gives no number."""
    harm = [f"死亡{case.deaths}人"] if case.deaths else []
    harm += [f"受伤{case.injuries}人"] if case.injuries else []
    return "、".join(harm)


def timeline(case: Case) -> Timeline:
    """The facts of a case in the order they are told, then the harm and what came of it."""
    told = [part for s in _sentences(case.facts) if not _FOUND.match(s) for part in _NEXT.split(s) if part]
    steps: list[str] = []
    for part in told:
        if steps and re.match("(?:直接经济)?损失", part):
            steps[-1] += f"，{part}"
        else:
            steps.append(part)
    events = [Event(when=_when(step), what=step + "。", kind="event") for step in steps]
    timed = any(re.search(r"\d", e.when) for e in events)
    if harm := harm_of(case):
        events.append(Event(when="", what=f"后果：{harm}。", kind="harm"))
    if case.outcome:
        events.append(Event(when="", what=f"处理：{case.outcome}", kind="outcome"))
    return Timeline(timed=timed, note=TIMED_NOTE if timed else UNTIMED_NOTE, events=events)


def _sentences(text: str) -> list[str]:
    """The sentences of a text without what they say of the publication itself."""
    clauses = ([c for c in s.split("，") if not _UNKNOWN.search(c)] for s in re.split("[。；]", _ASIDE.sub("", text)))
    return ["，".join(kept) for kept in clauses if "".join(kept).strip()]


def _when(text: str) -> str:
    found = _WHEN.search(text)
    return found[0] if found else ""


def cause_tree(case: Case, rules: Iterable[ProvisionOut], violated: set[str]) -> CauseTree:
    """The causes that the facts, the lesson and the provisions broken speak of."""
    found: dict[Level, list[Cause]] = {level: [] for level in LEVEL_LABELS}
    for at, text in _of_facts(case.facts):
        found[at].append(Cause(text=text + "。", source="facts", citations=[]))
    named: dict[Level, int] = dict.fromkeys(LEVEL_LABELS, 0)
    for rule in rules:
        gist = " ".join((rule.gist or "").split())
        managed = _RULE_OF_MANAGEMENT.search((rule.heading or "") + gist)
        level: Level = "management" if managed and not rule.major_hazard else "indirect"
        if gist and rule.modality != "罚则" and named[level] < MOST_RULES:
            named[level] += 1
            source: SourceKind = "violated" if rule.id in violated else "corresponds"
            cited = [Cited(id=rule.id, citation=rule.citation)]
            found[level].append(Cause(text=gist, heading=rule.heading or "", source=source, citations=cited))
    for part in _sentences(case.lesson):
        managed = _MANAGED.search(part)
        if not _ON_LAW.search(part) and (managed or _GUARDED.search(part)):
            found["management" if managed else "indirect"].append(Cause(text=part + "。", source="lesson", citations=[]))
    harm = harm_of(case)
    return CauseTree(
        result=f"{case.title}（{harm}）" if harm else case.title,
        note=CAUSES_NOTE if case.type == "accident" else CASE_NOTE,
        levels=[CauseLevel(level=level, label=label, causes=found[level]) for level, label in LEVEL_LABELS.items()],
    )


def _of_facts(facts: str) -> Iterator[tuple[Level, str]]:
    """The clauses of the facts that tell of a cause; neighbors of one level stay together, with what leads up to them."""
    for sentence in _sentences(facts):
        if _AUTHORITY.search(sentence) and not _FOUND.match(sentence):
            continue
        concluded = bool(_FOUND.match(sentence))
        at: Level | None = None
        held: list[str] = []
        for clause in _PREFIX.sub("", sentence).split("，"):
            level = _level(clause, concluded)
            if level is None and not _HARM.search(clause) and not _TOLL.search(clause):
                held.append(clause)
            elif level is None or (at is not None and level != at):
                if at is not None:
                    yield at, "，".join(held)
                held, at = ([] if level is None else [clause]), level
            else:
                held.append(clause)
                at = level
        if at is not None:
            yield at, "，".join(held)


def _level(clause: str, concluded: bool) -> Level | None:
    """Where the words of a clause place it; ``None`` when it tells of no cause."""
    if "直接原因" in clause:
        return "direct"
    if _TOLL.search(clause) or (_HARM.search(clause) and not (_HOW.search(clause) or _WHY.search(clause))):
        return None
    lacks = _LACK.search(clause)
    if lacks and _MANAGED.search(clause):
        return "management"
    if lacks and _GUARDED.search(clause):
        return "indirect"
    if _WHY.search(clause):
        return "direct"
    if concluded:
        return "management" if lacks else None
    if _MECHANISM.search(clause) or _HARM.search(clause):
        return "direct"
    return ("management" if re.search("公司|企业|单位|要求|规定", clause) else "direct") if lacks else None
