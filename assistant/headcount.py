"""The number of people in a description: 20人, 员工三百多人, 一百来号人, 从业人员 120 — not 焊工3人, not 2人死亡."""

from __future__ import annotations

import re

import cn2an
from pydantic import BaseModel

from kg_build.tagging import fold

_DIGITS = "零〇一二两三四五六七八九"
# As forms write them, and short words: 伍拾贰人, 廿三人, 俩学徒.
_FORMAL = str.maketrans(
    dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千", strict=True))
    | {"廿": "二十", "卅": "三十", "俩": "二", "仨": "三"}
)
_NUMBER = (
    rf"(?:\d+(?:[,，]\d{{3}})*(?:\.\d+)?[百千万]?"
    rf"|(?<!双)(?<!双十)(?!(?<=[人总])数|(?<=队)伍)[{_DIGITS}十百千万几数壹贰叁肆伍陆柒捌玖拾佰仟廿卅]+|[俩仨])"
)
_BEFORE = r"(?:大约|大概|差不多|将近|接近|不到|不足|不满|少于|超过|不超过|不少于|至少|最多|约|近|逾|超|上)?"
_AFTER = r"(?:多|余|几|来|把)?"
_SPAN = rf"(?P<low>{_NUMBER})(?:\s*[-~～—–至到]\s*(?P<high>{_NUMBER}))?"
_TAIL = r"(?:一点|左右|上下|以上|以下|以内|挂零|出头|冒头|开外|往上)?"
_COUNTER = r"(?:个|名|号|位|口子|口|来号|多号|余名|余位|几号|几个|多个|多名|来个|来名|余号|把个)?"
# The whole staff; nobody comes on top of it.
_WHOLE = (
    r"从业人员|员工总数|职工总数|员工人数|职工人数|总人数|用工总数|人员总数|全体员工|全体职工|全厂|全公司|全店|全院|全校|全站|全所|上上下下|一共|总共|共计|合计"
    r"|加起来|合起来|算起来|通共|拢共|统共|拢总|满打满算|全算上|都算上|人数|编制|定员|共有|总计|共|连我|加我|算上我|加上我|带上我|连老板|算上老板|全队|全部人马|常白班"
)
# The plant's own people; 派遣工 and 临时工 listed beside them come on top.
_STAFF = (
    r"在职人员|在职员工|在职职工|在册员工|在册职工|在册人员|在册|在编人员|在编|正式员工|正式职工|正式工|正编|合同制员工|合同工|固定员工|固定工|长期工|自有员工|自有人员|自有职工"
    r"|人员正式的|正式的|正式|自家人|人有|人大概|人也就|人差不多|人不多|本公司|本厂|本店|本单位|自己员工|自己人|本厂人员|本厂员工|本厂职工|教职员工|教职工|教职人员|医务人员|全职员工|全职|员工|职工|雇员|用工|人员|人手|伙计|店员"
)
_EXTRA = (
    r"劳务派遣工|劳务派遣人员|劳务派遣员工|劳务派遣|派遣工|派遣员工|派遣人员|派遣|临时工|临时人员|临工|劳务工|劳务人员|季节工|短工|小时工|钟点工|兼职人员|兼职|零工|日结工|返聘人员"
    r"|派来的|派来|帮工|计时工|请的|雇的|请来的|返聘|实习生|学徒工|学徒|外聘人员|外聘|聘用人员|编外人员|编外|合同制|农民工"
)
_PARTS = (
    r"管理人员|办公人员|行政人员|技术人员|生产人员|操作人员|作业人员|施工人员|后勤人员|销售人员|工作人员|一线工人|一线员工|一线人员|一线|生产工人|车间工人|普工|技工|操作工|工人|女工|男工"
    r"|车工|钳工|包装工|搬运工|装卸工|质检员|检验员|化验员|保管员|仓管员|仓管|仓库管理员|管理员|加油员|分拣员|快递员|押运员|驾驶员|司机|配送员|营业员|收银员|服务员|厨师|厨工|小工|杂工"
    r"|保安|门卫|保洁员|保洁|维修工|维修人员|运维人员|运行人员|值班人员|护理员|护理人员|护工|护士|医生|医护人员|医护|医师|药师|教师|老师|保育员|文员|会计|财务|销售|行政|后勤|管理层|管理"
    r"|研发人员|研发|技术员|工程师|饲养员|社员|装配工|安装工|缝纫工|挡车工|喷漆工|打磨工|冲压工|机修工|木工|瓦工|泥工|架子工|水电工|熔炼工|炉前工|抛光工|注塑工"
    r"|印刷工|分拣工|打包工|理货员|养殖员|屠宰工|面点师|前台|客服|采购|质检|调度员|调度|值守人员|留守人员|检测员|修理工|安保人员|安保|经理|店长"
    r"|女的|男的|职员|维修|装卸|售票|兽医|校医|徒弟|师徒|大夫|阿姨|乘务员|乘务|站务员|站务|调车员|押运|值班|库管|送气工|送水工|送货工|洗碗工|打荷|服务生"
    r"|老工人|外地工|本地工|熟练工|小姑娘|姑娘|小伙子|小伙|大姐|老师傅|干活的|看门的|看店的|看库的|做饭的|烧饭的|送货的|开车的|跑腿的|打杂的|帮忙的|接电话的|过磅的|杀猪的|扫地的"
    r"|导购|收银|技师|美容师|康复师|养护工|巡检工|绿化工|工友|师傅|合伙人|股东|老板"
)
# Said before a number only: 三个车间 counts no people.
_PLACES = (
    "生产|车间|生产车间|生产线上|生产线|食堂|厂部|科室|办公室|前厅|后厨|厨房"
    "|客房|工程部|客服部|保安部|仓库|门店|站里|队里|所里"
)
# Holders of a certificate or office are counted among the others; contractors, guests and victims are not the plant's.
_OTHERS = (
    r"电工|焊工|叉车工|司炉工|安全员|监护人|监护员|特种作业人员|安全管理人员|专职安全员|兼职安全员|持证|取证|叉车司机|持证人员|专职|注安师|注册安全工程师|外来人员|外包人员|外包工|外包|承包商"
    r"|承包方|承包|外协人员|外协|救援人员|死亡|受伤|中毒|被困|遇难|伤亡|造成|致使|致|窒息|重伤|轻伤|死|伤|救出|住着|住了|住|入住|容纳|培训|参加|每班|当班|班组|夜班|白班|早班|晚班|班|宿舍"
    r"|学生|在校生|幼儿|党员|学员|老人|病人|患者|住户|居民|业主|顾客|客人|旅客|游客|食客|接待|就餐|可坐|能坐|座位|床位|会员|租户|同时|其中|里面有|每组|每个|每车间|每条线|分包|施工队|物业公司"
    r"|每天|每日|日均|年|月|高峰|农忙|忙时|旺季"
)
_CUES = {"whole": _WHOLE, "staff": _STAFF, "extra": _EXTRA, "part": f"{_PARTS}|{_PLACES}", "other": _OTHERS}
_ROLE = "|".join(f"(?P<{kind}>{words})" for kind, words in _CUES.items())
_LINKS = (
    r"(?:总数|人数|总共|共计|合计|现有|大概有|约有|共有|大概|共|有|为|是|人员|招了|请了|雇了|用了|还有|就|才|只有|只|也就|不过|现在|目前|长期"
    r"|平时|平常|忙季|旺季|平日|常年|一般|总|加上|再加|另加|外加|加|请|雇|固定|[—－：:，,（(\s-])*"
)
# Whoever is called 巡查员 or 洗车工 works there.
_WORKER = rf"(?:(?![{_DIGITS}十百千个名位带加和])[一-龥]){{1,3}}(?<![化加施手竣完开动停人])(?:工|员)"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})\s*{_SPAN}\s*(?P<after>{_AFTER})(?P<over>出头|挂零|冒头|开外)?{_COUNTER}\s*"
    rf"(?P<unit>(?:正式|在职|在册|固定|长期|全职)?(?:从业人员|员工|职工|工人|人员|人手|伙计|店员|人)|{_PARTS}|{_EXTRA}|{_OTHERS}|{_WORKER}(?![一-龥]))?(?P<tail>{_TAIL})"
)
_ROLE_BEFORE = re.compile(
    rf"(?:{'|'.join(sorted('|'.join(_CUES.values()).split('|'), key=len, reverse=True))}|{_WORKER})(?={_LINKS}$)"
)
_CLASSES = {word: kind for kind, words in reversed(_CUES.items()) for word in words.split("|")}
_INCLUDED = re.compile(r"(?:其中|含|包括|包含|里面|当中|里头)[^。；;]{0,14}$")
_BESIDES = re.compile(r"(?:另有|另外|外加|此外|另|还有|再加)[^，。；,;]{0,4}$")
_FEW = {
    r"夫妻俩|夫妻两个|夫妻二人|(?:老板)?两口子|小两口|夫妻店|夫妻档|夫妻两人|夫妇俩|夫妇二人|老两口|夫妻|夫妇": 2,
    r"(?:兄弟|父子|母子|父女|母女|姐妹|姐弟|师徒|婆媳|兄妹|我们|他们|哥|爷|娘|老公老婆|老板老板娘)(?:俩|两个|两人|二人)": 2,
    r"就俩人|就我俩|俩人": 2,
    r"我(?:和|跟|同|与|带着?)我?(?:媳妇|老婆|爱人|老公|对象|儿子|女儿|兄弟|弟弟|哥哥|徒弟|父亲)": 2,
    r"老板(?:、|和|跟|加)?老板娘": 2,
    r"一家三口|父子三人|三口之家|兄弟三个|仨人|我们仨|哥仨": 3,
    r"一家四口|哥四个": 4,
    r"一家五口": 5,
    r"就我一个人|就老板一个|就我自己|一个人干|就他一个人|单干|光杆": 1,
    r"(?<!连)(?<!加)(?:老板娘?|师傅|店主|我)(?=带|加(?!我|老板|上)|请|雇|领)": 1,
}
# 客房二十二前厅十一后厨九
_LISTED_NEXT = rf"(?:{_PARTS}|{_PLACES})(?=[{_DIGITS}十百\d])"
_FAMILY = re.compile("|".join(f"(?P<few{i}>{words})" for i, words in enumerate(_FEW)))
# 老板两口子带三个工人, 站里八个加送气工十个, 六个送水工加个接电话的.
_PERSON = rf"(?:{_PARTS}|{_EXTRA}|焊工|电工|员工|工人|职工|伙计|店员|学徒|{_WORKER}|人)"
_GROUP = rf"(?:{_PERSON})?(?:也|有|是)?(?P<n>{_NUMBER})?(?P<count>个|名|位|号|口|人)?(?:{_PERSON})?"
_PLUS = r"(?:倒班|轮班|看店|看着)?(?:[，,])?(?:再|另外?|还|又)?(?:加上?|带着?|领着?|外加|请|雇|招)了?"
_ONE = re.compile(r"老板娘?|店长|站长|会计|门卫")
_NEXT_GROUP = re.compile(_PLUS + _GROUP)
_FIRST_GROUP = re.compile(
    rf"(?:{_PERSON}|{_PLACES})(?P<after>{_NUMBER})(?:个|名|位|人)?|(?P<n>{_NUMBER})(?:个|名|位)(?:{_PERSON})"
)
# 两班倒每班12人: the shifts together. 就一班三十五人: the only one.
_SHIFTS = re.compile(
    rf"(?P<shifts>[两二三四234])(?:个)?(?:班组|班|组)(?:倒|制|轮\w?|两?运转|换)?(?:，|,)?\w{{0,2}}?(?:每班|每组|一班|每个班)(?:各|有|约|大概)*(?P<n>{_NUMBER})(?:个|名|位)?人?"
    rf"|(?:就|只|只有|都是)一(?:个)?班(?P<only>{_NUMBER})(?:个|名|位)?人?"
)
_NOT_STAFF = re.compile(
    r"^\s*(?:次|未[戴佩持系穿经按取参]|没[戴系持穿]|正在|违章|违规|死|受伤|遇难|中毒|窒息|被困|重伤|轻伤|伤亡|以上死亡|以上事故|民币|份|作业|监护|宿舍|间宿舍|同时作业|持证|有证|值班|一班|/班|一组|一桌|桌|座|床|入住|就餐|用餐|间|份饭)"
)
# 一名工人在污水池旁动火: somebody seen there.
_SOMEONE = re.compile(r"\s*[一1二两2三3](?:名|个|位)(?:\w{0,2}工人|员工|人员|人|师傅)(?:在|从|进|下|正|站|未|没)")
# …，五十挂零。
_ALONE = re.compile(rf"[，,。；]{_NUMBER}(?:出头|挂零|冒头|开外)(?=$|[，,。；])")
_VAGUE = re.compile(r"^(?P<unit>[十百千万])[来把]?$")
_RANGE = re.compile(rf"(?P<first>[{_DIGITS}])(?P<second>[{_DIGITS}])(?=[十百千万]|$)")
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
MAX_PEOPLE = 2_000_000


