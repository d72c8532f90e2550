"""Error answers as X gives them (docs.x.com/x-api/fundamentals/response-codes-and-errors): a status and a problem object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
_TYPES = "https://api.twitter.com/2/problems"
_WITH_STATUS = ("about:blank", f"{_TYPES}/unsupported-authentication", f"{_TYPES}/oauth1-permissions")
PAGE = b"<!DOCTYPE html><html><head><title>X / Error</title></head><body><h1>Over capacity</h1></body></html>"


class Problem(Exception):
    """An error answer: `status` and the JSON that comes with it."""

    def __init__(self, status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body: Json = {"title": title, "detail": detail, "type": kind, **more}
        if kind in _WITH_STATUS:
            self.body["status"] = status


def unauthorised() -> Problem:
    return Problem(401, "Unauthorized", "Unauthorized")


def throttled() -> Problem:
    return Problem(429, "Too Many Requests", "Too Many Requests")


def not_found() -> Problem:
    return Problem(404, "Not Found", "Not Found")


def invalid(parameter: str, value: object, message: str) -> Problem:
    """docs.x.com: problems/invalid-request names each parameter."""
    return Problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        f"{_TYPES}/invalid-request",
        errors=[{"parameters": {parameter: [str(value)]}, "message": message}],
    )


def forbidden(detail: str) -> Problem:
    return Problem(403, "Forbidden", detail)


def user_context_only() -> Problem:
    """docs.x.com/x-api/direct-messages/lookup/integrate: App-Only authentication is not supported."""
    return Problem(
        403,
        "Unsupported Authentication",
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  "
        "Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        f"{_TYPES}/unsupported-authentication",
    )


def credits_depleted() -> Problem:
    return Problem(
        402,
        "CreditsDepleted",
        "Your enrolled account [1708] does not have any credits to fulfill this request.",
        f"{_TYPES}/credits",
        account_id=1708,
    )


def usage_capped() -> Problem:
    return Problem(
        429,
        "UsageCapExceeded",
        "Usage cap exceeded: Monthly product cap",
        f"{_TYPES}/usage-capped",
        account_id=1708,
        product_name="standard-basic",
        period="Monthly",
        scope="Product",
    )


def app_forbidden() -> Problem:
    return Problem(
        403,
        "Client Forbidden",
        "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer "
        "App that is attached to a Project. You can create a project via the developer portal.",
        f"{_TYPES}/client-forbidden",
        client_id="1708",
        reason="client-not-enrolled",
        required_enrollment="Appropriate Level of API Access",
        registration_url="https://developer.twitter.com/en/docs/projects/overview",
    )


def oauth1_permissions() -> Problem:
    return Problem(
        403,
        "Forbidden",
        "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        f"{_TYPES}/oauth1-permissions",
    )


def missing(resource: str, number: str, parameter: str) -> Json:
    """A partial error beside `data`: it does not exist (any more)."""
    return {
        "value": number,
        "detail": f"Could not find {resource} with {parameter}: [{number}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": number,
        "type": f"{_TYPES}/resource-not-found",
    }


def not_shown(resource: str, number: str, parameter: str) -> Json:
    """A partial error beside `data`: it exists, but not for us (a protected account)."""
    return {
        "value": number,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{number}].",
        "title": "Authorization Error",
        "resource_type": resource,
        "section": "data",
        "parameter": parameter,
        "resource_id": number,
        "type": f"{_TYPES}/not-authorized-for-resource",
    }


BY_NAME: dict[str, Callable[[], Problem]] = {
    "unauthorised": unauthorised,
    "invalid": lambda: invalid("pagination_token", "x", "The query parameter value [x] is not valid"),
    "credits": credits_depleted,
    "usage_cap": usage_capped,
    "app_forbidden": app_forbidden,
    "oauth1_permissions": oauth1_permissions,
    "unavailable": lambda: Problem(503, "Service Unavailable", "Service Unavailable"),
    "internal": lambda: Problem(500, "Internal Server Error", "Internal Server Error"),
    "dm_forbidden": lambda: forbidden("You do not have permission to DM one or more participants."),
    "duplicate": lambda: forbidden("You are not allowed to create a Tweet with duplicate content."),
    "locked": lambda: forbidden("Your account is temporarily locked. Please log in to https://twitter.com to unlock it."),
}
"""Errors that a test may ask for by name; `html` is `PAGE`."""


def named(name: str) -> Problem:
    """One of `BY_NAME`."""
    return BY_NAME[name]()
