"""Who calls, and the keys of a role in a linked account: as much of STS as budgets need."""

import re
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from throughline.simulators.server import Call, Reply

CREDENTIAL = re.compile(r"Credential=([A-Za-z0-9]+)/")
ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/([\w+=,.@/-]+)")
SESSION = re.compile(r"[\w+=,.@-]{2,64}")
GIVEN = "ASIA"  # how the keys begin that a role gives; the account's number follows
NOT_YOURS = "User is not authorized to perform: budgets:{} on resource: {}"
SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def entered(call: Call, account: str) -> bool:
    """Return whether a call is signed, and its keys count in an account."""
    found = CREDENTIAL.search(call.headers.get("authorization", ""))
    if found is None:
        return False
    return not _is_given(found[1]) or found[1] == f"{GIVEN}{account}"


def _is_given(key: str) -> bool:
    return bool(re.fullmatch(rf"{GIVEN}\d{{12}}", key))


def assume_role(call: Call, role: str, denied: set[str]) -> Reply:
    """Return the keys of a role in an account; an account that denies everything denies this."""
    asked = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    found = ROLE.fullmatch(asked.get("RoleArn", ""))
    if asked.get("Action") != "AssumeRole" or found is None:
        return _refused(400, "ValidationError", "The request is not valid.")
    if not SESSION.fullmatch(asked.get("RoleSessionName", "")):
        return _refused(400, "ValidationError", "RoleSessionName has 2 to 64 characters.")
    account, named = found.groups()
    if named != role or account in denied or "authorization" not in call.headers:
        message = f"User is not authorized to perform: sts:AssumeRole on resource: {found[0]}"
        return _refused(403, "AccessDenied", message)
    return _xml(200, _answer(account, named, asked["RoleSessionName"]))


def _answer(account: str, role: str, session: str) -> str:
    return (
        f'<AssumeRoleResponse xmlns="{SPACE}"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>{GIVEN}{account}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey>"
        "<SessionToken>simulated</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
        f"</Credentials><AssumedRoleUser><AssumedRoleId>AROASIMULATED:{escape(session)}"
        f"</AssumedRoleId><Arn>arn:aws:sts::{account}:assumed-role/{escape(role)}/{escape(session)}"
        "</Arn></AssumedRoleUser></AssumeRoleResult><ResponseMetadata><RequestId>simulated"
        "</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )


def _refused(status: int, code: str, message: str) -> Reply:
    return _xml(
        status,
        f'<ErrorResponse xmlns="{SPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>simulated</RequestId>"
        "</ErrorResponse>",
    )


def _xml(status: int, body: str) -> Reply:
    return Reply(status, body, {"Content-Type": "text/xml"})
