"""Sessions whose person is known, so that they can be listed and ended."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

BEGAN, AGENT, SEEN = "began_at", "agent", "seen_at"  # what signing in keeps in a session


class Session(AbstractBaseSession):
    """One browser in which a person is signed in, or somebody has not signed in yet."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # to ten minutes
    agent = models.CharField(max_length=200, blank=True)  # as the browser calls itself

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's store in the database, which also writes down whose session it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, object]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # as above
        row.user_id = int(str(data[SESSION_KEY])) if SESSION_KEY in data else None
        row.began_at, row.seen_at = _instant(data.get(BEGAN)), _instant(data.get(SEEN))
        row.agent = str(data.get(AGENT, ""))[:200]
        return row


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
