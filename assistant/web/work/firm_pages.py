"""Firms: the list, a firm's own page, what it does (versioned), and the start page of whoever is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, JSONResponse, Response

from assistant.checklist import scenes_with_checks
from assistant.profile import FIELDS
from assistant.records import EnterpriseForm, ProfileForm
from assistant.web.work.site import Here, Site
from kg_build.errors import UsageError


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("")
    def home(here: Here = Depends(site.reader)) -> Response:
        viewer = here.signed.viewer
        if viewer.enterprise_id and not viewer.official and "group" not in viewer.roles:
            return here.go(f"/firms/{viewer.enterprise_id}")
        if not viewer.oversees:
            return here.show("nothing.html")
        return here.go("/board")

    @router.get("/firms")
    def firms(here: Here = Depends(site.reader)) -> HTMLResponse:
        q, level, district = here.text("q"), here.text("level") or None, here.text("district") or None
        found = here.desk.enterprises.find(q, level=level, district=district, page=here.page_number())
        return here.show("firms.html", found=found, q=q, level=level, district=district)

    @router.get("/firms/new")
    def new_firm(here: Here = Depends(site.reader)) -> HTMLResponse:
        return here.show("firm_form.html", firm=None, parents=_parents(here))

    @router.post("/firms/new")
    def add_firm(here: Here = Depends(site.writer)) -> Response:
        return here.go(f"/firms/{here.desk.enterprises.add(_form(here)).id}")

    @router.get("/firms/{firm_id}")
    def firm(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        desk = here.desk
        return here.show(
            "firm.html",
            firm=desk.enterprises.get(firm_id),
            profile=desk.enterprises.profile(firm_id),
            checks=desk.inspections.find(firm_id, size=8),
            hazards=desk.hazards.counts(firm_id),
            pressing=desk.hazards.find(firm_id, states=["found", "assigned", "mended", "verified"], size=6),
            due=desk.due.find(firm_id, size=6),
            below=desk.enterprises.find(parent_id=firm_id, size=50),
            today=desk.work.today(),
        )

    @router.get("/firms/{firm_id}/edit")
    def edit_firm(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        return here.show("firm_form.html", firm=here.desk.enterprises.get(firm_id), parents=_parents(here))

    @router.post("/firms/{firm_id}/edit")
    def change_firm(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        held = here.desk.enterprises.get(firm_id)
        form = _form(here).model_copy(update={"profile": held.profile})
        here.desk.enterprises.update(firm_id, here.version(), form)
        return here.go(f"/firms/{firm_id}")

    @router.get("/firms/{firm_id}/profile")
    def profile(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        knowledge = site.assistant.knowledge
        return here.show(
            "profile.html",
            firm=here.desk.enterprises.get(firm_id),
            profile=here.desk.enterprises.profile(firm_id),
            versions=here.desk.enterprises.profiles(firm_id),
            scenes=[knowledge.label(s) for s in scenes_with_checks(knowledge)],
            label=lambda iri: knowledge.label(iri) if iri in knowledge.concepts else iri.rsplit("/", 1)[-1],
        )

    @router.post("/firms/{firm_id}/profile")
    def keep_profile(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        text = here.text("text")
        headcount = site.assistant.recognize(text).headcount if text else None
        form = ProfileForm(text=text, kept=here.texts("kept"), scenes=here.texts("scenes"))
        here.desk.enterprises.add_profile(firm_id, form, headcount)
        return here.go(f"/firms/{firm_id}/check")

    @router.get("/recognize")
    def recognize(here: Here = Depends(site.reader)) -> Response:
        """What a description says of a plant, while it is typed: label, words it came from, certainty, concept."""
        try:
            found = site.assistant.recognize(here.text("text"))
        except UsageError as error:
            return JSONResponse({"facts": [], "denied": [], "people": None, "error": str(error)})
        facts = [
            {"concept": f.concept, "label": f.label, "kind": FIELDS[f.kind][1], "words": f.evidence} for f in found.facts()
        ]
        denied = [f.label for f in found.denied]
        return JSONResponse({"facts": facts, "denied": denied, "people": found.headcount})

    return router


def _form(here: Here) -> EnterpriseForm:
    plain = {n: here.text(n) or None for n in ("credit_code", "address", "contact", "phone", "legal_representative")}
    return EnterpriseForm(
        name=here.text("name"),
        headcount=here.number("headcount", "人数"),
        industry=here.text("industry") or None,
        district=here.text("district") or None,
        parent_id=here.number("parent_id", "上级企业编号"),
        key_unit=here.text("key_unit") == "on",
        **plain,
    )


def _parents(here: Here) -> list[tuple[int, str]]:
    return [(e.id, e.name) for e in here.desk.enterprises.find(size=200).items]
