"""The working pages, one file a subject; each entry builds its routes."""

from __future__ import annotations

from assistant.web.work import account_pages, check_pages, firm_pages

BUILDERS = (account_pages.build, firm_pages.build, check_pages.build)