class Headcount(BaseModel, frozen=True):
    """How many people work there: the number to reckon with, the span the words leave, the words, and how sure it is.

    ``stated`` is the number as said (三十多人: 30). ``value`` is what the law is reckoned with: more than thirty is at
    least 31, and 超过一百人 is a threshold.
    """

    value: int
    low: int
    high: int
    evidence: str
    confidence: float
    stated: int

    @property
    def words(self) -> str:
        """For the reader: 20人, or 约101–199人 where the words leave a span."""
        return f"{self.value}人" if self.low == self.high else f"约{self.low}–{self.high}人"


def read_headcount(text: str) -> Headcount | None:
    """The size of the staff, or ``None``.

    A number for the whole wins; else the plant's own people with those hired besides; else its parts are added up.
    """
    found: dict[str, list[Headcount]] = {kind: [] for kind in (*_CUES, "bare")}
    besides: list[Headcount] = []
    folded = fold(text)
    for match in _QUANTITY.finditer(folded):
        kind, start = _kind(folded, match)
        if kind and not _NOT_STAFF.match(folded[match.end() :]) and not _SOMEONE.match(folded, match.start()):
            sure = 0.85 if kind == "bare" else 0.95
            headcount = _headcount(match, text[start : match.end()], sure)
            included = kind in ("extra", "part") and _INCLUDED.search(folded, 0, start)
            if headcount and not included:
                found[kind].append(headcount)
                if kind == "extra" and _BESIDES.search(folded, 0, start):
                    besides.append(headcount)
    if found["whole"]:
        return _sum([max(found["whole"], key=lambda headcount: headcount.value), *besides])
    if joined := _joined(text, folded):
        return joined
    if shifts := _in_shifts(text, folded):
        found["part"].append(shifts)
    if not any(found.values()):
        return _a_few(text, folded)
    own = found["staff"] or found["bare"]
    if own:
        return _sum([max(own, key=lambda headcount: headcount.value), *found["extra"]])
    return _sum([*found["part"], *found["extra"]])


