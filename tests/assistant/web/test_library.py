"""The tab of the library: what it opens with, and a reader who is quicker than that."""

from __future__ import annotations

from assistant.service import Assistant
from assistant.web.library_tab import Views
from assistant.web.parts import update


def test_the_library_opens_with_a_document_and_one_of_its_provisions(assistant: Assistant) -> None:
    document, about, provision, card, *_ = Views(assistant).opening("one")
    assert document["value"] in {i for _, i in document["choices"]}
    assert about
    assert provision["value"]
    assert "<article" in card


def test_what_it_opens_with_leaves_alone_what_a_quick_reader_asks_for(assistant: Assistant) -> None:
    views = Views(assistant)
    views.began("quick")
    document, *rest = views.opening("quick")
    assert document["choices"]
    assert "value" not in document
    assert rest == [update()] * 6
    assert views.opening("another")[0]["value"]
