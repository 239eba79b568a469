"""What goes wrong with a call to AWS, in the same kinds as everywhere: time, a person, or nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from throughline.connectors.aws.refusals import AccessDenied, AwsDeclined, Duplicate
from throughline.connectors.http import (
    BODY_SHOWN,
    AnswerLost,
    NotFound,
    NotSendable,
    UnknownShape,
)
from throughline.kernel.errors import Permanent, Transient

NOTHING_SENT = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
MAY_BE_DONE = (ConnectionClosedError, HTTPClientError, ResponseStreamingError)
NO_WAY_IN = (NoCredentialsError, PartialCredentialsError)
SLOWER = frozenset({
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown",
    "PriorRequestNotComplete", "BandwidthLimitExceeded", "EC2ThrottledException",
})  # fmt: skip
NOT_ALLOWED = frozenset({
    "AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException",
    "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException",
    "MissingAuthenticationToken", "NotAuthorized", "SignatureDoesNotMatch", "UnauthorizedOperation",
    "UnrecognizedClientException",
})  # fmt: skip
COME_LATER = frozenset({429, 503})
BROKEN, UNKNOWN_STATUS = 500, 400


@contextmanager
def told(call: str) -> Iterator[None]:
    """Let what botocore raises out as one of our kinds; `call` names it in messages.

    Raises:
        Transient: nothing was sent, or AWS asks us to be slower.
        AnswerLost: it was sent and no answer came, or one that says that something broke.
        NotFound: there is no such thing.
        AccessDenied: a person has to mend credentials or rights.
        Duplicate: it is there already.
        AwsDeclined: refused otherwise.
        NotSendable: the call breaks AWS's own description, and was not sent.
        UnknownShape: the answer cannot be read.
    """
    try:
        yield
    except ClientError as error:
        refused = _refusal(call, error)
        raise refused from error
    except ParamValidationError as error:
        raise NotSendable(f"{call}: {_one_line(str(error))}") from error
    except NO_WAY_IN as error:
        raise AccessDenied(f"{call}: {error}", status=0, code="NoCredentials") from error
    except NOTHING_SENT as error:
        raise Transient(f"{call}: {_one_line(str(error))} Nothing was sent.") from error
    except MAY_BE_DONE as error:
        why = _one_line(str(error))
        raise AnswerLost(f"{call}: {why} It may have been performed: look first.") from error
    except ResponseParserError as error:
        raise UnknownShape(f"{call}: the answer cannot be read: {_one_line(str(error))}") from error
    except BotoCoreError as error:
        raise NotSendable(f"{call}: {_one_line(str(error))}") from error


def _refusal(call: str, error: ClientError) -> Transient | Permanent:
    said = error.response.get("Error", {})
    code = said.get("Code", "") or "?"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", UNKNOWN_STATUS)
    story = f"{call}: {status} {code} {_one_line(said.get('Message', ''))}".rstrip()
    if code in SLOWER or status in COME_LATER:
        return Transient(story)
    if status >= BROKEN:
        return AnswerLost(story)
    if code in NOT_ALLOWED:
        return AccessDenied(story, status=status, code=code)
    if code in {"NotFoundException", "404"}:
        return NotFound(story, status=status)
    if code == "DuplicateRecordException":
        return Duplicate(story, status=status, code=code)
    return AwsDeclined(story, status=status, code=code)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:BODY_SHOWN]
