"""How AWS refuses. Apart from what reads its answers: that needs a library that is slow to load."""

from throughline.connectors.http import Declined


class AwsDeclined(Declined):
    """AWS refused the call; `code` is its own word for why."""

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message, status=status)
        self.code = code


class AccessDenied(AwsDeclined):
    """Our credentials do not count, or may not do this."""


class Duplicate(AwsDeclined):
    """There is one of that name already."""
