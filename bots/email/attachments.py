"""What is attached to a mail: what counts as supporting data, under which name, and how its bytes are brought.

Archives stay closed and types are not believed: what a file is, is found out when it is fetched (core/sniffing.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from bots.email import parts, wire
from bots.email.charsets import clean
from bots.email.parts import Part
from core.channels import Fetched, FetchState, FileRef, MediaKind

MOST_NAME_CHARACTERS = 100
TINY_BYTES = 4_096
"""A GIF or PNG that HTML cites and that is smaller is a logo or a counting pixel, not evidence."""
FORWARDED_NAME = "pesan terusan.eml"
TNEF_NAME = "winmail.dat"

_NO_EVIDENCE = frozenset(
    {
        "text/calendar",
        "application/ics",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
        "application/pgp-encrypted",
        "application/applefile",
        "text/x-amp-html",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
        "message/external-body",
        "message/partial",
    }
)
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_PHOTOS = frozenset(
    {f"image/{one}" for one in ("jpeg", "jpg", "pjpeg", "png", "x-png", "gif", "webp", "heic", "heif")},
)
_BY_ENDING = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic"), MediaKind.PHOTO),
    **dict.fromkeys((".mp4", ".3gp", ".mov", ".webm"), MediaKind.VIDEO),
    **dict.fromkeys((".mp3", ".m4a", ".ogg", ".opus", ".amr", ".wav", ".aac"), MediaKind.AUDIO),
}
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]+')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_MIME = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Attached:
    """The files of a mail, how many more there were, and codes about them."""

    files: tuple[FileRef, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()


def attached(raw: bytes, found: Iterable[Part], *, decoration: Collection[str], most_files: int, most_bytes: int) -> Attached:
    """The files among these parts. `decoration`: content ids that only a quote or a signature cites."""
    files: list[FileRef] = []
    left_out = 0
    notes: list[str] = []
    for part in found:
        if not is_evidence(raw, part, decoration):
            continue
        size_bytes = parts.size_of(raw, part)
        if size_bytes == 0 and not part.name:
            continue
        if _is_tnef(part):
            notes.append("tnef")
        if len(files) >= most_files or size_bytes > most_bytes:
            left_out += 1
            continue
        files.append(
            FileRef(
                ref=part.locator,
                kind=_kind(part),
                name=name_of(part),
                mime=part.mime if _MIME.fullmatch(part.mime) else None,
                size_bytes=size_bytes,
                inline=True,
            )
        )
    return Attached(tuple(files), left_out, tuple(dict.fromkeys(notes)))


def is_evidence(raw: bytes, part: Part, decoration: Collection[str]) -> bool:
    """Is this part something that a person attached, rather than what his program did?"""
    if part.children or part.mime.startswith("multipart/") or part.mime in _NO_EVIDENCE:
        return False
    if (part.name or "").lower().endswith((".p7s", ".ics", ".vcs")):
        return False
    if not part.cid or part.disposition == "attachment":
        return True
    if part.cid in decoration:
        return False
    return part.mime not in ("image/gif", "image/png") or parts.size_of(raw, part) >= TINY_BYTES


def bring(ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:
    """Writes the bytes of one attachment to `into`. GONE: there is no such part. Raises OSError where the disk does."""
    if body is None:
        return Fetched(FetchState.GONE)
    _, raw = wire.unpack(body)
    part = next((one for one in parts.tree(raw).walk() if one.locator == ref.ref and not one.children), None)
    if part is None or part.mime.startswith("multipart/"):
        return Fetched(FetchState.GONE)
    size_bytes = 0
    with into.open("wb") as file:
        for chunk in parts.chunks(raw, part):
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                break
            file.write(chunk)
    if size_bytes > limit_bytes:
        into.unlink()
        return Fetched(FetchState.TOO_LARGE)
    return Fetched(FetchState.STORED, size_bytes)


def name_of(part: Part) -> str | None:
    """The file's name without path, control or direction characters, its ending kept; None where it has none."""
    if _is_tnef(part):
        return TNEF_NAME
    name = safe_name(part.name or "")
    if part.mime == "message/rfc822":
        return FORWARDED_NAME if name is None else name if name.lower().endswith(".eml") else f"{name}.eml"
    return name


def safe_name(name: str) -> str | None:
    """A name that no file system and no screen can be fooled with, at most 100 characters; None if nothing is left."""
    name = unicodedata.normalize("NFC", clean(name[:2_000]).replace("\\", "/").rpartition("/")[2])
    name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cf", "Cc", "Co", "Cs", "Cn", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(" .")
    if len(name) > MOST_NAME_CHARACTERS:
        ending = _ENDING.search(name)
        kept = ending[0] if ending else ""
        name = name[: MOST_NAME_CHARACTERS - len(kept)].rstrip(" .") + kept
    return name or None


def _is_tnef(part: Part) -> bool:
    return part.mime in _TNEF or (part.name or "").lower() == TNEF_NAME


def _kind(part: Part) -> MediaKind:
    family = part.mime.partition("/")[0]
    if part.mime in _PHOTOS:
        return MediaKind.PHOTO
    if family in ("video", "audio"):
        return MediaKind.VIDEO if family == "video" else MediaKind.AUDIO
    if part.mime == "application/octet-stream":  # what many phones call everything
        ending = _ENDING.search(part.name or "")
        return _BY_ENDING.get(ending[0].lower(), MediaKind.DOCUMENT) if ending else MediaKind.DOCUMENT
    return MediaKind.DOCUMENT
