"""Photos: kept as they came under the digest of their content, of one check or hazard, never half written."""

from __future__ import annotations

import hashlib
import io
import threading

import pytest
from PIL import Image

from assistant.records import (
    AnswerForm,
    EnterpriseOut,
    HazardForm,
    InspectionOut,
    NotFoundError,
    RecordsError,
    RecordStore,
    RecordValueError,
)
from assistant.records.photos import MOST_PHOTOS
from tests.assistant.records.made import DUE, desk


def picture(color: str = "#a33") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (2000, 1000), color).save(held, "JPEG")
    return held.getvalue()


def test_a_photo_is_kept_as_it_came_with_a_small_copy(store: RecordStore, inspection: InspectionOut) -> None:
    content = picture()
    photo = desk(store).photos.add_to_check(inspection.id, "t-permit", content, "现场.jpg")
    assert (photo.sha256, photo.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (photo.width, photo.height, photo.taken_by) == (2000, 1000, "甲")
    assert desk(store).photos.content(photo.id) == (content, "image/jpeg")
    with Image.open(io.BytesIO(desk(store).photos.content(photo.id, small=True)[0])) as small:
        assert small.size == (1280, 640)
    assert [p.name for p in desk(store).photos.of_inspection(inspection.id)["t-permit"]] == ["现场.jpg"]
    assert [e.action for e in desk(store).trail.find("photo", photo.id).items] == ["create"]


def test_a_removed_photo_leaves_its_line_in_the_log(store: RecordStore, inspection: InspectionOut) -> None:
    photo = desk(store).photos.add_to_check(inspection.id, "t-permit", picture())
    desk(store, "乙").photos.remove(photo.id)
    with pytest.raises(NotFoundError):
        desk(store).photos.get(photo.id)
    gone = desk(store).trail.find("photo", photo.id).items[0]
    assert (gone.actor, gone.action, gone.changes["sha256"]) == ("乙", "remove", [photo.sha256, None])


def test_photos_of_what_is_finished_stay(store: RecordStore, firm: EnterpriseOut, inspection: InspectionOut) -> None:
    photo = desk(store).photos.add_to_check(inspection.id, "t-permit", picture())
    desk(store).inspections.answer(inspection.id, AnswerForm(check_id="t-permit", result="noncompliant"))
    desk(store).inspections.finish(inspection.id, inspection.version)
    with pytest.raises(RecordValueError, match="已经办结"):
        desk(store).photos.remove(photo.id)
    with pytest.raises(RecordValueError, match="已经办结"):
        desk(store).photos.add_to_check(inspection.id, "t-permit", picture())
    hazard = desk(store).hazards.find(firm.id).items[0]
    # The hazard shows the photo of the check it came from.
    assert [p.id for p in desk(store).photos.of_hazard(hazard.id)] == [photo.id]


def test_photos_of_a_hazard_are_evidence(store: RecordStore, firm: EnterpriseOut) -> None:
    hazard = desk(store).hazards.add(firm.id, HazardForm(description="通道堵了"))
    photo = desk(store).photos.add_to_hazard(hazard.id, "found", picture())
    with pytest.raises(RecordValueError, match="整改凭据"):
        desk(store).photos.remove(photo.id)
    for to, told in (("assigned", ""), ("mended", "清了"), ("verified", ""), ("closed", "")):
        held = desk(store).hazards.get(hazard.id)
        desk(store).hazards.move(hazard.id, held.version, to, note=told, responsible="王", due=DUE)  # type: ignore[arg-type]
    with pytest.raises(RecordValueError, match="已经销号"):
        desk(store).photos.add_to_hazard(hazard.id, "verified", picture())


def test_photos_are_of_a_check_that_is_on_the_list(store: RecordStore, inspection: InspectionOut) -> None:
    with pytest.raises(RecordValueError, match="没有检查项 t-other"):
        desk(store).photos.add_to_check(inspection.id, "t-other", picture())
    with pytest.raises(NotFoundError):
        desk(store).photos.add_to_check(77, "t-permit", picture())
    assert not store.files.folder.exists()


def test_no_more_photos_than_allowed_get_in_however_fast_they_come(store: RecordStore, inspection: InspectionOut) -> None:
    for n in range(MOST_PHOTOS - 2):
        desk(store).photos.add_to_check(inspection.id, "t-permit", picture(f"#{n:03d}"))
    outcomes: list[str] = []
    together = threading.Barrier(6)

    def add(n: int) -> None:
        content = picture(f"#9{n}9")
        together.wait()
        try:
            desk(store).photos.add_to_check(inspection.id, "t-permit", content)
            outcomes.append("kept")
        except RecordValueError:
            outcomes.append("refused")

    threads = [threading.Thread(target=add, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] * 2 + ["refused"] * 4
    assert len(desk(store).photos.of_inspection(inspection.id)["t-permit"]) == MOST_PHOTOS


def test_a_photo_whose_file_is_gone_is_told(store: RecordStore, inspection: InspectionOut) -> None:
    photo = desk(store).photos.add_to_check(inspection.id, "t-permit", picture())
    store.files.path(photo.sha256, photo.media_type).unlink()
    with pytest.raises(NotFoundError, match="用备份恢复"):
        desk(store).photos.content(photo.id)
    # The same photo sent again puts the file back.
    desk(store).photos.add_to_check(inspection.id, "t-watch", picture())
    assert desk(store).photos.content(photo.id)[0] == picture()


def test_a_disk_that_is_full_keeps_no_half_photo(
    store: RecordStore, inspection: InspectionOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordsError, match="没有保存"):
        desk(store).photos.add_to_check(inspection.id, "t-permit", picture())
    assert [p for p in store.files.folder.rglob("*") if p.is_file()] == []
    assert desk(store).photos.of_inspection(inspection.id) == {}
