"""The three ways in which something can fail, and what each asks of the caller."""


class Refused(Exception):
    """A person can fix this: the message says what is wrong, `remedy` what to do."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotThere(Refused):
    """What was named is not there."""


class Transient(Exception):
    """Time can fix this: try again, not before `retry_after_s` seconds where that is known."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Permanent(Exception):
    """Neither time nor a person at the page can fix this: a contract or the code must change."""
