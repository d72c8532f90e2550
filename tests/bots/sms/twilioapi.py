"""Twilio's REST API as its reference has it (twilio.com/docs/messaging/api), and its webhooks signed by its own library."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.bots.sms.gatewayserver import Call, Reply, Server

SID, TOKEN = "AC" + "0123456789abcdef" * 2, "token-rahasia-akun-twilio"
NUMBER = "+628111708170"
ACCOUNT = f"/2010-04-01/Accounts/{SID}"


def error(status: int, code: int, message: str = "no") -> Reply:
    """api/errors: {code, message, more_info, status}."""
    return Reply(status, json.dumps({"code": code, "message": message, "status": status}), "application/json")


class TwilioApi(Server):
    """Media lie on another host (`localhost`), to which the API redirects (api/media-resource)."""

    def __init__(self) -> None:
        self.sent: list[Call] = []
        self.media: dict[str, bytes] = {}
        self.store = Server(lambda call: Reply(200, self.media[call.path], "application/octet-stream"), "localhost")
        super().__init__(self._answer)

    def _answer(self, call: Call) -> Reply:
        wanted = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != wanted:
            return error(401, 20003, "Authenticate")
        if call.path == f"{ACCOUNT}.json":
            return Reply(200, json.dumps({"sid": SID, "status": "active"}), "application/json")
        if call.method == "POST" and call.path == f"{ACCOUNT}/Messages.json":
            return self._message(call)
        if call.path in self.media:
            return Reply(307, "", headers={"Location": self.store.url + call.path})
        return error(404, 20404, "The requested resource was not found")

    def _message(self, call: Call) -> Reply:
        if not call.form.get("Body"):
            return error(400, 21602, "Message body is required.")
        if len(call.form["Body"]) > 1600:
            return error(400, 21617)
        self.sent.append(call)
        sid = f"SM{len(self.sent):032x}"
        return Reply(201, json.dumps({"sid": sid, "status": "queued", "error_code": None}), "application/json")

    def shown(self, address: str) -> list[str]:
        return [call.form["Body"] for call in self.sent if call.form["To"] == address]

    def file(self, content: bytes, number: int = 1) -> str:
        """Its address, as MediaUrl0 has it."""
        path = f"{ACCOUNT}/Messages/MM{number:032x}/Media/ME{number:032x}"
        self.media[path] = content
        return f"https://api.twilio.com{path}"

    def close(self) -> None:
        self.store.close()
        super().close()


def signed(url: str, form: dict[str, Any], token: str = TOKEN) -> tuple[dict[str, str], bytes]:
    """Headers and body of a webhook request (twilio.com/docs/usage/security#validating-requests)."""
    signature = RequestValidator(token).compute_signature(url, form)
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
    return headers, urlencode(form, doseq=True).encode()