def _kind(folded: str, match: re.Match[str]) -> tuple[str | None, int]:
    """Whom a number counts, by the words before or after it (``None``: not the plant's people), and where these begin."""
    unit, listed = match["unit"] or "", False
    window = max(0, match.start() - 16)
    before = next(iter(_ROLE_BEFORE.finditer(folded, window, match.start())), None)
    for other in _ROLE_BEFORE.finditer(folded[: match.start()], window):
        before = other
    # 教师60名学生900名: the next number's word; 四个师傅俩学徒 has its own.
    followed = re.match(rf"(?:约|有|大概)?{_NUMBER}", folded[match.end("unit") :])
    if before and followed and unit not in ("人", "员工", "职工"):
        unit, listed = "", True
    kind = _CLASSES.get(unit) or ("part" if re.fullmatch(_WORKER, unit) else None)
    # 密炼外协，33人: a comma ends what is said of others, and the number counts the plant's own.
    if (
        before
        and _class_of(before[0]) == "other"
        and unit == "人"
        and re.search("[，,；]", folded[before.end() : match.start()])
    ):
        before = None
    if before:
        said = _class_of(before[0])
        counted = (
            bool(unit)
            or listed
            or bool(
                re.match(
                    rf"\s*(?:个|名|号|位)?{_TAIL}\s*(?:$|[，。；、,;！!？?（(）)\s]|{_LISTED_NEXT})",
                    folded[match.end("low") :].lstrip("多余几来把"),
                )
            )
        )
        if said == "whole" and kind in ("part", "extra", "other"):
            said = kind
        if said == "whole" and _kind_of_list(folded, before.start()) == "other":
            said = "other"
        kind = said if kind != "other" and counted else kind
        return (None if kind == "other" or not counted else kind), before.end() - len(_known(before[0]))
    if not unit and match["over"] and _ALONE.match(folded, max(0, match.start() - 1)):
        return "bare", match.start()
    if not unit or kind == "other":
        return None, match.start()
    return (kind if kind in ("part", "extra") else "staff" if kind else "bare"), match.start()


