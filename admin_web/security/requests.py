"""A request as the views read it: no NUL in any field, for which neither people nor databases have a use."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter
from werkzeug.utils import cached_property


class RowNumber(IntegerConverter):
    """A number in an address, no larger than a row's can be."""

    regex = r"[0-9]{1,18}"


class DeskRequest(Request):
    """Query and form without NUL."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        return _without_nul(super().args)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _without_nul(self.__dict__["form"])


def _without_nul(fields: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict((name, value.replace("\0", "")) for name, value in fields.items(multi=True))
