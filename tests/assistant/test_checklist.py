"""Checklists: by scene, by profile, on a day; every item with ground, nature, cost, method and fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.checklist import Checklist
from assistant.service import Assistant
from kg_build.errors import UsageError
from kg_build.snapshot import build
from kg_build.vocabulary import Vocabulary, load_graph, ontology_folder
from tests.conftest import TODAY

SCENES = ["有限空间作业", "粉尘涉爆除尘", "动火作业", "危险化学品储存", "用电安全", "安全管理基础"]


@pytest.mark.parametrize("scene", SCENES)
def test_each_scene_has_at_least_twenty_checks(assistant: Assistant, scene: str) -> None:
    made = assistant.checklist([scene])
    assert made.total >= 20
    assert {g.scene for g in made.groups} == {scene}


@pytest.mark.parametrize("scene", SCENES)
def test_every_item_has_ground_method_and_fix(assistant: Assistant, scene: str) -> None:
    for item in assistant.checklist([scene]).items():
        assert item.basis
        assert item.how
        assert item.fix
        assert all(b.gist or b.official_text for b in item.basis), item.id


def test_numbers_are_unique_and_in_order(assistant: Assistant) -> None:
    numbers = [i.number for i in assistant.checklist(SCENES).items()]
    assert len(set(numbers)) == len(numbers)
    keys = [tuple(map(int, n.split("."))) for n in numbers]
    assert keys == sorted(keys)


def test_an_item_is_major_exactly_when_a_criterion_in_force_is_among_its_grounds(assistant: Assistant) -> None:
    for item in assistant.checklist(SCENES).items():
        assert (item.severity == "major") == any(b.major_hazard for b in item.basis)


def test_an_item_is_mandatory_when_any_ground_is_mandatory(assistant: Assistant) -> None:
    for item in assistant.checklist(SCENES).items():
        assert (item.nature == "mandatory") == any(b.nature == "mandatory" for b in item.basis)


def test_most_items_say_what_a_breach_costs_with_ranges(assistant: Assistant) -> None:
    items = assistant.checklist(SCENES).items()
    with_ranges = [i for i in items if any(p.ranges for p in i.penalty)]
    assert len(with_ranges) >= 0.7 * len(items)


def test_grounds_not_in_force_on_the_day_are_not_cited(assistant: Assistant) -> None:
    for day in ("2023-06-01", "2026-04-30", "2026-11-23"):
        for item in assistant.checklist(SCENES, as_of=day).items():
            assert all(b.in_force for b in item.basis)
            assert all(p.in_force for p in item.penalty)


def scenes_of(made: Checklist) -> set[str]:
    return {g.scene for g in made.groups}


def test_a_polishing_shop_gets_the_dust_scene_with_the_reason(assistant: Assistant) -> None:
    made = assistant.checklist(profile="铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气")
    assert "粉尘涉爆除尘" in scenes_of(made)
    assert any("粉尘涉爆企业" in c for c in made.conclusions)
    assert any("铝镁" in i.ask for i in made.items())


def test_a_small_office_is_not_asked_about_dust_or_chemicals(assistant: Assistant) -> None:
    made = assistant.checklist(profile="我们是一家十来个人的设计公司，只有办公室")
    assert not scenes_of(made) & {"粉尘涉爆除尘", "危险化学品储存", "动火作业", "有限空间作业"}


def test_a_small_firm_is_not_asked_for_what_only_firms_over_100_people_need(assistant: Assistant) -> None:
    small = {i.id for i in assistant.checklist(["安全管理基础"], "机械加工厂，30人").items()}
    large = {i.id for i in assistant.checklist(["安全管理基础"], "机械加工厂，300人").items()}
    assert large - small


def test_a_chemical_plant_and_a_machine_shop_get_different_hot_work_lists(assistant: Assistant) -> None:
    chemical = {i.id for i in assistant.checklist(["动火作业"], "化工厂，有罐区，要动火检修").items()}
    machine = {i.id for i in assistant.checklist(["动火作业"], "机械厂，车间里偶尔电焊动火").items()}
    assert chemical - machine


def grounds(made: Checklist) -> set[str]:
    return {b.document for i in made.items() for b in i.basis}


def test_a_machine_shop_is_not_held_to_rules_for_chemical_firms_nor_the_other_way_round(assistant: Assistant) -> None:
    work = "焊接动火，高处作业，吊装，受限空间清理，60人"
    shop, plant = (grounds(assistant.checklist(profile=f"{firm}，{work}")) for firm in ("机械加工厂", "化工厂"))
    assert not shop & {"GB 30871-2022", "AQ 3067-2026"}
    assert {"有限空间规定", "GB 46768-2025", "工贸重大隐患判定标准"} <= shop
    assert not plant & {"有限空间规定", "GB 46768-2025", "工贸重大隐患判定标准"}
    assert {"GB 30871-2022", "AQ 3067-2026"} <= plant


def test_a_check_that_rests_only_on_rules_for_other_firms_is_mere_reference(assistant: Assistant) -> None:
    made = assistant.checklist(profile="制药厂，药粉粉碎，有除尘系统")
    foreign = [i for i in made.items() if {b.document for b in i.basis} == {"粉尘防爆规定"}]
    assert foreign
    for item in foreign:
        assert (item.nature, item.severity, item.penalty) == ("recommended", "general", [])
    assert any("项的依据不约束本企业" in n for n in made.notices)


@pytest.mark.parametrize("day", [None, "2024-06-01"])
def test_the_list_counts_its_reference_items_by_the_law_of_the_day(assistant: Assistant, day: str | None) -> None:
    made = assistant.checklist(profile="制药厂，药粉粉碎，有除尘系统", as_of=day)
    trade = {"粉尘防爆规定", "工贸重大隐患判定标准", "有限空间规定"}
    foreign = sum({b.document for b in i.basis} <= trade for i in made.items())
    assert any(n.startswith(f"有 {foreign} 项的依据不约束") for n in made.notices)


def test_a_firm_of_unknown_industry_keeps_every_ground_and_is_told(assistant: Assistant) -> None:
    made = assistant.checklist(["动火作业"])
    assert "GB 30871-2022" in grounds(made)
    assert any("没有写明企业行业" in n and "GB 30871-2022" in n for n in made.notices)
    said = assistant.checklist(["动火作业"], profile="机械加工厂，焊接")
    assert not any("没有写明企业行业" in n for n in said.notices)


def test_an_unknown_scene_is_refused_with_the_known_ones(assistant: Assistant) -> None:
    with pytest.raises(UsageError, match="有限空间作业"):
        assistant.checklist(["下井作业场景"])


def test_nothing_to_make_a_list_from_is_refused(assistant: Assistant) -> None:
    with pytest.raises(UsageError, match="场景"):
        assistant.checklist()


def test_a_day_before_all_law_is_refused(assistant: Assistant) -> None:
    with pytest.raises(UsageError, match="没有适用"):
        assistant.checklist(["有限空间作业"], as_of="1980-01-01")


def test_a_fact_taken_back_takes_its_scene_with_it(assistant: Assistant) -> None:
    text = "铝合金轮毂抛光，20人，有喷涂"
    facts = dict(assistant.facts(text))
    kept = [iri for label, iri in facts.items() if "抛光" not in label]
    assert "粉尘涉爆除尘" not in scenes_of(assistant.checklist(profile=text, only=kept))


def test_a_check_of_two_scenes_stands_in_each_list_and_once_in_both(
    mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    words = Vocabulary(load_graph(ontology_folder()))
    scene = words.scenes.by_label["用电安全"]
    link = words.children(scene)[0]
    point = words.children(words.child(scene, link))[0]  # type: ignore[arg-type]
    place = f"also: [{{scene: 用电安全, link: {link}, point: {point}}}]"
    replace_in(mini / "checks/hot-work.yaml", "    says: [没开动火票就焊]", f"    {place}\n    says: [没开动火票就焊]")
    build(tmp_path, corpus=mini, model="none", today=TODAY)
    assistant = Assistant(tmp_path, clock=lambda: TODAY)
    home, away = assistant.checklist(["动火作业"]).items(), assistant.checklist(["用电安全"]).items()
    assert [(i.id, i.link, i.point) for i in away] == [("t-permit", link, point)]
    assert "t-permit" in {i.id for i in home}
    assert [i.id for i in assistant.checklist(["动火作业", "用电安全"]).items()].count("t-permit") == 1
