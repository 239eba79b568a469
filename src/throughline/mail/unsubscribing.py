"""The signed address in a mail that stops mails like it: whoever has the mail may use it."""

from django.conf import settings
from django.core.signing import BadSignature, Signer

from throughline.kernel.errors import Refused
from throughline.mail.words import MailKind
from throughline.people.models import User

SALT = "throughline.mail.unsubscribe"


def unsubscribe_address(user: int, kind: str) -> str:
    """Return the address that stops one kind of mail to one person, without signing in."""
    return f"{settings.BASE_URL}/s/mail/{Signer(salt=SALT).sign(f'{kind}.{user}')}/"


def whom_it_stops(token: str) -> tuple[User, MailKind]:
    """Return whom an address of unsubscribing is for, and which mails it stops.

    Raises:
        Refused: it is none of ours, or its person is gone.
    """
    try:
        kind, _, user = Signer(salt=SALT).unsign(token).partition(".")
        found = User.objects.filter(pk=int(user)).first()
    except (BadSignature, ValueError):
        found, kind = None, ""
    if found is None or kind not in MailKind:
        raise Refused("This address stops nothing.", remedy="Sign in, and choose how you are told.")
    return found, MailKind(kind)
