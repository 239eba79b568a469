"""The session engine's door: Django loads `SessionStore` from here."""

from throughline.people.session_models import SessionStore

__all__ = ["SessionStore"]