def _known(word: str) -> str:
    """The longest known word at the end: 持证电工 are 电工, 其中派遣工 are 派遣工."""
    return next((word[i:] for i in range(len(word)) if word[i:] in _CLASSES), word)


def _class_of(word: str) -> str:
    """Whom a word before a number names."""
    return _CLASSES.get(_known(word), "part")


def _kind_of_list(folded: str, end: int) -> str | None:
    """What the word right before 共 names: 电工共3人 are not all, 站长加班组共12人 are."""
    if re.search("[加连]", folded[max(0, end - 8) : end]):
        return None
    last = None
    for role in re.finditer("|".join(sorted(_CLASSES, key=len, reverse=True)), folded[max(0, end - 8) : end]):
        if role.end() == min(8, end):
            last = _CLASSES[role[0]]
    return last


def _a_few(text: str, folded: str) -> Headcount | None:
    for words, number in _FEW.items():
        if match := re.search(words, folded):
            return _exactly(number, text[match.start() : match.end()])
    return None


def _joined(text: str, folded: str) -> Headcount | None:
    """A family, or a group, and those that it says come on top: 夫妻带三个工人, 三个人带一个司机."""
    for first in (*_FAMILY.finditer(folded), *_FIRST_GROUP.finditer(folded)):
        total = _first_of(first)
        end = first.end()
        groups = 0
        while total and (more := _NEXT_GROUP.match(folded, end)) and (more["n"] or more["count"] or _ONE.search(more[0])):
            number = _small(more["n"]) if more["n"] else 1
            person = re.search(_PERSON, folded[more.start() : more.end()])
            if number is None or not person:
                break
            total, end, groups = total + number, more.end(), groups + 1
        if groups and total:
            return _exactly(total, text[first.start() : end])
    return None


