"""Check → what an inspector may see on site: once in order, once not, both told in the same plain form.

A check asks “S是否P？”. In order, the site shows “SP”. Not in order, it shows one of these, whichever its words allow:

* measure — the number or interval it demands is missed by a made number (“物品与墙的距离0.3m”, “每季度检查1次”);
* omission — a part that it demands beside others is not there (an item of a list, “并…”);
* reversal — what must not be, is (“没有堆物” → “有堆物的情况”);
* negation — what must be, is not (“没有办理…”).

A check whose words fit none of them is left out rather than bent.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Way = Literal["measure", "omission", "reversal", "negation"]

# Words that make a condition or an alternative of what follows: leaving out or turning round a part says nothing then.
_CONDITION = re.compile(
    "的，|任一|之一|必要时|确需|除外|按规定应当|按需|如有|如果|不足|这三种|优先|尽量|避免|发生|事故后|出现|紧急情况"
)
_LONGEST = 90
# An aside in the demand may stay when it only explains; not when it says what does not count, or stands in the middle.
_ASIDE = re.compile("（[^）]*[没无未不除限即特仅可][^）]*）|）[^，。]|^[^（]*）")
_DONE = re.compile(
    "办理|建立|制定|设置|配备|取得|组织|采取|指定|安装|安排|成立|编制|接受|告知|签订|约定|开展|划定|张贴|购买|投保|委托|明确|登记|公布"
)
_ABLE = "持|穿|戴|佩戴|装|设|配|接|挂|经过|经|接受|取得|办理|登记|检测|检验|放|落实|由|按"
_PLAIN = (
    "办理|建立|制定|设置|配备|取得|组织|采取|指定|安装|安排|成立|编制|接受|告知|签订|约定|开展|划定|张贴|购买|投保|委托|明确|登记|公布|落实|佩戴|"
    "穿|保持|停止|清理|辨识|写明|经|按|由|向|对|定期|及时|如实|重新|逐项|逐级|逐一|单独|全程|事先|先|每次|立即|采用|使用|使用了|接入|接|贴|做|做了|装|设|"
    "配|列入|报|安全|检查|确认|查验|核对|妥善|可靠|分别|各自|严格"
)
_STATES = "畅通|完好|牢固|清楚|有效|正常|灵敏|一致|符合|适应|适用|准确|整洁|平整|能|会|知道"
_LESS = {
    "每天": "每周",
    "每日": "每周",
    "每周": "每月",
    "每月": "每季度",
    "每季度": "每半年",
    "每半年": "每年",
    "每年": "每两年",
}
_EVERY = re.compile("(?:至少)?(每天|每日|每周|每月|每季度|每半年|每年)(?:至少)?(?=[^，\\d]{0,20}(?:一|1)次)")
_UNITS = "个工作日|个月|小时|分钟|万元|学时|mg/m3|kPa|MPa|min|mm|cm|Ω|年|日|天|人|名|米|%|h|m"
_NUMBER = re.compile(rf"(不小于|不少于|不低于|不大于|不超过|不高于)(\d+(?:\.\d+)?)({_UNITS})(?![A-Za-z\d²³])")
_WITHIN = re.compile(r"在(\d+)(个工作日|日)内")
_AT_LEAST = ("不小于", "不少于", "不低于")
_AND = re.compile("，?(?<![合一归火兼])(?:并且|并|且)(?![联列网排购行非发未不没无])")
_COMMA = re.compile("，(?!包括|覆盖|写明|写清|如)")
_TIED = re.compile("，|才|没有|不|时|后|的[设停由及先]|照此|其中")
_ALONE = re.compile("有|形成|由|经|把|报|在|与|提前|如实|及时|张贴|处于|明确|落实|挂|留")
_SHARES = re.compile(f"(?:{_PLAIN}|维护|实施|保养|选用|使用|更新|穿着|管理|审核|执行|填写|储存|标识|分级|评估)$")
_LIST = re.compile(
    "(写明|写清|写有|写全|注明|载明|列明|标明|讲清|讲明|覆盖|包括|配备|配有|配齐|明确|记录|告知|核对|查验|张贴|测了|穿戴|佩戴)(了?)"
    "((?:[^，、；和及与等并且的（）]{2,16}、)+[^，、；和及与等并且的（）]{2,16}(?:(?:和|以及|及)[^，、；和及与等并且的（）]{2,16})?)"
    "(?=$|，|并|且|的|（)"
)


@dataclass(frozen=True, slots=True)
class Sight:
    """A check as seen on site: the words in order, the words not in order, and what is wrong with the latter."""

    fine: str
    failed: str
    gap: str
    way: Way


def sights(ask: str, rng: random.Random) -> list[Sight]:
    """The ways in which a check can be seen on site; none where its words can't be turned soundly."""
    if ask.count("是否") != 1 or _CONDITION.search(ask) or not ask.endswith("？") or len(ask) > _LONGEST:
        return []
    subject, demand = ask.removesuffix("？").split("是否")
    if _ASIDE.search(demand) or re.search("：|；|或", demand) or len(demand) < 3:
        return []
    found = [*_measures(subject, demand, rng), *_omissions(subject, demand, rng)]
    if not found:
        found = [*_reversals(subject, demand), *_negations(subject, demand)]
    return [s for s in found if s.fine != s.failed]


