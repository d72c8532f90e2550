"""Kannel's sendsms as its user guide and smsbox 1.4.5 have it ("Sending SMS through HTTP"), on loopback."""

from __future__ import annotations

from tests.bots.sms.gatewayserver import Call, Reply, Server

USER, PASSWORD = "lapor", "sandi-sendsms-fake"
SECRET = "rahasia-webhook-sms-1708"


class Smsbox(Server):
    """`sent`: the calls that were accepted."""

    def __init__(self) -> None:
        self.sent: list[Call] = []
        super().__init__(self._answer)
        self.send_url = f"{self.url}/cgi-bin/sendsms"

    def _answer(self, call: Call) -> Reply:
        if call.path != "/cgi-bin/sendsms":
            return Reply(404, "Unknown request.")
        if (call.query.get("username"), call.query.get("password")) != (USER, PASSWORD):
            return Reply(403, "Authorization failed for sendsms")
        if not call.query.get("to"):
            return Reply(400, "Missing receiver number, rejected")
        if not call.query.get("text"):
            return Reply(400, "Empty text not allowed, rejected")
        self.sent.append(call)
        return Reply(202, "0: Accepted for delivery")

    def shown(self, address: str) -> list[str]:
        return [call.query["text"] for call in self.sent if call.query["to"] == address]
