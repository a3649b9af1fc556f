"""Numbers of the law found by words: the subject itself first, then what is said of it, then its topic."""

from assistant.service import Assistant


def test_the_substance_itself_comes_before_those_whose_names_hold_its_name(assistant: Assistant) -> None:
    rows = assistant.thresholds(["甲苯", "临界量"])
    assert [r.of for r in rows][:2] == ["甲苯", "甲苯二异氰酸酯"]
    assert (rows[0].value, rows[0].unit, rows[0].citation) == (500, "吨", "GB 18218-2018 表1 64)")


def test_a_topic_finds_the_numbers_of_its_provisions(assistant: Assistant) -> None:
    rows = assistant.thresholds(["教育培训"])
    assert any(r.measure == "培训学时" and r.citation == "《安全培训规定》第十三条" for r in rows)
    spoken = [("教育培训" in f"{r.measure} {r.of} {r.condition}") for r in rows]
    assert spoken == sorted(spoken, reverse=True)


def test_every_word_has_to_be_met(assistant: Assistant) -> None:
    assert assistant.thresholds(["教育培训", "临界量"]) == []


def test_a_number_holds_only_from_the_day_of_its_document(assistant: Assistant) -> None:
    def held(day: str) -> set[str]:
        return {r.citation.rsplit(" ", 1)[0] for r in assistant.thresholds(["有限空间作业", "专题安全培训"], as_of=day)}

    assert "GB 46768-2025" not in held("2026-04-30")
    assert "GB 46768-2025" in held("2026-05-01")
