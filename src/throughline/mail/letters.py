"""Making a mail: from a text of the playbook to a draft, from a row to what leaves."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughline.mail.words import MailKind
from throughline.playbook.parts import MailTemplate


@dataclass(frozen=True, slots=True)
class Attached:
    """A kept document that goes along with a mail, by its hash, under a name.

    A picture that has words for those who do not see it (`alt`) is shown in the mail itself.
    """

    sha256: str
    name: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it is a row. Without an `html` of its own, that part is made of the text."""

    key: str
    to: tuple[str, ...]
    subject: str
    text: str
    about: str
    html: str = ""
    attachments: tuple[Attached, ...] = ()
    kind: MailKind = MailKind.DUTY
    user: int | None = None  # of a notification or digest: the person whose preferences it follows


def digest_of(key: str) -> str:
    """Return a key that says nothing: keys stay for ever, so that no address may stand in one."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def draft_of(
    template: MailTemplate,
    facts: Mapping[str, str],
    *,
    key: str,
    to: Sequence[str],
    about: str,
    attachments: Sequence[Attached] = (),
) -> Draft:
    """Return the mail that a text of the playbook makes of facts.

    Raises:
        MailNotFilled: a fact is missing.
    """
    subject, text = template.filled(facts)
    return Draft(
        key=key,
        to=tuple(to),
        subject=subject,
        text=text.strip() + "\n",
        about=about,
        html=template.filled_html(facts),
        attachments=tuple(attachments),
    )
