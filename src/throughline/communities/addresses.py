"""How people and organisations can be reached, checked for their form."""

import re
from typing import Final

from throughline.kernel.errors import Refused

MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Source: GitHub's sign-up form; the dash may end only names that are older than the rule.
GITHUB_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")


def github_name(text: str, *, what: str) -> str:
    """Return a name at GitHub from what people write: `@name`, an address, or the name itself.

    Whether there is such an account, GitHub alone can tell.

    Raises:
        Refused: it cannot be one; `what` says of what.
    """
    bare = re.sub(r"^(https?://)?(www\.)?github\.com/|^@", "", text.strip()).strip("/")
    if not GITHUB_NAME.fullmatch(bare):
        raise Refused(
            f"{what}: {text[:80]!r} is not a name at GitHub.",
            remedy="Write it as in its address: letters, digits and dashes, 39 at most.",
        )
    return bare


def mail_address(text: str) -> str:
    """Return an e-mail address in small letters.

    Raises:
        Refused: it is none.
    """
    address = text.strip().lower()
    if not MAIL.fullmatch(address):
        raise Refused(f"{text[:80]!r} is not an e-mail address.", remedy="Write name@example.org.")
    return address
