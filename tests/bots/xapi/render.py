"""Tweets, direct messages, users and media as X shows them: only the fields and expansions that were asked for.

docs.x.com/x-api/fundamentals/{fields,expansions,data-dictionary}; what is not asked for is not there.
"""

from __future__ import annotations

import re
from html import escape

from tests.bots.xapi.problems import Json, invalid, missing, not_shown
from tests.bots.xapi.world import Event, Media, Tweet, User, World, stamp


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TWEET_FIELDS = _names("""
    article attachments author_id card_uri community_id context_annotations conversation_id created_at
    display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang
    media_metadata note_tweet possibly_sensitive public_metrics referenced_tweets reply_settings scopes source
    suggested_source_links text withheld
""")
EVENT_FIELDS = _names("""
    attachments created_at dm_conversation_id entities event_type id participant_ids referenced_tweets
    sender_id text
""")
MEDIA_FIELDS = _names("""
    alt_text duration_ms height media_key preview_image_url public_metrics type url variants width
""")
USER_FIELDS = _names("""
    affiliation connection_status created_at description entities id is_identity_verified location name parody
    pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm
    subscription_type url username verified verified_type withheld
""")
TWEET_EXPANSIONS = _names("""
    article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet
    attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username
    entities.note.mentions.username geo.place_id in_reply_to_user_id referenced_tweets.id
    referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id
""")
EVENT_EXPANSIONS = _names("""
    attachments.media_keys participant_ids referenced_tweets.id sender_id
""")
_ENTITY = re.compile(
    r"(?<!\w)@(?P<mention>\w{1,15})|(?<!\w)#(?P<hashtag>\w+)|(?P<url>https?://\S+)", re.UNICODE | re.IGNORECASE
)


class Wanted:
    """The fields and expansions of one call. Raises Problem(400) for a name that X does not know."""

    def __init__(self, fields: dict[str, str], *, events: bool = False) -> None:
        self.tweet = _known(fields, "tweet.fields", TWEET_FIELDS) | {"id", "text", "edit_history_tweet_ids"}
        self.event = _known(fields, "dm_event.fields", EVENT_FIELDS) | {"id", "event_type", "text"}
        self.media = _known(fields, "media.fields", MEDIA_FIELDS) | {"media_key", "type"}
        self.user = _known(fields, "user.fields", USER_FIELDS) | {"id", "name", "username"}
        self.expansions = _known(fields, "expansions", EVENT_EXPANSIONS if events else TWEET_EXPANSIONS)


def _known(fields: dict[str, str], parameter: str, names: frozenset[str]) -> set[str]:
    asked = {name for name in fields.get(parameter, "").split(",") if name}
    for name in sorted(asked - names):
        raise invalid(parameter, name, f"The `{parameter}` query parameter value [{name}] is not one of [{','.join(names)}]")
    return asked


