"""Media both ways: what we upload (docs.x.com/x-api/media/introduction) and what people attached."""

from __future__ import annotations

import json

from tests.bots.plainhttp import Call
from tests.bots.xapi.problems import Json, Problem, invalid, not_found
from tests.bots.xapi.world import Media, Upload, World

LIMITS = {"image": 5 * 1024 * 1024, "gif": 15 * 1024 * 1024, "video": 512 * 1024 * 1024}
CATEGORIES = {"tweet_image", "tweet_gif", "tweet_video", "amplify_video", "dm_image", "dm_gif", "dm_video", "subtitles"}
CHUNK = 5 * 1024 * 1024
_MARKS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def once(world: World, call: Call, _: str) -> Json:
    """docs.x.com/x-api/media/upload-media: an image (a GIF, subtitles) in one request."""
    fields, files = call.parameters()
    content = files.get("media") or b""
    category = fields.get("media_category", "")
    if category not in CATEGORIES or category.endswith("video"):
        raise invalid("media_category", category, "media_category is not one of the images'")
    upload = Upload(world.new_id(), fields.get("media_type", "image/jpeg"), category, len(content), content)
    _finish(world, upload)
    world.uploads[upload.id] = upload
    return {"data": _described(upload) | {"size": len(content)}}


def initialize(world: World, call: Call, _: str) -> Json:
    """docs.x.com/x-api/media/initialize-media-upload: JSON."""
    asked = json.loads(call.body or b"{}")
    category, total = asked.get("media_category", ""), asked.get("total_bytes")
    if category not in CATEGORIES:
        raise invalid("media_category", category, "media_category is not known")
    if not isinstance(total, int) or not 0 < total <= LIMITS["video"]:
        raise invalid("total_bytes", total, "total_bytes is not between 1 and 536870912")
    upload = Upload(world.new_id(), asked.get("media_type", ""), category, total)
    world.uploads[upload.id] = upload
    return {"data": _described(upload)}


def append(world: World, call: Call, number: str) -> Json:
    """docs.x.com/x-api/media/append-media-upload: multipart, `segment_index` from 0."""
    upload = _upload(world, number)
    fields, files = call.parameters()
    content = files.get("media") or b""
    if not content or len(content) > CHUNK:
        raise invalid("media", len(content), "the segment is empty or larger than 5 MB")
    if fields.get("segment_index") != str(upload.next_segment):
        raise invalid("segment_index", fields.get("segment_index"), "Segments do not add up.")
    upload.content += content
    upload.next_segment += 1
    return {"data": {"expires_at": int(world.now()) + 86_400}}


def finalize(world: World, call: Call, number: str) -> Json:
    """docs.x.com/x-api/media/finalize-media-upload: `processing_info` only where there is something to process."""
    upload = _upload(world, number)
    if len(upload.content) != upload.total:
        raise invalid("media_id", number, "Segments do not add up to provided total file size.")
    _finish(world, upload)
    return {"data": _described(upload) | {"size": upload.total} | _processing(world, upload)}


def status(world: World, fields: dict[str, str], _: str) -> Json:
    """docs.x.com/x-api/media/get-media-upload-status"""
    upload = _upload(world, fields.get("media_id", ""))
    return {"data": _described(upload) | _processing(world, upload)}


def download(world: World, name: str, *, signed: bool) -> tuple[bytes, str]:
    """The bytes and their type. A direct message's media want the signature of the one whom it was sent to."""
    media: Media | None = world.media.get(name.partition(".")[0])
    if media is None or media.gone:
        raise not_found()
    if media.private and not signed:
        raise Problem(403, "Forbidden", "Forbidden")
    content = media.content
    if name.endswith((".small.mp4", ".preview.jpg", ".m3u8")):
        content = content[: len(content) // 4]
    return content, media.mime


def _upload(world: World, number: str) -> Upload:
    upload = world.uploads.get(number)
    if upload is None:
        raise not_found()
    return upload


def _finish(world: World, upload: Upload) -> None:
    kind = upload.category.rpartition("_")[2]
    seen = next((mime for mark, mime in _MARKS.items() if upload.content.startswith(mark)), None)
    video = upload.content[4:8] == b"ftyp"
    fits = {"image": seen is not None, "gif": seen == "image/gif", "video": video}.get(kind, True)
    if not upload.content or not fits:
        raise invalid("media", upload.mime, "media type unrecognized.")
    if len(upload.content) > LIMITS.get(kind, LIMITS["video"]):
        raise invalid("media", len(upload.content), "File size exceeds the limit.")
    upload.finished = True
    upload.ready_at = world.now() + (world.processing_seconds if kind in ("video", "gif") else 0.0)


def _described(upload: Upload) -> Json:
    return {"id": upload.id, "media_key": f"3_{upload.id}", "expires_after_secs": 86_400}


def _processing(world: World, upload: Upload) -> Json:
    if not upload.category.endswith(("video", "gif")) or not upload.finished:
        return {}
    if upload.ready_at > world.now():
        return {"processing_info": {"state": "in_progress", "check_after_secs": 1, "progress_percent": 42}}
    return {"processing_info": {"state": "succeeded", "progress_percent": 100}}
