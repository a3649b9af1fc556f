"""Plain words about a plant are understood as a safety manager means them."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from assistant.headcount import read_headcount, read_number
from assistant.profile import Fact, Profile, Recognizer, enterprise_facts
from kg_build.vocabulary import BASE, ontology_files, ontology_folder


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    graph = Graph()
    for path in ontology_files(ontology_folder()):
        graph.parse(path)
    return Recognizer(graph)


def names(facts: tuple[Fact, ...]) -> set[str]:
    return {fact.label for fact in facts}


def test_the_example_of_the_design_is_understood(recognizer: Recognizer) -> None:
    profile = recognizer.recognize("铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气")
    assert names(profile.processes) == {"铝镁合金打磨抛光", "打磨", "涂装"}
    assert names(profile.substances) == {"天然气"}
    assert names(profile.tags) == {"除尘系统"}
    assert profile.headcount == 20
    plant = recognizer.plant(profile)
    assert any(c.startswith("粉尘涉爆企业：因为") for c in plant.conclusions)
    assert f"{BASE}scene/dust-explosion" in plant.scenes
    assert "从业人员：20人（“20人”）" in plant.understood


def test_each_fact_keeps_the_words_it_came_from(recognizer: Recognizer) -> None:
    text = "车间有天车两台，另有行车一台"
    (crane,) = recognizer.recognize(text).equipment
    assert crane.label == "行车"
    assert crane.evidence == "天车、行车"
    assert [text[start:end] for start, end in crane.spans] == ["天车", "行车"]
    assert 0 < crane.confidence <= 1


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("铝件打磨，没有喷涂", "涂装"),
        ("没有喷涂、电镀和酸洗", "酸洗"),
        ("不涉及危化品", "危险化学品"),
        ("不存在任何有限空间作业", "有限空间作业"),
        ("无喷涂、电镀等工艺", "电镀"),
        ("喷涂没有，只有打磨", "涂装"),
        ("有限空间作业：无", "有限空间作业"),
        ("电镀已经取消了，现在只做机加工", "电镀"),
        ("喷涂委外，自己只做装配", "涂装"),
        ("没有使用液氨", "液氨"),
        ("公司不储存酒精、丙酮", "丙酮"),
    ],
)
def test_what_the_words_deny_is_kept_apart(recognizer: Recognizer, text: str, absent: str) -> None:
    profile = recognizer.recognize(text)
    assert absent in names(profile.denied)
    assert absent not in {fact.label for fact in profile.facts()}


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("没有喷涂，有电镀", "电镀"),
        ("没有喷涂但有酸洗", "酸洗"),
        ("没有通风就下池清淤", "有限空间作业"),
        ("没有持证的焊工", "特种作业"),
        ("并非没有喷涂", "涂装"),
        ("我们有没有喷涂要看订单", "涂装"),
        ("无证电焊", "焊接"),
        ("没有防护罩的冲床", "冲床"),
        ("喷涂没有通风设施", "涂装"),
        ("不锈钢打磨", "不锈钢"),
    ],
)
def test_a_denial_reaches_no_further_than_it_should(recognizer: Recognizer, text: str, present: str) -> None:
    assert present in {fact.label for fact in recognizer.recognize(text).facts()}


@pytest.mark.parametrize(
    ("text", "absent", "present"),
    [
        ("两台燃煤锅炉上个月拆掉了，改烧天然气", "锅炉", "天然气"),
        ("油性漆已经换成水性漆", "油漆", "水性漆"),
        ("只做装配，打磨和电镀都发到外面做", "打磨", None),
        ("做打磨、电镀（外协）", "电镀", "打磨"),
        ("喷粉包给别的厂", "喷粉", None),
        ("我们从不动火，也不储存危化品", "危险化学品储存活动", None),
        ("罐子每年清洗，人不进罐", "有限空间作业", None),
        ("以前自己有煤气发生炉，现在改天然气了", "煤气发生炉", "天然气"),
        ("液化气改电磁炉了", "液化石油气", None),
        ("危化品——无；有限空间——无", "有限空间作业", None),
        ("冷库用R507的，不是氨", "液氨", "冷库"),
        ("炒货厂，油炸线停用了", "烘焙油炸", None),
        ("4S店，没有钣金喷漆", "喷漆", None),
    ],
)
def test_what_was_stopped_replaced_or_sent_out_is_denied(
    recognizer: Recognizer, text: str, absent: str, present: str | None
) -> None:
    profile = recognizer.recognize(text)
    plain = {f.label for f in profile.facts() if f.kind not in ("tag", "scene")}
    assert absent in names(profile.denied)
    assert present is None or present in plain


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("开了家修车铺，带一间烤漆房", "industries", "机械"),
        ("开了家修车铺，带一间烤漆房", "processes", "喷漆"),
        ("医疗器械厂，做输液器", "industries", "医药"),
        ("医疗器械厂，做输液器", "industries", "机械"),
        ("街口的粥店，用坛子气", "substances", "液化石油气"),
        ("酱缸满了要人钻进去刮", "activities", "有限空间作业"),
        ("蓄水池每季度请外面的人来洗", "activities", "有限空间作业"),
        ("蓄水池每季度请外面的人来洗", "activities", "发包"),
        ("库房里堆了些桶装甲苯", "activities", "危险化学品储存活动"),
        ("门面房是租来的，招牌坏了自己上房顶修", "activities", "承租场所"),
        ("门面房是租来的，招牌坏了自己上房顶修", "activities", "高处作业"),
        ("铸件用行车吊着翻", "activities", "吊装作业"),
        ("液碱槽车卸车在后门", "activities", "危险化学品装卸活动"),
        ("制冷走的是氨系统", "equipment", "氨制冷系统"),
        ("铝壳压铸以后打磨", "processes", "铝镁合金打磨抛光"),
        ("注塑件不良品破碎回用", "processes", "塑料树脂粉碎"),
        ("冲床八台，还有折弯、电焊和车床", "industries", "机械"),
        ("液化气换瓶点，摩托车送", "activities", "危险化学品运输活动"),
        ("油库，内浮顶罐6座", "activities", "危险化学品储存活动"),
        ("集中污水厂，调节池加盖", "processes", "污水处理"),
        ("烧碱储罐两只", "substances", "烧碱"),
    ],
)
def test_everyday_words_are_understood(recognizer: Recognizer, text: str, kind: str, label: str) -> None:
    assert label in {fact.label for fact in getattr(recognizer.recognize(text), kind) if not fact.inferred}


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("面馆的厨房不大", "equipment", "员工食堂"),
        ("面包房有两台烤箱", "equipment", "烘房"),
        ("铲车一部", "equipment", "叉车"),
        ("装了硫化氢检测仪", "processes", "硫化"),
        ("锅炉厂，做压力容器", "equipment", "锅炉"),
        ("铝件和铁件都打磨", "processes", "铝镁合金打磨抛光"),
        ("溶剂是丙酮和甲醇", "substances", "有机溶剂"),
        ("喷漆外包给别人", "activities", "发包"),
        ("给纺织厂送货的车队", "industries", "纺织"),
        ("装焊后再涂装，主要是喷漆", "processes", "涂装"),
        ("宿舍楼四栋住学生", "equipment", "员工宿舍"),
        ("做热熔胶的，造粒机一台", "processes", "注塑"),
        ("水泥装车用铲车", "activities", "危险化学品装卸活动"),
    ],
)
def test_words_that_only_look_like_a_thing_do_not_name_it(recognizer: Recognizer, text: str, kind: str, label: str) -> None:
    assert label not in names(getattr(recognizer.recognize(text), kind))


def test_a_process_read_from_a_machine_goes_with_it(recognizer: Recognizer) -> None:
    profile = recognizer.recognize("有车床")
    assert names(profile.processes) == {"机加工"}
    kept = [fact.concept for fact in profile.facts() if fact.label != "机床"]
    assert recognizer.enterprise(profile, kept).processes == frozenset()


def test_what_is_said_and_denied_is_kept_with_less_confidence(recognizer: Recognizer) -> None:
    (coating,) = recognizer.recognize("一号楼没有喷涂，二号楼有喷涂").processes
    assert coating.confidence <= 0.6


def test_a_plan_is_less_sure_than_a_fact(recognizer: Recognizer) -> None:
    (now,), (later,) = (recognizer.recognize(t).processes for t in ("有一条喷粉线", "计划新建一条喷粉线"))
    assert later.confidence < now.confidence


def test_an_industry_is_suggested_when_none_is_named(recognizer: Recognizer) -> None:
    (suggested,) = recognizer.recognize("铝轮毂抛光").industries
    assert (suggested.label, suggested.inferred) == ("机械", True)
    assert suggested.confidence <= 0.5
    (named,) = recognizer.recognize("家具厂，铝轮毂抛光").industries
    assert (named.label, named.inferred) == ("木材家具", False)


def test_an_everyday_word_is_no_industry(recognizer: Recognizer) -> None:
    assert recognizer.recognize("其他机械设备都有防护").industries == ()


def test_a_tag_that_follows_from_a_process_is_not_repeated(recognizer: Recognizer) -> None:
    profile = recognizer.recognize("车间有电焊")
    assert names(profile.processes) == {"焊接"}
    assert profile.tags == ()


def test_a_hazard_that_only_some_plants_have_is_asked_about(recognizer: Recognizer) -> None:
    profile = recognizer.recognize("仓库存面粉，有一座冷库")
    assert set(recognizer.questions(profile)) == {"您提到“冷库”，是否涉及涉氨制冷？", "您提到“面粉”，是否涉及粮食粉尘？"}
    assert recognizer.questions(recognizer.recognize("有一座冷库，不用液氨")) == []


def test_the_user_can_untick_and_add_facts(recognizer: Recognizer) -> None:
    profile = recognizer.recognize("家具厂，有喷漆房和污水池")
    kept = [fact.concept for fact in profile.facts() if fact.label != "喷漆房"]
    plant = recognizer.plant(profile, [*kept, f"{BASE}process/sanding"])
    assert not any("涂装企业" in c for c in plant.conclusions)
    assert any(c.startswith("涉木粉尘企业") for c in plant.conclusions)
    assert f"{BASE}activity/confined-space-work" in plant.concepts
    assert not any("喷漆房" in line for line in plant.understood)


def test_unknown_concepts_are_left_out(recognizer: Recognizer) -> None:
    facts = enterprise_facts(["urn:nothing", f"{BASE}tag/hot-work"], 3, recognizer._ontology)
    assert facts.hazards == {f"{BASE}tag/hot-work"}
    assert facts.headcount == 3


@settings(deadline=None)
@given(text=st.text(alphabet="没有无不喷涂电镀危化品、和，。了人三百多20", max_size=30))
def test_any_words_can_be_read(recognizer: Recognizer, text: str) -> None:
    assert recognizer.recognize(text).text == text


def test_a_text_about_nothing_gives_an_empty_profile(recognizer: Recognizer) -> None:
    assert recognizer.recognize("今天天气不错") == Profile(text="今天天气不错")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20人", 20),
        ("员工三百多人", 301),
        ("一百来号人", 100),
        ("从业人员 120", 120),
        ("人数：35", 35),
        ("二十几个人", 21),
        ("百十号人", 110),
        ("近百人", 99),
        ("上百人", 100),
        ("一千二百名职工", 1200),
        ("30余人", 31),
        ("50-60人", 60),
        ("两三百人", 300),
        ("一百七八十人", 180),
        ("不到100人", 99),
        ("超过100人", 101),
        ("一百多人", 101),
        ("1,200人", 1200),
        ("1.2万人", 12000),
        ("员工２０人", 20),
        ("安全员2人，全厂共150人", 150),
        ("2人受伤，员工80人", 80),
        ("员工有 45 名，其中焊工3名", 45),
    ],
)
def test_the_number_of_people_is_read_as_it_is_said(text: str, value: int) -> None:
    headcount = read_headcount(text)
    assert headcount is not None
    assert headcount.value == value
    assert headcount.low <= value <= headcount.high
    assert headcount.evidence in text


@pytest.mark.parametrize(
    ("text", "stated", "value"),
    [
        ("正式工12个，小时工5个", 17, 17),
        ("合同工30人，另有劳务派遣8人", 38, 38),
        ("从业人员90人，其中派遣工20人", 90, 90),
        ("办公室4人，车间25人", 29, 29),
        ("厨师3名，服务员六个", 9, 9),
        ("工人就七八个", 7, 8),
        ("员工四十多人", 40, 41),
        ("十几号人", 10, 11),
        ("一百四五十人", 140, 150),
        ("自己人20，保洁外包6个", 20, 20),
        ("教师50名学生800名", 50, 50),
        ("一共9个人，电工1人", 9, 9),
        ("两口子开的店", 2, 2),
        ("护理员16名，住了80个老人", 16, 16),
        ("员工八十挂零", 80, 81),
        ("站长加班组共十二人", 12, 12),
        ("装卸工是劳务公司派来的14个，本公司18人", 32, 32),
        ("密炼外协，33人", 33, 33),
        ("从业人员——17", 17, 17),
        ("员工一百零几人", 101, 101),
    ],
)
def test_the_plants_own_people_are_added_up(text: str, stated: int, value: int) -> None:
    headcount = read_headcount(text)
    assert headcount is not None
    assert (headcount.stated, headcount.value) == (stated, value)


@pytest.mark.parametrize(
    "text",
    ["电工3人，焊工2人", "两名打磨工未戴口罩", "死亡3人", "3人中毒", "每班8人", "某人", "没有人", "20万元", "叉车2台", ""],
)
def test_other_numbers_are_not_the_staff(text: str) -> None:
    assert read_headcount(text) is None


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("一百零三", (103, 103)),
        ("两百", (200, 200)),
        ("一百二", (120, 120)),
        ("十七八", (17, 18)),
        ("十几", (11, 19)),
        ("几十", (20, 99)),
        ("百", (100, 100)),
        ("2", (2, 2)),
        ("厂", None),
        ("百百", None),
    ],
)
def test_a_number_is_read_as_a_span(words: str, span: tuple[int, int] | None) -> None:
    assert read_number(words) == span


@example("约1人")
@example("0至1人")
@given(st.text(alphabet="零一二三九十百千万几数0123.,人名多约近员工-至", max_size=16))
def test_any_wording_of_a_number_gives_a_sensible_count_or_none(text: str) -> None:
    headcount = read_headcount(text)
    assert headcount is None or 0 < headcount.low <= headcount.value <= headcount.high


def test_a_long_list_before_one_denial_is_read_in_time(recognizer: Recognizer) -> None:
    # Of the processor, not of the clock: other tests run beside this one.
    started = time.process_time()
    found = recognizer.recognize("喷漆、" * 300 + "都没有")
    assert time.process_time() - started < 3
    assert [f.label for f in found.processes] == []
    assert "喷漆" in [f.label for f in found.denied]
