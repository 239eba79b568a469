"""Whose clock counts: the database's, which all workers share."""

import time
from datetime import UTC, datetime
from typing import Protocol

from django.db import connection
from django.utils.dateparse import parse_datetime


class Clock(Protocol):
    """What tells the instant, and waits a moment."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def pause(self, seconds: float) -> None:
        """Wait a moment."""


class DatabaseClock:
    """The clock of the database: a host whose own clock is wrong still counts leases rightly."""

    def now(self) -> datetime:
        """Return the database's instant, in UTC.

        Raises:
            ValueError: the database tells no instant.
        """
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT clock_timestamp()")  # not the transaction's beginning
                found: datetime = cursor.fetchone()[0]
                return found.astimezone(UTC)
            cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", [])
            read = parse_datetime(cursor.fetchone()[0])
        if read is None:
            raise ValueError("the database tells no instant")
        return read.replace(tzinfo=UTC)

    def pause(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


DATABASE_CLOCK = DatabaseClock()
