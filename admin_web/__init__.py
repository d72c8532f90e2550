"""The officials' desk: pages rendered on the server, one folder for each thing a person does, complete without JavaScript."""

from admin_web.app import create_app

__all__ = ["create_app"]
