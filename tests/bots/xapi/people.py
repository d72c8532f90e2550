"""What people do on X. Every act takes plain values, so that other processes can ask for it (`remote.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.bots.xapi.render import mentioned
from tests.bots.xapi.world import Event, Media, Tweet, World


class People:
    """`who`: a name without @ or an id. An act that makes something returns its id."""

    def __init__(self, world: World) -> None:
        self._world = world

    def person(self, who: str, **facts: Any) -> str:
        """Lets somebody exist (id, name, protected, suspended, dms: "open", "after_writing", "closed"); the id."""
        user = self._world.introduce(who, facts.pop("id", None))
        for name, value in facts.items():
            setattr(user, name, value)
        return user.id

    def media(self, content: bytes = b"", kind: str = "photo", mime: str = "", size: int = 0, private: bool = False) -> str:
        """A file at X; its media key. `size` claims more than there is."""
        prefix = {"photo": "3", "video": "7", "animated_gif": "16"}[kind]
        key = f"{prefix}_{self._world.new_id()}"
        said = mime or ("image/jpeg" if kind == "photo" else "video/mp4")
        self._world.media[key] = Media(key, kind, content, said, private, max(size, len(content)))
        return key

    def tweet(self, who: str, text: str, media: Sequence[str] = (), quote: str | None = None, **more: Any) -> str:
        """`more`: at (seconds since 1970), lang, withheld."""
        return self._publish(who, text, media, quoted=quote, **more)

    def reply(self, who: str, to: str, text: str, media: Sequence[str] = (), carried: bool = True, **more: Any) -> str:
        """Under `to`. `carried`: X puts the names of those who are in the conversation before the text."""
        world = self._world
        parent = world.tweets[to]
        names = [world.users[parent.author].username, *(user.username for user in mentioned(world, parent.text))]
        own = {world.user(who).username.lower(), *(user.username.lower() for user in mentioned(world, text))}
        lead = [f"@{name}" for name in dict.fromkeys(names) if name.lower() not in own] if carried else []
        return self._publish(who, " ".join([*lead, text]), media, replied_to=to, conversation=parent.conversation, **more)

    def retweet(self, who: str, tweet: str) -> str:
        original = self._world.tweets[tweet]
        text = f"RT @{self._world.users[original.author].username}: {original.text}"
        return self._publish(who, text, original.media, retweeted=tweet)

    def edit(self, tweet: str, text: str) -> str:
        """A new version has an id of its own; all ids are in the history of each version."""
        old = self._world.tweets[tweet]
        number = self._publish(
            old.author,
            text,
            old.media,
            replied_to=old.replied_to,
            quoted=old.quoted,
            conversation=None if old.conversation == old.id else old.conversation,
        )
        new = self._world.tweets[number]
        versions = [*(old.versions or [old.id]), number]
        for one in versions:
            self._world.tweets[one].versions = versions
        new.conversation = old.conversation
        if old.id in self._world.mentions:
            self._world.mentions.remove(old.id)
        return number

    def delete(self, tweet: str) -> None:
        self._world.tweets[tweet].deleted = True

    def dm(
        self,
        who: str,
        text: str,
        media: Sequence[str] = (),
        at: float | None = None,
        tweet: str | None = None,
        group: str | None = None,
    ) -> str:
        """To us. `tweet`: one that is shared; `group`: the id of a conversation of more than two."""
        world = self._world
        user = world.user(who)
        for key in media:
            world.media[key].private = True
        number = world.new_id(at)
        event = Event(
            number,
            "MessageCreate",
            user.id,
            group or conversation(user.id, world.us.id),
            (user.id, world.us.id),
            text,
            world.now() if at is None else at,
            tuple(media),
            tweet,
        )
        world.add_event(event)
        return number

    def join_group(self, who: str, group: str) -> str:
        """An event that is no message."""
        world = self._world
        user, number = world.user(who), world.new_id()
        world.add_event(Event(number, "ParticipantsJoin", world.us.id, group, (user.id,), "", world.now()))
        return number

    def dms(self, who: str, how: str) -> None:
        """Who may write to this person: "open", "after_writing", "closed"."""
        self._world.user(who).dms = how

    def reads(self, who: str) -> list[str]:
        """What we wrote to this person in private, oldest first."""
        number = self._world.user(who).id
        return [message.text for message in self._world.sent if message.to == number]

    def forget_media(self, key: str) -> None:
        self._world.media[key].gone = True

    def repeat_dm(self, number: str) -> None:
        """The same event stands in the list a second time."""
        event = next(one for one in self._world.events if one.id == number)
        self._world.events.insert(self._world.events.index(event), event)

    def _publish(self, who: str, text: str, media: Sequence[str] = (), **more: Any) -> str:
        world = self._world
        user = world.user(who)
        at = more.pop("at", None)
        number = world.new_id(at)
        conversation_id = more.pop("conversation", None) or number
        tweet = Tweet(number, user.id, text, conversation_id, world.now() if at is None else at, tuple(media), **more)
        world.tweets[number] = tweet
        if world.us in mentioned(world, text) and user is not world.us:
            world.mentions.append(number)
            world.mentions.sort(key=int)
        return number


def conversation(one: str, other: str) -> str:
    """docs.x.com/x-api/direct-messages/lookup/integrate: {smaller_user_id}-{larger_user_id}"""
    return "-".join(sorted((one, other), key=int))
