"""Uploads and texts of users: only photos are kept, no more than fit, and nothing a user writes is run by anybody."""

from __future__ import annotations

import io
import socket
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openpyxl
import pytest
import uvicorn
from PIL import Image
from starlette.testclient import TestClient

from assistant.records.photo_files import LARGEST_BYTES, MOST_PIXELS
from assistant.records.photos import MOST_PHOTOS
from assistant.service import Assistant
from assistant.web.work.site import LARGEST_BODY
from tests.assistant.records.made import everything
from tests.assistant.web.visitors import House, house

SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil.example","点我")'


@pytest.fixture(scope="module")
def at(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house(assistant, tmp_path_factory.mktemp("house"))
    yield built
    built.store.close()


@pytest.fixture(scope="module")
def member(at: House) -> TestClient:
    return at.signed_in("an")


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    held = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(held, kind, **more)
    return held.getvalue()


def send(at: House, client: TestClient, content: bytes, name: str = "a.jpg", check: str = "t-permit") -> httpx.Response:
    files = {"photo": (name, content, "image/jpeg")}
    return client.post(f"/work/checks/{at.check}/photo", data={"check": check}, files=files)


def kept(at: House) -> tuple[int, list[str]]:
    return len(everything(at.store)["photo"]), sorted(p.name for p in at.store.files.folder.rglob("*"))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to unpack to many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 2_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


REFUSED: dict[str, tuple[bytes, str]] = {
    "a text named like a photo": ("不是照片".encode() * 100, "不是照片"),
    "a page": (b"<html><script>alert(1)</script></html>", "不是照片"),
    "an SVG with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "不是照片"),
    "a PDF": (b"%PDF-1.4\n" + b"x" * 500, "不是照片"),
    "a GIF": (picture("GIF"), "不是照片"),
    "a BMP": (picture("BMP"), "不是照片"),
    "a TIFF": (picture("TIFF"), "不是照片"),
    "a page after the mark of a JPEG": (b"\xff\xd8\xff\xe0<html><script>alert(1)</script>", "已损坏|不是照片"),
    "a photo cut short": (picture(size=(640, 480))[:9000], "已损坏"),
    "a PNG with a broken body": (picture("PNG")[:60] + b"\0" * 500, "已损坏"),
    "a picture of too many pixels": (bomb(30_000, 30_000), "尺寸太大"),
    "a picture of just too many pixels": (bomb(MOST_PIXELS // 1000 + 1, 1000), "尺寸太大"),
    "a picture that claims pixels it doesn't have": (bomb(7_000, 7_000), "已损坏"),
    "nothing": (b"", "没有收到照片"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_not_kept(at: House, member: TestClient, what: str) -> None:
    content, says = REFUSED[what]
    before = kept(at)
    answer = send(at, member, content)
    assert answer.status_code == 422
    import re

    assert re.search(says, answer.json()["error"]), answer.text
    assert kept(at) == before


def test_a_photo_too_large_is_refused(at: House, member: TestClient) -> None:
    before = kept(at)
    answer = send(at, member, picture() + b"\0" * LARGEST_BYTES)
    assert (answer.status_code, "照片太大" in answer.json()["error"]) == (422, True)
    assert kept(at) == before


@contextmanager
def serving(at: House) -> Iterator[int]:
    """The application behind a real server on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(at.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(20)


def test_fifty_megabytes_are_refused_before_they_are_read(at: House, member: TestClient) -> None:
    """Over a real server: announced, in pieces of no announced length, and with a length that is a lie."""
    before = kept(at)
    cookies = "; ".join(f"{k}={v}" for k, v in member.cookies.items())
    headers = {"Cookie": cookies, "X-Form-Key": member.headers["X-Form-Key"], "Accept": "application/json"}
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    kind = "multipart/form-data; boundary=b"
    with serving(at) as port:
        address = f"http://127.0.0.1:{port}/work/checks/{at.check}/photo"

        def pieces() -> Iterator[bytes]:
            yield head
            for _ in range(200):
                yield b"\0" * 2**18
            yield b"\r\n--b--\r\n"

        told = {**headers, "Content-Type": kind}
        whole = head + b"\0" * (50 * 2**20) + b"\r\n--b--\r\n"
        for body in (whole, pieces()):
            try:
                answer = httpx.post(address, content=body, headers=told, timeout=60)
                assert answer.status_code in (413, 422)
                assert "太大" in answer.json()["error"]
            except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                # The server hung up while we were still sending.
                pass
        for path in ("login", "setup"):
            where = f"http://127.0.0.1:{port}/work/{path}"
            try:
                answer = httpx.post(where, content=pieces(), headers=told, timeout=60)
                assert answer.status_code in (413, 422)
            except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                pass
        # It still answers others.
        assert httpx.get(f"http://127.0.0.1:{port}/work/login").status_code == 200
    assert kept(at) == before


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "0x10", "abc"])
def test_a_length_that_is_none_is_refused(at: House, member: TestClient, length: str) -> None:
    answer = member.post(f"/work/checks/{at.check}/photo", content=b"x", headers={"Content-Length": length})
    assert answer.status_code == 413
    assert LARGEST_BODY < 20 * 2**20


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"]
)
@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b'{"check_id": 1}', b"--x\r\n", b"\xff\xfe"])
def test_a_body_that_makes_no_sense_is_told(at: House, member: TestClient, kind: str, body: bytes) -> None:
    before = everything(at.store)
    for path in ("answer", "photo"):
        answer = member.post(f"/work/checks/{at.check}/{path}", content=body, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)
    assert everything(at.store) == before


def test_numbers_nests_and_characters_beyond_all_bounds_are_told(at: House, member: TestClient) -> None:
    huge = "9" * 30
    for path in (
        f"firms/{huge}",
        f"checks/{huge}",
        f"hazards/{huge}",
        f"photos/{huge}",
        f"firms?page={huge}",
        "firms?page=0",
    ):
        answer = member.get(f"/work/{path}")
        assert answer.status_code < 500, (path, answer.text)
    for body in (b"[" * 200_000, b'{"check_id": "t-permit", "result": "compliant", "note": "\\ud800"}'):
        answer = member.post(f"/work/checks/{at.check}/answer", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text
    told = {"check_id": "t-permit", "result": "noncompliant", "note": "a\x00b\u202e😀", "version": 0}
    answer = member.post(f"/work/checks/{at.check}/answer", json=told)
    assert (answer.status_code, answer.json()["note"]) == (200, "ab\u202e😀")
    answer = member.post(f"/work/checks/{at.check}/answer", json={**told, "version": int(huge)})
    assert answer.status_code in (409, 422)


@pytest.mark.parametrize(
    "name",
    ["../../../evil.jpg", "..\\..\\evil.jpg", "/etc/passwd", "a\x00b.jpg", "x" * 5000 + ".jpg", "", ".", "CON", SCRIPT],
)
def test_a_name_leads_nowhere(at: House, member: TestClient, name: str) -> None:
    content = picture()
    # httpx refuses some of these names, so the form is written by hand.
    part = b"--b\r\nContent-Disposition: form-data; name="
    head = part + b'"check"\r\n\r\nt-clear\r\n' + part + b'"photo"'
    told = name.replace('"', "%22").encode()
    body = head + b'; filename="' + told + b'"\r\nContent-Type: image/jpeg\r\n\r\n' + content + b"\r\n--b--\r\n"
    answer = member.post(
        f"/work/checks/{at.check}/photo", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    if answer.status_code != 200:
        assert answer.status_code in (400, 422)
        return
    photo = answer.json()
    inside = at.store.files.folder.resolve()
    assert all(p.resolve().is_relative_to(inside) for p in inside.rglob("*"))
    assert {p.name for p in at.store.data.iterdir()} <= {"photos", "setup-code"} | {
        f"records.sqlite3{e}" for e in ("", "-wal", "-shm")
    }
    assert len(photo["name"]) <= 200
    assert "\x00" not in photo["name"]
    assert member.get(f"/work/photos/{photo['id']}").content == content
    assert member.post(f"/work/photos/{photo['id']}/remove").status_code == 200


def test_a_photo_that_is_also_a_page_is_served_as_nothing_but_a_photo(at: House, member: TestClient) -> None:
    content = picture() + b"<html><script>alert(document.cookie)</script></html>"
    photo = send(at, member, content, "photo.html").json()
    for small in ("", "?small=1"):
        answer = member.get(f"/work/photos/{photo['id']}{small}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "private" in answer.headers["cache-control"]
    assert b"<script>" not in member.get(f"/work/photos/{photo['id']}?small=1").content
    member.post(f"/work/photos/{photo['id']}/remove")


def test_a_photo_taken_upright_is_shown_upright(at: House, member: TestClient) -> None:
    told = Image.Exif()
    told[0x0112] = 6
    photo = send(at, member, picture(size=(400, 200), exif=told), "竖.jpg").json()
    with Image.open(io.BytesIO(member.get(f"/work/photos/{photo['id']}?small=1").content)) as small:
        assert small.size == (200, 400)
        # Where it was taken isn't passed on with the small copy.
        assert not small.getexif()
    member.post(f"/work/photos/{photo['id']}/remove")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_that_phones_take_are_kept(at: House, member: TestClient, kind: str) -> None:
    photo = send(at, member, picture(kind), "misnamed.jpg").json()
    assert member.get(f"/work/photos/{photo['id']}").headers["content-type"] == f"image/{kind.lower()}"
    member.post(f"/work/photos/{photo['id']}/remove")


def test_one_check_takes_so_many_photos_and_no_more(at: House, member: TestClient) -> None:
    made = [send(at, member, picture(), f"{n}.jpg", "t-watch") for n in range(MOST_PHOTOS + 2)]
    assert [a.status_code for a in made] == [200] * MOST_PHOTOS + [422] * 2
    assert f"最多 {MOST_PHOTOS} 张" in made[-1].json()["error"]
    for answer in made[:MOST_PHOTOS]:
        member.post(f"/work/photos/{answer.json()['id']}/remove")


# --- texts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dangerous(at: House, member: TestClient) -> int:
    """A finished check and a hazard whose texts are scripts and formulas; the check."""
    from assistant.records import AnswerForm, HazardForm, Viewer
    from tests.assistant.records.made import small_checklist

    system = at.store.desk(Viewer.of_system(SCRIPT))
    made = system.inspections.add(at.firm, "self_check", small_checklist().model_copy(update={"title": SCRIPT}), "k")
    for check, note in (("t-permit", FORMULA), ("t-watch", SCRIPT), ("t-clear", "@SUM(1+1)*cmd|' /C calc'!A0")):
        form = AnswerForm(check_id=check, result="noncompliant", note=note, responsible="+1+1")
        system.inspections.answer(made.id, form)
    system.hazards.add(at.firm, HazardForm(description=FORMULA, responsible="-2+3"))
    system.hazards.add(at.firm, HazardForm(description=SCRIPT, responsible="\t=1+1"))
    return int(system.inspections.finish(made.id, made.version).id)


def test_a_script_is_shown_as_the_text_it_is(at: House, member: TestClient, dangerous: int) -> None:
    shown = 0
    for path in (f"checks/{dangerous}", "hazards", f"firms/{at.firm}", "audit", "board", f"firms/{at.firm}/trend"):
        text = member.get(f"/work/{path}", headers={"Accept": "text/html"}).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        shown += "&lt;script&gt;alert" in text
    assert shown >= 3


@pytest.mark.parametrize("path", ["checks/{check}/report.xlsx", "hazards.xlsx?firm={firm}"])
def test_no_text_becomes_a_formula_in_a_workbook(at: House, member: TestClient, dangerous: int, path: str) -> None:
    answer = member.get("/work/" + path.format(check=dangerous, firm=at.firm))
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert [c.coordinate for c in cells if c.data_type == "f" and "evil" in str(c.value)] == []
    found = [c for c in cells if str(c.value).startswith(("=", "+1", "-2", "@SUM"))]
    assert any(FORMULA in str(c.value) for c in found)
    assert [c.coordinate for c in found if c.data_type != "s" or not c.quotePrefix] == []


def test_a_script_is_text_in_a_document(at: House, member: TestClient, dangerous: int) -> None:
    answer = member.get(f"/work/checks/{dangerous}/report.docx")
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        text = archive.read("word/document.xml").decode()
    assert "&lt;script&gt;alert" in text
    assert "<script" not in text
