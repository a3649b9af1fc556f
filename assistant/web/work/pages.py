"""The working pages, one file a subject; each entry builds its routes."""

from __future__ import annotations

from assistant.web.work import (
    account_pages,
    board_pages,
    check_pages,
    code_pages,
    due_pages,
    firm_pages,
    hazard_pages,
    inspect_pages,
    paper_pages,
    plan_pages,
    portrait_pages,
)

BUILDERS = (
    account_pages.build,
    firm_pages.build,
    check_pages.build,
    inspect_pages.build,
    paper_pages.build,
    code_pages.build,
    plan_pages.build,
    hazard_pages.build,
    due_pages.build,
    board_pages.build,
    portrait_pages.build,
)
