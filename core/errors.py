"""What can go wrong, in words that say what to do next."""

from __future__ import annotations


class LaporError(Exception):
    """Base of every error of ours. `str(error)` is one sentence that says what to do next."""


class ConfigurationError(LaporError):
    """The configuration cannot be used; the message names the key's path and the remedy (exit code 2)."""


class SchemaOutdated(LaporError):
    """The database is older than this version: run `lapor migrate` (exit code 2)."""


class StorageUnavailable(LaporError):
    """The database or file store does not answer now; whoever sent the message must send it again."""


class NotFound(LaporError):
    """There is no such thing, or the asker must not know that there is: both read the same (sop.md §1)."""


class StaleReport(LaporError):
    """Somebody changed the report in between: show it anew and let the person decide again."""


class StaleConversation(LaporError):
    """The conversation went on in between: begin again from what it is now."""


class Refused(LaporError):
    """The procedure does not allow this now. `reason` is a code; its sentence stands in `core/texts` as `refusal.<reason>`."""

    def __init__(self, reason: str, **details: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class InvalidInput(LaporError):
    """A field is missing or cannot be read. `field` names it; `reason` has its sentence as `invalid.<reason>`."""

    def __init__(self, field: str, reason: str, **details: str | int) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.details = details