class Page:
    """One answer with `data`, `includes` and partial `errors`, filled as things are shown on it."""

    def __init__(self, world: World, wanted: Wanted) -> None:
        self.world, self.wanted = world, wanted
        self.includes: dict[str, dict[str, Json]] = {}
        self.errors: list[Json] = []

    def body(self, data: list[Json] | Json | None, meta: Json | None = None) -> Json:
        answer: Json = {}
        if data:
            answer["data"] = data
        if self.includes:
            answer["includes"] = {kind: list(found.values()) for kind, found in self.includes.items()}
        if self.errors:
            answer["errors"] = self.errors
        if meta is not None:
            answer["meta"] = meta
        return answer

    def tweet(self, tweet: Tweet) -> Json:
        """With what its expansions lead to in `includes`."""
        self._lead(tweet)
        return self._shown(tweet)

    def event(self, event: Event) -> Json:
        expansions, media = self.wanted.expansions, [self.world.media[key] for key in event.media]
        if "sender_id" in expansions:
            self._user(event.sender)
        if "participant_ids" in expansions:
            for number in event.participants:
                self._user(number)
        if "attachments.media_keys" in expansions:
            for one in media:
                self._media(one)
        if "referenced_tweets.id" in expansions and event.tweet:
            self._referenced(event.tweet)
        text, entities = written(self.world, event.text, media, f"{self.world.url}/messages/{event.id}")
        whole: Json = {
            "id": event.id,
            "event_type": event.kind,
            "sender_id": event.sender,
            "dm_conversation_id": event.conversation,
            "created_at": stamp(event.at),
        }
        if event.kind == "MessageCreate":
            whole |= {"text": text, **({"entities": entities} if entities else {})}
        else:
            whole["participant_ids"] = list(event.participants)
        if event.media:
            whole["attachments"] = {"media_keys": list(event.media)}
        if event.tweet:
            whole["referenced_tweets"] = [{"id": event.tweet}]
        return {name: value for name, value in whole.items() if name in self.wanted.event}

    def user(self, user: User) -> Json:
        whole = {
            "id": user.id,
            "name": user.name,
            "receives_your_dm": self.world.takes_dms(user),
            "username": user.username,
            "protected": user.protected,
            "verified": False,
            "created_at": "2011-05-02T03:04:05.000Z",
        }
        return {name: value for name, value in whole.items() if name in self.wanted.user}

    # --- what leads elsewhere

    def _lead(self, tweet: Tweet) -> None:
        expansions = self.wanted.expansions
        if "author_id" in expansions:
            self._user(tweet.author)
        if "attachments.media_keys" in expansions:
            for key in tweet.media:
                self._media(self.world.media[key])
        if "in_reply_to_user_id" in expansions and tweet.replied_to in self.world.tweets:
            self._user(self.world.tweets[tweet.replied_to].author)
        if "entities.mentions.username" in expansions:
            for user in mentioned(self.world, tweet.text):
                self._user(user.id)
        if "edit_history_tweet_ids" in expansions:
            for number in tweet.versions[:-1]:
                self.includes.setdefault("tweets", {})[number] = self._shown(self.world.tweets[number])
        if {name for name in expansions if name.startswith("referenced_tweets")}:
            for referenced in (tweet.replied_to, tweet.quoted, tweet.retweeted):
                if referenced:
                    self._referenced(referenced)

    def _referenced(self, number: str) -> None:
        tweet = self.world.tweets.get(number)
        if tweet is None or tweet.deleted or self.world.users[tweet.author].suspended:
            self.errors.append(missing("tweet", number, "referenced_tweets.id"))
        elif self.world.users[tweet.author].protected:
            self.errors.append(not_shown("tweet", number, "referenced_tweets.id"))
        else:
            self.includes.setdefault("tweets", {})[number] = self._shown(tweet)
            if "referenced_tweets.id.author_id" in self.wanted.expansions:
                self._user(tweet.author)
            if "referenced_tweets.id.attachments.media_keys" in self.wanted.expansions:
                for key in tweet.media:
                    self._media(self.world.media[key])

    def _user(self, number: str) -> None:
        self.includes.setdefault("users", {})[number] = self.user(self.world.users[number])

    def _media(self, media: Media) -> None:
        url = f"{self.world.url}/{'dm-media' if media.private else 'media'}/{media.key}"
        whole: Json = {"media_key": media.key, "type": media.kind, "width": 1280, "height": 960}
        if media.kind == "photo":
            whole["url"] = f"{url}.jpg"
        else:
            whole |= {"preview_image_url": f"{url}.preview.jpg", "duration_ms": 9_000}
            whole["variants"] = [
                {"content_type": "application/x-mpegURL", "url": f"{url}.m3u8"},
                {"bit_rate": 288_000, "content_type": media.mime, "url": f"{url}.small.mp4"},
                {"bit_rate": 2_176_000, "content_type": media.mime, "url": f"{url}.mp4"},
            ]
        shown = {name: value for name, value in whole.items() if name in self.wanted.media}
        self.includes.setdefault("media", {})[media.key] = shown

    def _shown(self, tweet: Tweet) -> Json:
        world = self.world
        media = [world.media[key] for key in tweet.media]
        link = f"{world.url}/{world.users[tweet.author].username}/status/{tweet.id}"
        text, entities = written(world, tweet.text, media, link)
        whole: Json = {"id": tweet.id, "text": text, "edit_history_tweet_ids": tweet.versions or [tweet.id]}
        if len(text) > 280:
            cut, few = written(world, f"{tweet.text[:270]}…", media, link)
            whole |= {"note_tweet": {"text": text, "entities": entities}, "text": cut}
            entities = few
        whole |= {
            "author_id": tweet.author,
            "conversation_id": tweet.conversation,
            "created_at": stamp(tweet.at),
            "lang": tweet.lang,
            "possibly_sensitive": False,
        }
        if entities:
            whole["entities"] = entities
        if tweet.media:
            whole["attachments"] = {"media_keys": list(tweet.media)}
        if tweet.replied_to in world.tweets:
            whole["in_reply_to_user_id"] = world.tweets[tweet.replied_to].author
        kinds = {"replied_to": tweet.replied_to, "quoted": tweet.quoted, "retweeted": tweet.retweeted}
        referenced = [{"type": kind, "id": number} for kind, number in kinds.items() if number]
        if referenced:
            whole["referenced_tweets"] = referenced
        if tweet.withheld:
            whole["withheld"] = {"copyright": False, "country_codes": ["ID"], "scope": "tweet"}
        return {name: value for name, value in whole.items() if name in self.wanted.tweet}


def mentioned(world: World, text: str) -> list[User]:
    """The accounts that a text names and that exist, each once."""
    names = dict.fromkeys(match["mention"].lower() for match in _ENTITY.finditer(text) if match["mention"])
    return [world.names[name] for name in names if name in world.names]


def written(world: World, text: str, media: list[Media], link: str) -> tuple[str, Json]:
    """The text as it is delivered, and its entities: escaped as HTML, every link behind t.co, media as one more link."""
    out, rest = "", 0
    entities: dict[str, list[Json]] = {}
    for match in _ENTITY.finditer(text):
        out += escape(text[rest : match.start()], quote=False)
        rest, start = match.end(), len(out)
        if match["url"]:
            short = f"https://t.co/{abs(hash(match['url'])) % 10**10:010d}"
            out += short
            shown = match["url"].partition("://")[2]
            entity = {"url": short, "expanded_url": match["url"], "display_url": shown[:27]}
            entities.setdefault("urls", []).append({"start": start, "end": len(out), **entity})
            continue
        out += match[0]
        place: Json = {"start": start, "end": len(out)}
        if match["hashtag"]:
            entities.setdefault("hashtags", []).append({**place, "tag": match["hashtag"]})
        elif user := world.names.get(match["mention"].lower()):
            entities.setdefault("mentions", []).append({**place, "username": user.username, "id": user.id})
    out += escape(text[rest:], quote=False)
    if media:
        short = f"https://t.co/m{media[0].key[-9:]}"
        out += (" " if out else "") + short
        entities.setdefault("urls", []).extend(
            {
                "start": len(out) - len(short),
                "end": len(out),
                "url": short,
                "expanded_url": f"{link}/{'photo' if one.kind == 'photo' else 'video'}/1",
                "display_url": f"pic.x.com/m{media[0].key[-9:]}",
                "media_key": one.key,
            }
            for one in media
        )
    return out, entities
