"""A mail that came in: what tells of costs goes to the alerts, all else to the mail it answers."""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from throughline.budgets.models import Received
from throughline.intake.alerts.doors import take_file
from throughline.intake.alerts.mail_text import addressed_to
from throughline.intake.mail_file import heard_in
from throughline.kernel.errors import Refused
from throughline.mail.actions.echoes import Heard, keep_echo
from throughline.mail.models import Echo
from throughline.mail.words import EchoKind
from throughline.playbook.model import Playbook

AWS_SENDER: Final = "@costalerts.amazonaws.com"
AWS_SUBJECT: Final = re.compile(r"(?:(?:fwd?|wg|tr)\s*:\s*)*AWS Budgets:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailTakenIn:
    """What a mail was: one of the two."""

    echo: Echo | None
    alert: Received | None
    is_new: bool


def import_mail(path: Path, *, playbook: Playbook, by: str, at: datetime) -> MailTakenIn:
    """Take in one mail that came in, as a mail program saves it (.eml).

    Raises:
        Refused: the file cannot be read, or holds no mail.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
    return take_mail(content, name=path.name, playbook=playbook, by=by, at=at)


def take_mail(
    content: bytes, *, name: str, playbook: Playbook, by: str, at: datetime
) -> MailTakenIn:
    """Keep a mail where it belongs; the same mail is kept once.

    Raises:
        Refused: these are no bytes of a mail, or it is too large.
    """
    heard = heard_in(content, name=name)
    if is_alert(content, heard, playbook=playbook):
        kept, is_new = take_file(content, by=by, at=at)
        return MailTakenIn(None, kept, is_new)
    echo, is_new = keep_echo(heard, by=by, at=at)
    return MailTakenIn(echo, None, is_new)


def is_alert(content: bytes, heard: Heard, *, playbook: Playbook) -> bool:
    """Return whether a mail tells of costs: AWS wrote it, or it came to a community's own address.

    A bounce never does. What answers a mail of ours, or a machine wrote that is not AWS, is no
    alert, though it went to that address.
    """
    if heard.kind not in {EchoKind.REPLY, EchoKind.AUTOMATIC}:
        return False
    mail = email.message_from_bytes(content, policy=policy.default)
    _name, sender = parseaddr(str(mail["From"] or ""))
    is_of_aws = sender.casefold().endswith(AWS_SENDER)
    if is_of_aws or AWS_SUBJECT.match(str(mail["Subject"] or "").strip()):
        return True
    if heard.kind != EchoKind.REPLY or heard.answers:
        return False
    return any(playbook.addresses.is_supports(one) for one in addressed_to(mail))
