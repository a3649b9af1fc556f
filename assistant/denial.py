"""What a description says the plant does without.

没有喷涂和电镀, 有限空间：无, 烤漆房去年拆了, 电镀（外发）, 锅炉改成外购蒸汽了.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg_build.tagging import Mention

# "没有", "不涉及" … and what may stand between them and the thing denied, other recognized things aside.
_DENIAL = re.compile(
    r"(?<!有)没有(?:涉及|使用|设置)?|不涉及|未涉及|不存在|不使用|未使用|不用|不做|不搞|不含|不生产|不储存|不存放|不经营|不设"
    r"|未设(?:置)?|不需要|不属于|不包括|不从事|不接触|未从事|并无|暂无|没得|没再|没上|没装|没建|没搞|没做|没用|没设|未建|未上|未装"
    r"|不再|不带|不碰|不接|不放|不存|不烧|不开|不设置|不配|从不|从未|从没|尚未|暂未|暂不|停用|停掉|停了|拆了|拆掉|拆除|取消|淘汰|关停|砍掉"
    r"|卖掉|卖了|搬走|不许|不准|不让|不允许|禁止|严禁|禁用|杜绝|谢绝|不上|不刷|用不着|不涉|没|(?<!有)无|非|不"
)
_AFFIRMED_DENIAL = re.compile(r"(?:不是|并非|不可能|不能|是否|有无|不得|禁止|严禁|不准)$")
_FILLER = re.compile(
    r"(?:[、和及与或跟\s“”\"《》（）()]|以及|或者|还有|任何|其他|其它|什么|自己的?|专门的?|单独的?|独立的?|另外的?|固定的?|大型|小型|的|了|相关|有关"
    r"|现场|厂内|厂区|厂里|店里|院内|原来的?|以前的?|旧的?|老的?|单位|正式的?|涉及|使用|储存|存放|生产|经营|进行|设置|开展|用到|用|做|搞|设|建|装|等等?"
    r"|厂家|任何的|本厂|自行|直接|什么的|啥|之类|这类|这种|危险|工艺|工序|作业|环节|设备|设施|场所|车间|情况|活动|业务)*"
)
_NOUNS = (
    r"(?:作业|工艺|工序|设备|设施|场所|车间|活动|业务|部分|这块|那块|那条线|这道|线|罐|机|房|间"
    r"|工段|提取|提纯|加工|处理|生产|制作|成型|那部分|那边|业务|项目|产品|件|设施|系统|炉|塔|池|锅|柜|灶|管|那[套台口间条批些]|前段|厂里|店里|早|的?情况|的|了|（|\(|都|也|我们|自己|就|活儿?)*"
)
_COUNT = r"(?:连?(?:一|半)[台瓶滴桶罐个只口间套条点辆部座根吨斤粒块]|啥|什么|之类|那些)?"
_WHEN = (
    r"(?:现在|目前|现|如今|都|均|也|已经?|早就|早已|早|全部|全都|全|暂时|暂|后来|又|我们|自己|就|基本上?|一直|一概|统统|给|让|由|是|则|被|因为环保|还"
    r"|老早|环保|嫌[烦贵]|贵|往年|过年|干脆|自然|当然|更|多年前|[一二三四五六七八九十几两\d]+多?年(?:以?前)?|去年|前年|今年|年初|年底|上个?月|上半年|下半年|前两年|前几年|大前年|年前|年后|刚|拿|\d+年(?:初|底|前)?|\d+月份?)*"
)
# Said to the end of the clause, or it belongs to what follows: 喷涂没有通风设施.
_GONE = (
    r"(?:没有|没得|没|无|暂无|不存在|不涉及|未涉及|不做|没做|没上|没装|没建|没接|没通|没设|未设|未建|没开|不设|不用|不搞|没搞|不干|不开|未使用|不使用|不生产|不存放"
    r"|不储存|不碰|不接|不烧|不开|不许|不让|均无|皆无|没用|不再用|用不上|用不着|关|停|拆|卖|撤|封|封存|闲置|否|零|空着|报废|作废|淘汰|取消|取缔|清空|没配|没买|没留|没租|不(?:敢|准|能|再|让)?(?:卖|拉|收|进|囤|喷|镀|刷|焊|做|存|放|装|上|设|配|养|供|产|切|磨|抛|烫|染|带))(?:加工"
    r"|货|门|厂|店|家|光|干净|走|完|过|了|掉了|掉|的|处理|半年|一年|两年|好久|多年|很久)*(?=$|[，。；、,;！!？?\s）)])"
)
_ENDED = (
    r"(?:取消|停用|停产|停掉|停止使用|关停|关掉|封停|封掉|拆除(?!作业|工程|公司)|拆掉|拆了|拆干净|拆光|挖走|挖掉|填了|填掉|填平|收走|撤柜|撤了|退租|换掉|停了|关了|卖了|淘汰|报废|卖掉|搬走|搬去|撤掉|砍掉|不再|改成|改为|改用|改造成"
    r"|改做|改烧|换成|换为|换用|换烧|替换|关闭|清退|清空|移走|迁走|迁出|搬到|搬出|转走|转让|转给|处理掉|下马|停摆|停役|退役|弃用|废弃|废了|作废|省了|免了|没了"
    r"|取缔|退出|用不着|不用了|不做了|不干了|不上了|不烧了|不开了|不搞了|不要了|(?:改|换)(?!造|建|装|扩|进|善|良|热|气|瓶|衬|料|模|季|药|水洗|一次|新|过滤|型)[^，。；、,;]{1,10}?(?:了"
    r"|$|(?=[，。；、,;]))|不在(?:这|本|厂|我们|店|院))(?!检修|维修|整改|时|期间)"
)
# Products go elsewhere to be treated; whoever buys a furnace or has a tank cleaned still has it.
_SENT_OUT = (
    r"(?:委外|外协|外发|发外|送外|外送|外加工|外包|外购|送出去|拿出去|发出去|放出去|外面做|发给|发到|发往|送给|交给|包给|送去|拿去|找外面|委托外|委托加工"
    r"|(?:送|拿|发|交|给|包|委托)(?:到|去|给|往|至|出)?(?:了)?(?:外面|外边|外头|外厂|外单位|别人|别家|别的厂|别处|人家|隔壁|协作|其他|其它|专业|专门|电镀厂"
    r"|镀锌厂|热处理厂|喷涂厂|喷漆厂|印刷厂|上级|总厂)|在?外面(?:加工|做|弄|搞|喷|镀|处理)|(?:让|由|请|找|叫|靠)(?:别人|别家|别的厂|外面|外厂|外协|专业厂"
    r"|协作厂|人家|隔壁|加工厂)[^，。；]{0,4}(?:做|加工|代工|弄|搞|干|处理|喷|镀)|代工|代加工|代做|转外|转出去|都外|全外|外送|外加工|外洗|外供|(?:送|拿|拉|发)(?:到|去|往)?(?:镇|县|市|城|村|乡|区)[上里下]|不在(?:这边|这里|我们|厂里))"
)
_LINK = re.compile(r"\s*(?:、|和|及|与|跟|以及|还有|或)?\s*")
_GAP = r"\s*(?:[—－-]{1,2}|[：:，,（(])?\s*"
_AFTER = re.compile(rf"{_NOUNS}{_COUNT}{_GAP}{_WHEN}(?:{_GONE}|{_ENDED})")
_AFTER_PRODUCT = re.compile(rf"{_NOUNS}{_COUNT}{_GAP}{_WHEN}(?:{_GONE}|{_ENDED}|{_SENT_OUT})")
# 以前自己有煤气发生炉，现在改天然气了.
_WAS = re.compile(r"(?:以前|原来|原先|原本|过去|早先|早年|从前|之前|曾经?)[^，。；、,;]{0,8}$")
_NOW = re.compile(
    r"[^，。；,;]{0,6}[，,；;]?(?:后来|现在|目前|现|如今|今年|去年|前年|都|全|已|早)[^，。；,;]{0,4}(?:改|换|停|拆|没|不|外|关|卖|搬|淘汰|取消|送)"
)
_ALL = re.compile(r"都|均|全|一概|统统|也|、?等")
_SENTENCE = re.compile(r"[^。；;！!？?\n]*")
_PRODUCT_KINDS = frozenset({"process"})


def denial_of(text: str, mention: Mention, mentions: Sequence[Mention]) -> tuple[int, int] | None:
    """Where the sentence says that the plant does not have it, or ``None``."""
    start, end = _sentence_around(text, mention)
    after = _AFTER_PRODUCT if mention.kind in _PRODUCT_KINDS else _AFTER
    for position, listed in _list_ends(text, mention, mentions, end):
        cue = after.match(text, position, end)
        # 打磨、电镀外发 sends out the last; 打磨和电镀, or both of them, where the words say so.
        if cue and (not listed or _ALL.search(cue[0]) or listed == "all"):
            return cue.span()
    if (cue := _WAS.search(text, start, mention.start)) and _NOW.match(text, mention.end, end):
        return cue.span()
    for cue in _DENIAL.finditer(text, start, mention.start):
        inside_a_term = any(m.start < cue.end() and cue.start() < m.end and m.start <= cue.start() for m in mentions)
        affirmed = _AFFIRMED_DENIAL.search(text, start, cue.start())
        if not inside_a_term and not affirmed and _only_filler(text, cue.end(), mention.start, mentions):
            return cue.span()
    return None


def _list_ends(text: str, mention: Mention, mentions: Sequence[Mention], end: int) -> Iterator[tuple[int, str]]:
    """Where a cue may stand: after the thing, and after the things listed behind it (喷漆和电镀都外发)."""
    position, listed = mention.end, ""
    yield position, listed
    while link := _LINK.match(text, position, end):
        following = [m for m in mentions if m.start == link.end() and m.end <= end]
        if not following:
            return
        position = max(m.end for m in following)
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
