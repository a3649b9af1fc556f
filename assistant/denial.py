"""What a description says the plant does without.

没有喷涂和电镀, 有限空间：无, 烤漆房去年拆了, 电镀（外发）, 锅炉改成外购蒸汽了, 挖沟的事不归我们.

The lists below hold regular expressions, a space between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg_build.tagging import Mention


def _any(*lines: str) -> str:
    """One pattern for the expressions of the lines."""
    return "|".join(dict.fromkeys(" ".join(lines).split()))


# What is done with things; what is not done (不烧煤, 油漆不存, 煤气罐不许放) the plant does without.
_DONE = _any(
    "用 使用 做 搞 弄 干 设 设置 装 上 建 配 备 接 通 留 租 买 进 卖 供 产 生产 烧 存 放 储存 存放 囤 碰 沾 涉 涉及",
    "含 掺 带 养 收 拉 保留 经营 销售 加(?!工) 加工 制作 招",
    "喷 刷 镀 焊 磨 抛 烫 染 切 割 搭 挖 爬 登 炸 烤 住人",
)
_NOT_LET = _any("敢 准 能 再 让 许 允许 给 要")
# "没有", "不涉及" … and what may stand between them and the thing denied, other recognized things aside.
_DENIAL = re.compile(
    "(?:"
    + _any(
        r"(?<!有)没有(?:涉及|使用|设置)? 不涉及 未涉及 不存在 不需要 不属于 不包括 不从事 不接触 未从事 不经营 并无",
        r"暂无 没得 没再 不再 从不 从未 从没",
        r"(?<!还)不是 尚未 暂未 暂不 停用 停掉 停了 拆了 拆掉 拆除 取消 淘汰 关停 砍掉 卖掉 卖了 搬走 杜绝 谢绝 禁止",
        r"严禁 禁用 用不着 不许 不准 不让 不允许",
        rf"(?:没|不|未|从不|从没|从未)(?:{_NOT_LET})?(?:下|充|灌|加|打|{_DONE})(?:过|了)? 不开 没 (?<!有)无 非 不",
    )
    + ")"
)
_AFFIRMED_DENIAL = re.compile(r"(?:不是|并非|不可能|不能|是否|有无|不得|禁止|严禁|不准|是不|有没)$")
_FILLER = re.compile(
    r"(?:[、和及与或跟\s“”\"《》（）()]|"
    + _any(
        "以及 或者 还有 任何的? 其他 其它 什么的? 啥 自己的? 专门的? 单独的? 独立的? 另外的? 固定的? 正式的? 原来的?",
        "以前的? 旧的? 老的? 大型 小型 的 了",
        "相关 有关 之类 这类 这种 等等? 现场 厂内 厂区 厂里 店里 院内 本厂 单位 厂家 自行 直接 危险 工艺 工序 作业",
        "环节 设备 设施 场所 车间 情况 活动 业务",
        "涉及 使用 储存 存放 生产 经营 进行 设置 开展 用到 用 做 搞 设 建 装",
    )
    + ")*"
)
_WHEN = _any(
    "现在 目前 现 如今 都 均 也 皆 全 全部 全都 一直 一概 一律 统统 通通 从来 从 向来 早已 早就 早 老早 已经? 暂时 暂",
    "后来 又 就 更 还 是 则 干脆 自然",
    r"当然 基本上? 给 让 由 被 拿 嫌[烦贵] 贵 环保 因为环保",
    r"(?:环保|消防|街道|镇[里上]|村里|安监|应急|上面|政府|房东|甲方|领导)(?:让|叫|要求|责令|给)",
    r"清洗置换 [一二三四五六七八九十几两\d]+多?年(?:以?前)? 去年 前年 今年 往年 年初 年底 过年 多年前? 上个?月 上半年",
    r"下半年 前两年 前几年 大前年 年前 年后 刚",
    r"\d+年(?:初|底|前)? \d+月份? 我们 咱们? 自己",
)
# What may stand between a thing and its denial: its kind, how many of it, where, when. Few words, that reading stays quick.
_BETWEEN = (
    "(?:"
    + _any(
        "作业 工艺 工序 设备 设施 场所 车间 活动 业务 项目 系统 产品 部分 生产 加工 制作 成型 处理 提取 提纯 实训",
        "除锈 磷化 发黑 机器 管道 勾兑 消毒 灭菌 打浆 充装 灌装 零售 批发 买卖 经营 销售 车",
        "船 工段 前段",
        r"这块 那块 那部分 那边 那条线 [这那]道 那[套台口间条批些个] 的?情况 的?事情? 的?活儿? 线 罐子? 机 房 间 件 炉子?",
        r"塔 池子? 锅 柜子? 灶 管 桶 瓶 箱 的 了 （ \(",
        # 一台都, 啥的
        r"连?(?:一|半)[台瓶滴桶罐个只口间套条点辆部座根吨斤粒块张] 啥 什么 之类 那些 那类 这类 这些 这种 那种",
        # where
        "我 本厂 本店 厂里 店里 站里 队里 院里 场里 这边 这儿 这里 厂内",
    )
    + f"|{_WHEN}){{0,8}}"
)
_LONG = r"(?:快|将近|差不多|有)?(?:好久|多年|很久|半年|半个月|[一二三四五六七八九十几两\d]+个?多?(?:年|月)多?)"
# Said to the end of the clause, or it belongs to what follows: 喷涂没有通风设施. 酸洗不搞了改打磨: another clause begins.
_CLAUSE_END = (
    r"(?=$|[，。；、,;！!？?\s）)]|改|换|全是|全靠|都是|都改|就[用靠]|现在"
    r"|只[用有做]|自然|光[用做]|用(?:手|人|推车)|[送拿拉发]|[找请买租](?!卖))"
)
_GONE = (
    "(?:(?:"
    + _any(
        "不(?:许|准|让|允许) (?:不让|不许|不准|禁止|严禁)人?(?:进|进入|下去?|上去?)",
        "没有 没得 没 无 暂无 不存在 未使用 均无 皆无 否 零 用不上 用不着 空着 未建 不干 没人住",
        "坏了(?:就|也|一直)?没再?修",
        rf"(?:没|不|未|从没|从不)(?:{_NOT_LET})?(?:{_DONE})",
        "关 停 拆 卖 撤 封 封存 闲置 报废 作废 淘汰 取消 取缔 清空 清走 清零 销毁 撤销 报停 停办 停供 注销",
        "禁[用收存放卖止]",
        r"□\s*[有是][√☑■✓]\s*[无否] [有是]\s*□\s*[无否]\s*[√☑■✓]",
    )
    + ")(?:"
    + _any("加工 货 门 厂 店 家 光 干净 走 完 过 了 掉了? 的 处理 人", _LONG)
    + f"){{0,4}}(?:就|也|至今|一直|所以)?){{1,3}}{_CLAUSE_END}"
)
_ENDED = (
    "(?:"
    + _any(
        "取消 停用 停产 停掉 停止使用 停了 停摆 停役 关停 关掉 关了 关闭 封停 封掉 拆除(?!作业|工程|公司) 拆掉 拆了",
        "拆干净 拆光 挖走 挖掉 填了 填掉 填平",
        "收走 撤柜 撤了 撤掉 退租 换掉 卖了 卖掉 淘汰 报废 搬走 搬去 搬到 搬出 移走 迁走 迁出 转走 转让 转给 砍掉",
        "砍了 不再 处理掉 下马 退役 弃用 废弃 废了 作废",
        "清退 清空 清零 销毁 移交 退给 退掉 退还 报停 停办 封了 处理[光完了] 撤销 省了 免了 没了 取缔 退出 退了",
        "用不着 不用了 不做了 不干了 不上了 不烧了 不开了 不搞了 不要了 改成 改为 改用 改造成 改做 改烧 换成 换为",
        "换用 换烧 替换",
        "(?:改|换)(?!了?(?:造|建|装|扩|进|善|良|热|气|瓶|衬|料|模|季|药|水洗|一|新|过滤|型|全?自动|半自动|机器人|机械手|数控))[^，。；、,;]{1,10}?(?:了|$|(?=[，。；、,;]))",
        "不在(?:这|本|厂|我们|店|院) 在(?:隔壁|邻)(?:村|镇|厂|县|市|公司|园区) 在(?:外地|外省|别处|分厂|总厂|老厂|兄弟厂)",
        "不归(?:我|咱|本)",
        "归(?:园区|隔壁|市政|总包|甲方|人家|别人|别家|热电|电厂|矿上)",
        "是(?:隔壁|人家|别人|别家|邻居|对门|矿上|总包|甲方)[^，。；]{0,4}的(?:事|活)?",
    )
    + ")(?!检修|维修|整改|时|期间)"
)
# Products go elsewhere to be treated, or the workshop is let; whoever buys a furnace or has a tank cleaned still has it.
_OTHERS = _any("外面 外边 外头 外厂 外单位 别人 别家 别的厂 别处 人家 隔壁 协作厂? 其他 其它 专业厂? 专门 加工厂 外协")
_SENT_OUT = (
    "(?:"
    + _any(
        "委外 外协 外发 发外 送外 外送 外加工 外包 外购 外洗 外供 外租 转外 转包 转出去 送出去 拿出去 发出去 放出去",
        "租出去 代工 代加工 代做 都外 全外",
        "外面做 发给 发到 发往 送给 交给 包给 租给 承包给 送去 拿去 找外面 委托外 委托加工 买现成",
        "不在(?:这边|这里|我们|厂里)",
        rf"(?:送|拿|发|交|给|包|委托)(?:到|去|给|往|至|出)?了?(?:{_OTHERS}|电镀厂|镀锌厂|热处理厂|喷涂厂|喷漆厂|印刷厂|上级|总厂)",
        r"外请 另请",
        r"(?:送|拿|拉|发)(?:到|去|往)(?!车间|[一二三四]楼|[一二三四]层)[^，。；、的]{1,5}(?:做|加工|弄|印|喷|镀|处理|消毒|灭菌)",
        r"送邻村",
        r"在?外面(?:加工|做|弄|搞|喷|镀|处理) (?:送|拿|拉|发)(?:到|去|往)?(?:镇|县|市|城|村|乡|区)[上里下]",
        rf"(?:让|由|请|找|叫|靠)(?:{_OTHERS})[^，。；]{{0,4}}(?:做|加工|代工|弄|搞|干|处理|喷|镀)",
    )
    + ")(?!队|人员|班组|工(?!厂))"
)
_LINK = re.compile(r"\s*(?:、|和|及|与|跟|以及|还有|或)?\s*")
# Past a comma no other thing may be named: 瓶装气，锅炉拆了.
_TO_CUE = rf"{_BETWEEN}\s*(?:(?:[—－-]{{1,2}}|[：:（(])\s*{_BETWEEN}|[，,]\s*(?:{_WHEN}){{0,8}})?"
_AFTER = re.compile(rf"{_TO_CUE}(?:{_GONE}|{_ENDED})")
_AFTER_PRODUCT = re.compile(rf"{_TO_CUE}(?:{_GONE}|{_ENDED}|{_SENT_OUT})")
# 以前自己有煤气发生炉，现在改天然气了; 原来烧煤气现在烧天然气.
_WAS = re.compile(r"(?:以前|原来|原先|原本|过去|早先|早年|从前|之前|曾经?)[^，。；、,;]{0,8}$")
_NOW = re.compile(
    r"[^，。；,;]{0,6}[，,；;]?(?:后来|现在|目前|现|如今|今年|去年|前年|都|全|已|早)[^，。；,;也还仍]{0,4}(?:改|换|停|拆|没|不|外|关|卖|搬|淘汰|取消|送)"
    r"|(?:的|，)?(?:现在|如今|目前)(?:都|全)?(?:用|烧|是|走|靠)(?!.{0,2}[也还仍])"
)
_ALL = re.compile(r"都|均|全|一概|一律|统统|也|、?等")
_SENTENCE = re.compile(r"[^。；;！!？?\n]*")
_PRODUCT_KINDS = frozenset({"process"})
# 动火票没开 lacks a paper, not the work.
_PAPER = re.compile(r"(?:票|证|单|手续|审批|记录|台账)$")
# 厨房改电灶了, 锅炉改烧天然气: it goes on with another fuel; 底漆面漆全换水漆了, 黄胶改成水性胶: with another material.
_OTHER_FUEL = re.compile(r"(?:改|换)(?:成|为|用|烧|做)?了?(?:全?电(?!瓶|池)|天然气|天燃气|燃气|管道气|生物质|柴油|油)")
_OTHER_MATERIAL = re.compile(r"(?:改|换)(?:成|为|用)?了?(?:刷|喷|涂)?(?:水|环保)\w{0,3}(?P<what>[漆胶墨])")
# 水口料卖掉: what is sold off is made there.
_SOLD_OFF = re.compile(r"(?<![早不])卖(?:掉|了|光|给|废品)")
_KEPT_ON = frozenset({"厨房", "食堂", "后厨", "锅炉", "锅炉房", "烘道", "烘房", "蒸汽锅炉"})


def denial_of(text: str, mention: Mention, mentions: Sequence[Mention]) -> tuple[int, int] | None:
    """Where the sentence says that the plant does not have it, or ``None``."""
    if mention.kind == "activity" and _PAPER.search(mention.text):
        return None
    start, end = _sentence_around(text, mention)
    after = _AFTER_PRODUCT if mention.kind in _PRODUCT_KINDS else _AFTER
    for position, listed in _list_ends(text, mention, mentions, end):
        cue = after.match(text, position, end)
        # 打磨、电镀外发 sends out the last; 打磨和电镀, or both of them, where the words say so.
        if cue and (not listed or _ALL.search(cue[0]) or listed == "all") and not _goes_on(text, mention, cue):
            return cue.span()
    if (cue := _WAS.search(text, start, mention.start)) and _NOW.match(text, mention.end, end):
        return cue.span()
    for cue in _DENIAL.finditer(text, start, mention.start):
        inside_a_term = any(m.start < cue.end() and cue.start() < m.end and m.start <= cue.start() for m in mentions)
        affirmed = _AFFIRMED_DENIAL.search(text, start, cue.start())
        if not inside_a_term and not affirmed and _only_filler(text, cue.end(), mention.start, mentions):
            return cue.span()
    return None


def _goes_on(text: str, mention: Mention, cue: re.Match[str]) -> bool:
    """Whether only its fuel or its material was changed, or it is what the plant sells off."""
    if mention.kind == "substance" and _SOLD_OFF.match(text, cue.start(), cue.end()):
        return True
    changed = _OTHER_FUEL.search(text, cue.start(), cue.end() + 4)
    if changed and changed.start() < cue.end() and mention.text in _KEPT_ON:
        return True
    changed = _OTHER_MATERIAL.search(text, cue.start(), cue.end() + 6)
    return changed is not None and mention.kind in _PRODUCT_KINDS and changed["what"] in mention.text


def _list_ends(text: str, mention: Mention, mentions: Sequence[Mention], end: int) -> Iterator[tuple[int, str]]:
    """Where a cue may stand: after the thing, and after the things listed behind it (喷漆和电镀都外发)."""
    position, listed = mention.end, ""
    yield position, listed
    longest: dict[int, int] = {}
    for m in mentions:
        if m.end <= end:
            longest[m.start] = max(m.end, longest.get(m.start, 0))
    while link := _LINK.match(text, position, end):
        if link.end() not in longest:
            if link[0].strip() == "、":  # 电镀、热处理、都没有
                yield link.end(), "some"
            return
        position = longest[link.end()]
        listed = "all" if link[0].strip() in ("和", "及", "与", "跟", "以及") else "some"
        yield position, listed


def _sentence_around(text: str, mention: Mention) -> tuple[int, int]:
    for sentence in _SENTENCE.finditer(text):
        if sentence.start() <= mention.start < sentence.end():
            return sentence.span()
    return mention.start, mention.end


def _only_filler(text: str, start: int, end: int, mentions: Sequence[Mention]) -> bool:
    """Whether nothing but other recognized things and connecting words stands between two places."""
    reached = {start}
    for position in range(start, end):
        if position not in reached:
            continue
        filler = _FILLER.match(text, position, end)
        longest = filler.end() if filler else position
        reached.update(range(position, longest + 1))
        if position < end and any(m.start == position and m.end > end for m in mentions):
            return True  # 没有钣金喷漆: one longer thing
        # A thing with 的 after it describes the next one: 没有持证的焊工 does not say that there are no welders.
        reached.update(m.end for m in mentions if m.start == position and text[m.end : m.end + 1] != "的")
    return end in reached
