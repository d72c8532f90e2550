"""The SMS channel's doors for the contract suite: a person with a phone, and a gateway between."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any
from urllib.parse import urlencode

from bots import sms
from core.channels import FileRef, MediaKind, Surroundings
from tests.bots.contract import Door, Inbox, Ingress
from tests.bots.sms import twilioapi
from tests.bots.sms.smsbox import PASSWORD, SECRET, USER, Smsbox
from tests.bots.sms.twilioapi import TwilioApi, signed

PHONE = "+6281234567890"


class SmsDoor(Door):
    """`_owed`: texts that the gateway brings again until they are taken."""

    longest = sms.CAPABILITIES.text_limit

    def __init__(self, settings: dict[str, Any]) -> None:
        self.ingress = Ingress()
        self.inbox = Inbox()
        self.address = PHONE
        self._said = 0
        self._owed: list[tuple[int, str]] = []
        self._last = (0, "")
        given = {"enabled": True, "connect_timeout_seconds": 1.0, "answer_timeout_seconds": 1.0, **settings}
        self.channel = sms.build(sms.Settings.model_validate(given), Surroundings(self.ingress.url))

    def open(self) -> None:
        self.ingress.routes.extend(self.channel.routes(self.inbox))

    def say(self, text: str) -> None:
        self._said += 1
        self._last = (self._said, text)
        self._owed.append(self._last)

    def say_again(self) -> None:
        self._owed.append(self._last)

    def owes(self) -> bool:
        while self._owed:
            if self.bring(*self._owed[0]) != 200:
                return True
            self._owed.pop(0)
        return False

    @abstractmethod
    def bring(self, number: int, text: str) -> int:
        """The gateway's webhook call; the status of the answer."""

    def shut(self) -> None:
        self.channel.close()
        self.ingress.close()


class KannelDoor(SmsDoor):
    secrets = (SECRET, PASSWORD)

    def __init__(self) -> None:
        self.smsbox = Smsbox()
        super().__init__(
            {
                "gateway": "kannel",
                "send_url": self.smsbox.send_url,
                "username": USER,
                "password": PASSWORD,
                "secret": SECRET,
            }
        )

    def bring(self, number: int, text: str) -> int:
        fields = {"id": f"m-{number}", "from": "081234567890", "to": "1708", "text": text, "charset": "UTF-8", "coding": "0"}
        return self.ingress.respond("GET", f"/sms/kannel?{urlencode(fields)}&secret={SECRET}", {}, b"").status

    def shown(self) -> list[str]:
        return self.smsbox.shown(self.address)

    def attach(self, content: bytes) -> FileRef:
        raise AssertionError("Kannel brings no files")

    def shut(self) -> None:
        super().shut()
        self.smsbox.close()


class TwilioDoor(SmsDoor):
    secrets = (twilioapi.TOKEN,)

    def __init__(self) -> None:
        self.api = TwilioApi()
        super().__init__(
            {
                "gateway": "twilio",
                "number": twilioapi.NUMBER,
                "account_sid": twilioapi.SID,
                "auth_token": twilioapi.TOKEN,
                "api_url": self.api.url,
            }
        )

    def bring(self, number: int, text: str) -> int:
        form = {"MessageSid": f"SM{number:032x}", "From": PHONE, "To": twilioapi.NUMBER, "Body": text, "NumMedia": "0"}
        headers, body = signed(f"{self.ingress.url}/sms/twilio", form)
        return self.ingress.answer("POST", "/sms/twilio", headers, body)

    def shown(self) -> list[str]:
        return self.api.shown(self.address)

    def attach(self, content: bytes) -> FileRef:
        path = self.api.file(content).removeprefix("https://api.twilio.com")
        return FileRef(path, MediaKind.PHOTO)

    def shut(self) -> None:
        super().shut()
        self.api.close()