def _told(subject: str, demand: str) -> str:
    """A demand as a fact: 办理作业票 → 办理了作业票."""
    verb = _DONE.match(demand)
    if verb and not demand.startswith(("了", "的"), verb.end()):
        demand = f"{verb[0]}了{demand[verb.end() :]}"
    return subject + demand


def _measures(subject: str, demand: str, rng: random.Random) -> Iterator[Sight]:
    every = _EVERY.findall(demand)
    numbers = _NUMBER.findall(demand)
    within = _WITHIN.findall(demand)
    limits = re.findall("每(?!次|个|处|名|台|项|人)|不[小少低大超高]", demand)
    if len(every) + len(numbers) + len(within) != 1 or len(limits) > 1 or "没有" in demand or subject.endswith("等"):
        return
    if every:
        usual, less = every[0], _LESS[every[0]]
        yield Sight(
            subject + _EVERY.sub(usual, demand),
            subject + _EVERY.sub(less, demand),
            f"要求至少{usual}，现场是{less}",
            "measure",
        )
    elif numbers:
        word, number, unit = numbers[0]
        good, bad = _values(float(number), word in _AT_LEAST, whole="." not in number and unit not in ("m", "米"), rng=rng)
        if bad is None or good is None:
            return
        joint = "了" if re.search(f"(?:保存|留存|静置|通风|培训){word}", demand) else "为"
        shown = [subject + _NUMBER.sub(f"{joint}{value}{unit}", demand) for value in (good, bad)]
        yield Sight(shown[0], shown[1], f"要求{word}{number}{unit}，现场是{bad}{unit}", "measure")
    else:
        number, unit = within[0]
        good, bad = _values(float(number), False, whole=True, rng=rng)
        shown = [_told(subject, _WITHIN.sub(f"在第{value}{unit}", demand)) for value in (good, bad)]
        yield Sight(shown[0], shown[1], f"要求在{number}{unit}内，现场是第{bad}{unit}", "measure")


def _values(limit: float, at_least: bool, *, whole: bool, rng: random.Random) -> tuple[str | None, str | None]:
    """A number that keeps a limit, and one that misses it clearly; ``None`` where there is none."""
    more, less = limit * rng.choice((1.2, 1.4)), limit * rng.choice((0.5, 0.7))
    if whole:
        more, less = max(limit + 1, round(more)), min(limit - 1, round(less))
    shown = [f"{round(value, 2):g}" if value > 0 else None for value in (more, less)]
    return (shown[0], shown[1]) if at_least else (shown[1], shown[0])


