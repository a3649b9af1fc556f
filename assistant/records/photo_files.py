"""Photos on disk: each lies under the digest of its content; nothing a user names reaches a path."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from assistant.records.errors import NotFoundError, RecordsError, RecordValueError

LARGEST_BYTES = 12 * 2**20
MOST_PIXELS = 60_000_000
"""More than phones take; a small file can claim a size that fills the memory when it is unpacked."""
SMALL = 1280
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo on disk: digest of its content, its true type, size in bytes, width and height in pixels."""

    sha256: str
    media_type: str
    size: int
    width: int
    height: int


class PhotoFiles:
    """The folder of photos."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> Kept:
        """Check a photo and keep it as it came, with a small copy beside for screens.

        Raise :class:`RecordValueError` for what is no photo, too large, damaged, or unpacks to too much.
        """
        if len(content) > LARGEST_BYTES:
            raise RecordValueError(
                f"照片太大（{len(content) / 2**20:.1f} MB，最多 {LARGEST_BYTES // 2**20} MB）；请压缩后再上传。"
            )
        kind, width, height, small = _read(content)
        digest = hashlib.sha256(content).hexdigest()
        kept = Kept(digest, TYPES[kind], len(content), width, height)
        try:
            self._write(self.path(digest, kept.media_type), content)
            self._write(self.small_path(digest), small)
        except OSError as error:
            raise RecordsError(f"照片没有保存（{error.strerror or error}）；请检查磁盘空间和数据目录的权限。") from error
        return kept

    def path(self, digest: str, media_type: str) -> Path:
        """Where a photo lies."""
        return self._place(digest) / f"{digest}{ENDINGS[media_type]}"

    def small_path(self, digest: str) -> Path:
        """Where its small copy lies."""
        return self._place(digest) / f"{digest}-small.jpg"

    def read(self, path: Path) -> bytes:
        """The content of a photo; raise :class:`NotFoundError` when the file is gone."""
        try:
            return path.read_bytes()
        except OSError as error:
            raise NotFoundError("照片文件不在了；请用备份恢复数据目录，或者重新拍照。") from error

    def _place(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFoundError("没有这张照片。")
        return self.folder / digest[:2]

    def _write(self, path: Path, content: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def _read(content: bytes) -> tuple[str, int, int, bytes]:
    """The format, width and height of a photo, and a small JPEG of it; raise :class:`RecordValueError` for anything else."""
    wrong = "这个文件不是照片；请上传 JPG、PNG 或者 WebP 格式的照片（苹果手机请在相机设置里选“兼容性最佳”）。"
    try:
        with warnings.catch_warnings():
            # A picture of many pixels is refused below, in words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=list(TYPES)) as opened:
                kind, (width, height) = opened.format or "", opened.size
                if width * height > MOST_PIXELS:
                    raise RecordValueError(f"照片尺寸太大（{width}×{height}）；请用不超过 6000 万像素的照片。")
                opened.draft("RGB", (SMALL, SMALL))
                small = ImageOps.exif_transpose(opened) or opened
                small.thumbnail((SMALL, SMALL))
                held = io.BytesIO()
                small.convert("RGB").save(held, "JPEG", quality=80)
    except RecordValueError:
        raise
    except UnidentifiedImageError as error:
        raise RecordValueError(wrong) from error
    except Image.DecompressionBombError as error:
        raise RecordValueError("照片尺寸太大；请用不超过 6000 万像素的照片。") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise RecordValueError("照片文件已损坏，打不开；请重新拍照或者另存后再上传。") from error
    return kind, width, height, held.getvalue()