def _first_of(match: re.Match[str]) -> int | None:
    for i, number in enumerate(_FEW.values()):
        if match.groupdict().get(f"few{i}"):
            return number
    return _small(match.groupdict().get("n") or match.groupdict().get("after") or "")


def _small(words: str) -> int | None:
    number = read_number(words)
    return number[0] if number else None


def _in_shifts(text: str, folded: str) -> Headcount | None:
    match = _SHIFTS.search(folded)
    each = match and _small(match["n"] or match["only"])
    if not match or not each:
        return None
    return _exactly(each * (_small(match["shifts"]) or 1 if match["shifts"] else 1), text[match.start() : match.end()])


def _exactly(number: int, words: str) -> Headcount | None:
    if not 0 < number <= MAX_PEOPLE:
        return None
    return Headcount(value=number, low=number, high=number, evidence=words, confidence=0.8, stated=number)


def _sum(parts: list[Headcount]) -> Headcount | None:
    if not parts:
        return None
    total = Headcount(
        value=sum(p.value for p in parts),
        low=sum(p.low for p in parts),
        high=sum(p.high for p in parts),
        evidence="、".join(dict.fromkeys(p.evidence for p in parts)),
        confidence=min(p.confidence for p in parts),
        stated=sum(p.stated for p in parts),
    )
    return total if total.value <= MAX_PEOPLE else None


def _headcount(match: re.Match[str], words: str, sure: float) -> Headcount | None:
    low = read_number(match["low"])
    if low is None:
        return None
    span = low
    if match["high"]:
        high = read_number(match["high"])
        if high is None or high[1] < low[0]:
            return None
        span = (low[0], high[1])
    exact = span[0] == span[1]
    span, value = _qualified(span, match["before"], match["after"], match["over"] or match["tail"], match["low"])
    if not 0 < value <= MAX_PEOPLE:
        return None
    confidence = sure if exact and span[0] == span[1] else sure - 0.15
    # 约1人 and 0至1人: who counts people has at least one.
    low_end = max(1, span[0])
    return Headcount(
        value=value,
        low=low_end,
        high=span[1],
        evidence=words.strip(" ，,：:"),
        confidence=round(confidence, 2),
        stated=max(1, _stated(low[0], match["low"])),
    )


