"""The tab of the library: what it opens with, and what a chosen document shows."""

from __future__ import annotations

from assistant.service import Assistant
from assistant.web.library_tab import Views


def test_the_library_opens_with_every_document_to_choose_from_and_none_chosen(assistant: Assistant) -> None:
    document = Views(assistant).opening()
    assert {i for _, i in document["choices"]} == set(assistant.knowledge.documents)
    # A choice made here would arrive late, and come over what a quick reader has asked for.
    assert "value" not in document


def test_a_chosen_document_shows_one_of_its_provisions(assistant: Assistant) -> None:
    views = Views(assistant)
    chosen = views.opening()["choices"][0][1]
    about, provision, card, *_ = views.document(chosen)
    assert about
    assert provision["value"] in {i for _, i in provision["choices"]}
    assert "<article" in card
