"""The summary before sending, and the changes that are made on it (sop.md §3, §7)."""

from __future__ import annotations

import re

from core.channels import MediaKind
from core.dialogue.model import Draft, Mode, Say
from core.dialogue.script import category_of, has_voice, put
from core.dialogue.turn import Option, Turn
from core.dialogue.understanding.words import wording
from core.procedure.vocabulary import Category, Field, Privacy

_NO_RECEIPT = re.compile(
    r"\b(?:tidak (?:ada|di ?beri|diberikan|dikasih|dapat|pakai)|tanpa|no|without(?: a)?|any)"
    r" (?:kuitansi|kwitansi|struk|nota|karcis|receipt)"
)
_BARE = re.compile(
    r"^(?:di |at )?(?:the )?(?:puskesmas|rs|rsud|sekolah|sd|smp|sma|kantor|kelurahan|kecamatan|desa)\b(?: \w+){0,2}$", re.I
)
_LONGEST_TITLE = 80
_ACKS = ("ack", "ack.again", "ack.none")

SUMMARY_OPTIONS = (Option("send", "choice.send"), Option("edit", "choice.edit"), Option("cancel", "choice.cancel"))
_EDITABLE = (Field.STORY, Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE, Field.CATEGORY, Field.PRIVACY)


def show(turn: Turn) -> None:
    """The summary with the proposed category in plain words, and the three ways on."""
    draft, again = turn.draft, turn.session.mode is Mode.SUMMARY
    turn.set(mode=Mode.SUMMARY, asking=None, tries=0, editing=False)
    turn.effects[:] = [effect for effect in turn.effects if not (isinstance(effect, Say) and effect.key in _ACKS)]
    params = {"gist": gist(turn), "category": turn.text(f"category.plain.{category_of(draft)}")}
    turn.say("summary.fields", **params)
    if draft.privacy is None:
        turn.say("summary.hidden")
    elif draft.privacy is Privacy.NAMED and draft.name:
        turn.say("summary.named", name=draft.name)
    if draft.privacy is Privacy.NAMED or (again and not draft.identifying):
        turn.ask("summary.right", SUMMARY_OPTIONS)
    elif draft.identifying:
        turn.ask("summary.identifying", SUMMARY_OPTIONS, words=", ".join(draft.identifying))
    else:
        turn.ask("summary.anything_identifying", SUMMARY_OPTIONS)


def gist(turn: Turn) -> str:
    """The report in half a sentence: what or how much, where, since when. On channels that cost only the fields."""
    draft = turn.draft
    costs = turn.facts.capabilities.costs
    items: list[str] = []
    placed = bool(draft.amounts and (draft.who_words or draft.where_words))
    what = "" if placed and category_of(draft) is Category.COMPLAINT else title_of(turn)
    if what and not costs:
        items.append(what)
    items.extend(_where(draft, what))
    if draft.when_words and wording(draft.when_words).normal not in wording(what).normal:
        items.append(draft.when_words)
    if draft.amounts:
        items.append(_amounts(turn))
    if draft.files:
        items.append(_files(turn))
    if not items:
        items.append(title_of(turn))
    joined = ", ".join(items).rstrip(" .…")
    return joined[:1].upper() + joined[1:]


def title_of(turn: Turn) -> str:
    """The composed title; a story that was only spoken or shown has a plain one."""
    draft = turn.draft
    if draft.title:
        return " ".join(draft.title.split()).rstrip(" .!?,;:")[:_LONGEST_TITLE]
    return turn.text("title.voice" if has_voice(draft) else "title.untold")


def _where(draft: Draft, what: str) -> list[str]:
    where, who = draft.where_words or "", draft.who_words or ""
    plain_where, plain_who, plain_what = (wording(words).normal for words in (where, who, what))
    known_in = plain_what if draft.who_office_id is not None else f"{plain_what} | {plain_where}"
    items: list[str] = [who] if who and plain_who not in known_in else []
    if not where and draft.place is not None:
        where = plain_where = f"{draft.place.latitude:.5f}, {draft.place.longitude:.5f}"
    if where and plain_where not in plain_what and not (items and plain_who in plain_where):
        items.append(where)
    return items


def _amounts(turn: Turn) -> str:
    money = ", ".join(turn.draft.amounts)
    if _NO_RECEIPT.search(wording(turn.draft.story).normal):
        return turn.text("summary.no_receipt", amount=money)
    return money


def _files(turn: Turn) -> str:
    photos = sum(1 for file in turn.draft.files if file.ref.kind is MediaKind.PHOTO)
    others = len(turn.draft.files) - photos
    if photos and not others:
        return turn.text("summary.photos", count=photos)
    return turn.text("summary.files", count=photos + others)


def ask_what_to_change(turn: Turn) -> None:
    turn.set(mode=Mode.SUMMARY, asking=None, editing=True, tries=0)
    options = [Option(f"f-{field}", f"field.{field}") for field in _EDITABLE]
    turn.ask("summary.what_to_change", [*options, Option("back", "choice.back")])


def ask_anew(turn: Turn, field: Field) -> None:
    """The field is to be changed: its question again, on the summary."""
    turn.set(mode=Mode.SUMMARY, editing=True, asking=None, tries=0)
    put(turn, field)
    turn.set(mode=Mode.SUMMARY, editing=True)


def is_bare(where: str) -> bool:
    """A kind of place without the town ("puskesmas sukamaju"): a stranger would ask which town."""
    return bool(_BARE.match(where.strip()))