def _stated(low: int, number: str) -> int:
    """十几 begins at 11 and is said for ten and some; 六七 is said for six."""
    return low - 1 if re.search("[十百千万][几数]$", number) else low


def _qualified(span: tuple[int, int], before: str, after: str, tail: str, number: str) -> tuple[tuple[int, int], int]:
    """The span that 约, 近, 多, 来, 左右 … leave, and the number in it to reckon with."""
    low, high = span
    if "几" in number or "数" in number:
        return span, low
    if tail in ("挂零", "出头", "冒头", "开外", "往上"):
        return (low + 1, low + _last_unit(low) - 1), low + 1
    if after in ("多", "余", "几"):
        return (low + 1, low + _last_unit(low) - 1), low + 1
    if before in ("超过", "逾", "超"):
        return (low + 1, max(low + 1, low * 2)), low + 1
    if before in ("不到", "不足", "不满", "少于", "近", "将近", "接近"):
        return (max(1, low * 8 // 10), low - 1), low - 1
    if before in ("不超过", "最多") or tail in ("以下", "以内"):
        return (1, high), high
    if before in ("至少", "不少于", "上") or tail == "以上":
        return (low, low * 2), low
    if after in ("来", "把") or before in ("大约", "大概", "差不多", "约") or tail in ("左右", "上下"):
        return (low * 9 // 10, high * 11 // 10), high
    return span, high


def _last_unit(number: int) -> int:
    """300 → 100, 120 → 10: what 多 may add up to."""
    unit = 1
    while number % (unit * 10) == 0 and unit * 10 <= number:
        unit *= 10
    return max(unit, 2)


def read_number(words: str) -> tuple[int, int] | None:
    """A number as a span: 三百 → (300, 300), 两三百 → (200, 300), 十几 → (11, 19), 几十 → (20, 99)."""
    plain = words.translate(_FORMAL).replace(",", "").replace("，", "").strip()
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([百千万]?)", plain):
        number = round(float(match[1]) * _UNITS.get(match[2], 1))
        return number, number
    plain = plain.replace("数", "几")
    if match := re.fullmatch(r"几([十百千万])几?", plain):
        unit = _UNITS[match[1]]
        return 2 * unit, 10 * unit - 1
    if match := re.fullmatch(rf"([{_DIGITS}百千]*十)几", plain):
        base = _plain_number(match[1])
        return None if base is None else (base + 1, base + 9)
    if match := re.fullmatch(rf"([{_DIGITS}百千]*[百千])零几", plain):
        base = _plain_number(match[1])
        return None if base is None else (base + 1, base + 9)
    if "几" in plain:
        return None
    if match := _VAGUE.match(plain):
        unit = _UNITS[match["unit"]]
        return unit, unit
    if match := _RANGE.search(plain):
        first, second = (_DIGITS.index(match[name]) for name in ("first", "second"))
        if second - first in (1, 2) and match.end("second") <= len(plain) and not re.fullmatch(rf"[{_DIGITS}]{{3,}}", plain):
            low = _plain_number(plain[: match.start("second")] + plain[match.end("second") :])
            high = _plain_number(plain[: match.start("first")] + plain[match.end("first") :])
            return None if low is None or high is None else (low, high)
    whole = _plain_number(plain)
    return None if whole is None else (whole, whole)


def _plain_number(words: str) -> int | None:
    """一百二 is said for 120, so a digit after 百, 千 or 万 counts in the next lower unit."""
    if match := re.fullmatch(rf"(.*)([百千万])([{_DIGITS[2:]}])", words):
        head = _plain_number(match[1] + match[2])
        return None if head is None else head + _DIGITS_VALUE[match[3]] * _UNITS[match[2]] // 10
    words = words if not words.startswith(("百", "千", "万")) else "一" + words
    try:
        return int(cn2an.cn2an(words, "smart"))
    except (ValueError, IndexError, KeyError):
        return None


_DIGITS_VALUE = dict(zip(_DIGITS, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
