"""What the environment says of AWS, and of the doors through which alerts come in."""

import re
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

from throughline.config.env import env_text

WAYS = ("off", "make", "terraform")
ROLE = re.compile(r"[\w+=,.@/-]{1,128}")
TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
SHORTEST_TOKEN = 24  # characters that nobody guesses


class AwsSettings(NamedTuple):
    """Who makes budgets, as whom, and where AWS answers."""

    budgets: str  # "off", "make", or "terraform": somebody else makes them, and we check
    key_id: str
    secret: str
    role: str
    url: str  # "" is AWS's own address
    sts_url: str
    sns_url: str  # where SNS's certificates are fetched and subscriptions confirmed


def env_aws() -> AwsSettings:
    """Return the settings of AWS.

    Raises:
        ImproperlyConfigured: one is wrong, or another one that it needs is missing.
    """
    found = AwsSettings(
        budgets=env_text("THROUGHLINE_AWS_BUDGETS", "off").lower() or "off",
        key_id=env_text("THROUGHLINE_AWS_KEY_ID", ""),
        secret=env_text("THROUGHLINE_AWS_SECRET", ""),
        role=env_text("THROUGHLINE_AWS_ROLE", ""),
        url=_address("THROUGHLINE_AWS_URL"),
        sts_url=_address("THROUGHLINE_AWS_STS_URL"),
        sns_url=_address("THROUGHLINE_SNS_URL"),
    )
    if found.budgets not in WAYS:
        raise ImproperlyConfigured(
            f"THROUGHLINE_AWS_BUDGETS={found.budgets!r} means nothing: write off, make or terraform."
        )
    if bool(found.key_id) != bool(found.secret):
        raise ImproperlyConfigured(
            "THROUGHLINE_AWS_KEY_ID and THROUGHLINE_AWS_SECRET go together: set both, or neither and"
            " let the machine's own role count."
        )
    if found.role and not ROLE.fullmatch(found.role):
        raise ImproperlyConfigured(
            f"THROUGHLINE_AWS_ROLE={found.role!r} is no role: write its name, without the account."
        )
    return found


def env_topics() -> frozenset[str]:
    """Return the SNS topics whose messages are taken.

    Raises:
        ImproperlyConfigured: one is none.
    """
    named = [one.strip() for one in env_text("THROUGHLINE_SNS_TOPICS", "").split(",")]
    for one in filter(None, named):
        if not TOPIC.fullmatch(one):
            raise ImproperlyConfigured(
                f"THROUGHLINE_SNS_TOPICS names {one!r}, which is no topic: write, say,"
                " arn:aws:sns:us-east-1:123456789012:budgets, several with commas between."
            )
    return frozenset(filter(None, named))


def env_alert_token() -> str:
    """Return what Google's and Azure's calls have to bring; "" takes none.

    Raises:
        ImproperlyConfigured: it can be guessed.
    """
    found = env_text("THROUGHLINE_ALERT_TOKEN", "")
    if found and len(found) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(
            f"THROUGHLINE_ALERT_TOKEN is too short: use at least {SHORTEST_TOKEN} random characters,"
            " such as `openssl rand -hex 24` gives."
        )
    return found


def _address(name: str) -> str:
    found = env_text(name, "").rstrip("/")
    if found and not found.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name}={found!r} is no address: write https://…, or nothing.")
    return found