def _omissions(subject: str, demand: str, rng: random.Random) -> Iterator[Sight]:
    refused = demand.startswith(("没有", "不", "无", "都不"))
    fine = _told(subject, demand)
    joint = _last_joint(demand)
    if joint:
        head, tail = demand[: joint.start()], demand[joint.end() :]
        yield Sight(fine, _told(subject, head), f"没有查到“{tail.removeprefix('并')}”", "omission")
    if refused:
        return
    lists = list(_LIST.finditer(demand))
    if len(lists) == 1:
        listed = lists[0]
        items = re.split("、|和|以及|及", listed[3])
        if len(items) >= 3:
            gone = rng.choice(items[1:])
            kept = [i for i in items if i != gone]
            words = "、".join(kept[:-1]) + "和" + kept[-1]
            failed = demand[: listed.start(3)] + words + demand[listed.end(3) :]
            yield Sight(fine, _told(subject, failed), f"没有查到“{gone}”", "omission")


def _last_joint(demand: str) -> re.Match[str] | None:
    """Where the last part that a demand joins to the others begins, if both halves can stand alone."""
    joints = list(_AND.finditer(demand)) or list(_COMMA.finditer(demand))
    if not joints:
        return None
    head, tail = demand[: joints[-1].start()], demand[joints[-1].end() :]
    if len(head.rpartition("，")[2]) < 4 or len(tail) < 3 or head.count("（") != head.count("）"):
        return None
    if "不合格" in head or _TIED.search(tail):
        return None
    # 设置并维护设施: both verbs share the object, so the first half alone says nothing.
    shares = _SHARES.search(head) or "、" in head[-3:]
    return None if shares and not _ALONE.match(tail) else joints[-1]


def _reversals(subject: str, demand: str) -> Iterator[Sight]:
    if match := re.fullmatch("都不((?:采用|使用|设|放|用|存|堆)[^，并且也]{2,})", demand):
        yield Sight(subject + demand, f"{subject}有的{match[1]}", f"不应当{match[1]}", "reversal")
    match = re.fullmatch("(没有|无)([^，并且也]{2,})", demand)
    if not match or "没有" in match[2]:
        return
    what = match[2]
    plain = what.startswith("人") or what.endswith("障碍物")
    failed = f"有{what}" if plain else f"有{what}的情况"
    yield Sight(subject + demand, subject + failed, f"不应当{failed}", "reversal")


def _negations(subject: str, demand: str) -> Iterator[Sight]:
    if re.search("，|并|且|没有|而|才|不|只", demand):
        return
    fine = _told(subject, demand)
    failed = ""
    if demand.startswith("都"):
        rest = demand.removeprefix("都")
        if rest.startswith("在"):
            failed = f"有的不{rest}"
        elif rest.startswith("有"):
            failed = f"有的没{rest}"
        elif re.match(f"(?:{_ABLE})", rest):
            failed = "有的没有" + re.sub(f"^已?({_ABLE})了", r"\1", rest)
    elif demand == "齐全有效":
        failed = "失效"
    elif demand.startswith("有"):
        failed = f"没{demand}"
    elif demand.startswith("在"):
        failed = f"不{demand}" if demand.endswith("内") else ""
    elif re.fullmatch(f"(?:{_STATES}).*", demand):
        failed = f"不{demand}"
    elif demand.startswith(("装有", "设有", "配有", "留有", "写有", "备有")):
        failed = f"没有{demand[0]}{demand[2:]}"
    elif demand.startswith("已"):
        failed = f"还没有{demand.removeprefix('已经').removeprefix('已')}"
    elif match := re.match(f"({_PLAIN})(了?)", demand):
        rest = re.sub("(做|接受|取得|办理|签订|建)了", r"\1", demand[match.end() :])
        failed = f"没有{match[1].removesuffix('了')}{rest}"
    if failed:
        yield Sight(fine, subject + failed, "没有做到", "negation")
