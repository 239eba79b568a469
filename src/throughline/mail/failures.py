"""What a failed try means: try later, never again, or nobody knows whether it went."""

import smtplib
from enum import StrEnum
from http import HTTPStatus

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRequestsAPIError,
)

FOR_GOOD = 500  # SMTP answers from here on are final; 4xx ask to come back


class Verdict(StrEnum):
    """What to do with a mail that was not accepted."""

    LATER = "later"
    NEVER = "never"
    UNKNOWN = "unknown"


class AnswerLost(Exception):
    """The whole mail was handed over, and the server's answer did not come."""


# What a try can end in; anything else is a mistake of ours, and the lease gives the mail free.
FAILURES = (smtplib.SMTPException, AnymailError, AnswerLost, OSError, ValueError)

# These say that our settings are wrong, and not the mail: it waits until they are mended.
SETTINGS_ARE_WRONG = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
COME_BACK = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# A connection that was never made carried nothing; the names are those of urllib3 and requests.
NEVER_CONNECTED = frozenset(
    {"ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "NameResolutionError"}
)


def verdict_of(error: BaseException) -> Verdict:
    """Return what a failure means for the mail."""
    if isinstance(error, AnswerLost):
        return Verdict.UNKNOWN
    if isinstance(error, AnymailAPIError):
        return _of_provider(error)
    if isinstance(error, smtplib.SMTPException):
        return _of_server(error)
    if isinstance(error, (AnymailError, ValueError)):
        # No mail can be made of the row, or not by this provider; or its settings are wrong.
        return Verdict.LATER if isinstance(error, AnymailConfigurationError) else Verdict.NEVER
    return Verdict.LATER


def _of_server(error: smtplib.SMTPException) -> Verdict:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [int(code) for code, _words in error.recipients.values()]
        return _by_code(min(codes, default=0))
    # Who signs in and who sends are settings of ours: the mail waits until they are mended.
    is_of_settings = isinstance(error, (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused))
    if isinstance(error, smtplib.SMTPResponseException) and not is_of_settings:
        return _by_code(int(error.smtp_code))
    return Verdict.LATER


def _by_code(code: int) -> Verdict:
    return Verdict.NEVER if code >= FOR_GOOD else Verdict.LATER


def _of_provider(error: AnymailAPIError) -> Verdict:
    code = error.status_code
    if code is None:
        was_sent = isinstance(error, AnymailRequestsAPIError) and not _never_connected(error)
        return Verdict.UNKNOWN if was_sent else Verdict.LATER
    if code in SETTINGS_ARE_WRONG | COME_BACK:
        return Verdict.LATER
    if code >= FOR_GOOD or code == HTTPStatus.REQUEST_TIMEOUT:
        return Verdict.UNKNOWN
    return Verdict.NEVER


def _never_connected(error: BaseException) -> bool:
    seen: list[BaseException] = [error]
    for one in seen:
        more = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen += [each for each in more if isinstance(each, BaseException) and each not in seen]
    return any(type(one).__name__ in NEVER_CONNECTED for one in seen)
