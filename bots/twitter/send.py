"""Outbound → one direct message or one public answer → Delivery. One attempt: the core decides about another (design.md)."""

from __future__ import annotations

import re

from bots.twitter import CAPABILITIES, Prices
from bots.twitter.budget import Booking, Budget, Purpose
from bots.twitter.client import Answer, Client
from bots.twitter.faults import OPERATORS, Kind, Trouble
from bots.twitter.posts import POST_WEIGHT, has_link, tweet_of, weight
from bots.twitter.standing import Standing
from bots.twitter.upload import ENDPOINT as UPLOAD
from bots.twitter.upload import Preparing, Uploads
from bots.twitter.upload import refusal as file_refusal
from core.channels import Delivery, Fault, Outbound, Outcome
from core.errors import StorageUnavailable

DIRECT, POST = "dm_create", "post_create"
_USER = re.compile(r"[0-9]{1,20}")
_ID = re.compile(r"[0-9]{1,25}")


def refusal(outbound: Outbound) -> str | None:
    """Why this message can never be sent as it is, or None. Raises OSError where a file is not there."""
    if not outbound.text.strip() and not outbound.files:
        return "empty"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in outbound.text):
        return "not_text"
    if outbound.public:
        return _public_refusal(outbound)
    if len(outbound.text) > CAPABILITIES.text_limit:
        return "text_too_long"
    if len(outbound.files) > 1:  # docs.x.com/x-api/direct-messages/manage/integrate: one attachment
        return "files_do_not_fit"
    return next((reason for file in outbound.files if (reason := file_refusal(file))), None)


def _public_refusal(outbound: Outbound) -> str | None:
    if outbound.files or outbound.choices:
        return "not_in_public"
    if tweet_of(outbound.in_reply_to) is None:
        return "answers_nothing"
    if has_link(outbound.text):
        return "link_in_public"
    return "text_too_long" if weight(outbound.text) > POST_WEIGHT else None


class Sender:
    """Sends; safe to use from several threads."""

    def __init__(self, client: Client, budget: Budget, standing: Standing, prices: Prices) -> None:
        self._client, self._budget, self._standing, self._prices = client, budget, standing, prices
        self._uploads = Uploads(client)

    def send(self, outbound: Outbound) -> Delivery:
        """One attempt. Money is set aside before it and given back where it came to nothing."""
        try:
            if reason := refusal(outbound):
                return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=reason)
            if not outbound.public and not _USER.fullmatch(outbound.address):
                return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="bad_address")
            delivery = self._in_public(outbound) if outbound.public else self._in_private(outbound)
        except OSError:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="file_missing")
        except StorageUnavailable:  # nothing was booked, so nothing was sent
            return Delivery(Outcome.AGAIN, detail="storage")
        if delivery.outcome in (Outcome.ACCEPTED, Outcome.FAILED):
            self._uploads.done(outbound.key)
        return delivery

    def _in_public(self, outbound: Outbound) -> Delivery:
        tweet = tweet_of(outbound.in_reply_to)
        booking = self._booked(POST, self._prices.post_create_usd, Purpose.INVITATIONS)
        if isinstance(booking, Delivery):
            return booking
        try:
            answer = self._client.ask(
                POST, lambda api: api.create_tweet(text=outbound.text, in_reply_to_tweet_id=tweet), writes=True
            )
        except Trouble as trouble:
            return self._failed(booking, trouble)
        return self._accepted(answer, "id")

    def _in_private(self, outbound: Outbound) -> Delivery:
        media = self._media(outbound)
        if isinstance(media, Delivery):
            return media
        booking = self._booked(DIRECT, self._prices.dm_create_usd, person=outbound.address)
        if isinstance(booking, Delivery):
            return booking
        text = outbound.text or None
        try:
            answer = self._client.ask(
                DIRECT,
                lambda api: api.create_direct_message(participant_id=outbound.address, text=text, media_id=media),
                writes=True,
                private=True,
            )
        except Trouble as trouble:
            if trouble.kind is Kind.DUPLICATE and outbound.repeat:  # so the first attempt had arrived
                self._give_back(booking)
                return Delivery(Outcome.ACCEPTED, detail="duplicate")
            return self._failed(booking, trouble)
        return self._accepted(answer, "dm_event_id")

    def _media(self, outbound: Outbound) -> str | Delivery | None:
        """The media id of the one file, None without one, or why it cannot go now."""
        if not outbound.files:
            return None
        file, key = outbound.files[0], outbound.key
        try:
            if self._uploads.knows(key):
                return self._uploads.media_id(key, file)
        except Preparing as preparing:
            return _later(preparing)
        except Trouble as trouble:
            return self._failed(None, trouble)
        booking = self._booked(UPLOAD, self._prices.upload_usd)
        if isinstance(booking, Delivery):
            return booking
        try:
            return self._uploads.media_id(key, file)
        except Preparing as preparing:
            return _later(preparing)
        except Trouble as trouble:
            return self._failed(booking, trouble)
        except OSError:
            self._give_back(booking)
            raise

    def _booked(self, endpoint: str, usd: float, purpose: Purpose = Purpose.ANSWERS, *, person: str = "") -> Booking | Delivery:
        """The money for one call, or why there is none, or no call, now."""
        pause = self._client.pause_seconds(endpoint)
        if pause > 0:
            return Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=pause, detail="own_limit")
        booking = self._budget.book(purpose, usd, person=person)
        if booking.wait_seconds <= 0:
            return booking
        wait = booking.wait_seconds
        if booking.of_person:  # everybody else is answered
            return Delivery(Outcome.AGAIN, retry_after_seconds=wait, detail="budget_of_a_person")
        if purpose is Purpose.INVITATIONS and self._budget.wait(Purpose.ANSWERS) == 0:  # what is said in private goes on
            return Delivery(Outcome.AGAIN, retry_after_seconds=wait, detail="budget_of_invitations")
        return Delivery(Outcome.AGAIN, fault=Fault.BUDGET, retry_after_seconds=wait, detail="budget_of_the_day")

    def _accepted(self, answer: Answer, name: str) -> Delivery:
        self._standing.well("send")
        about = answer.content.get("data")
        found = about.get(name) if isinstance(about, dict) else None
        if not isinstance(found, str) or not _ID.fullmatch(found):  # something answered that is not X
            return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="no_id")
        return Delivery(Outcome.ACCEPTED, vendor_id=found)

    def _failed(self, booking: Booking | None, trouble: Trouble) -> Delivery:
        if booking is not None and trouble.free:
            self._give_back(booking)
        if trouble.kind in OPERATORS:
            self._standing.trouble("send", str(trouble.kind))
        return trouble.delivery()

    def _give_back(self, booking: Booking) -> None:
        try:
            self._budget.back(booking)
        except StorageUnavailable:  # the ledger then says a little too much, and what became of the message still counts
            return


def _later(preparing: Preparing) -> Delivery:
    return Delivery(Outcome.AGAIN, retry_after_seconds=preparing.seconds, detail="file_preparing")
