"""What people bring to show that something is done: words, a link, a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from throughline.delivery.models import Deliverable, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.documents.actions import LARGEST, keep_document
from throughline.documents.models import Document
from throughline.documents.proofs import ACCEPTED, kind_of_proof
from throughline.kernel.errors import Refused

LONGEST_LINK: Final = 500


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file as it came, under the name that it had."""

    content: bytes
    name: str


def keep_proof(file: ProofFile | None, *, by: str, at: datetime) -> Document | None:
    """Store a file that shows something; without one, nothing.

    Raises:
        Refused: it is empty, too large, or of a kind that shows nothing or might do harm.
    """
    if file is None:
        return None
    if len(file.content) <= LARGEST and file.content and not kind_of_proof(file.content, file.name):
        raise Refused(
            f"{file.name} is no file that shows something.",
            remedy=f"Upload {ACCEPTED}; or store it elsewhere and give its link.",
        )
    return keep_document(file.content, name=file.name, by=by, at=at)


def keep_evidence(
    deliverable: Deliverable, *, text: str, link: str, file: ProofFile | None, by: str, at: datetime
) -> Evidence:
    """Keep a person's word, link and file as one piece of evidence.

    Raises:
        Refused: the link is none, or the file may not be stored.
    """
    address = _checked_link(link)
    document = keep_proof(file, by=by, at=at)
    return Evidence.objects.create(
        deliverable=deliverable, kind=EvidenceKind.MANUAL, state=EvidenceState.FOUND,
        text=text.strip(), link=address, document=document, by=by, at=at,
    )  # fmt: skip


def _checked_link(link: str) -> str:
    address = link.strip()
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(address) > LONGEST_LINK:
        raise Refused(
            f"{address[:80]} is no link.", remedy="Give one that begins with https:// or http://."
        )
    return address
