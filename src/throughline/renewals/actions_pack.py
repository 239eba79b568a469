"""Keeping the renewal pack as a document, so that it goes along with the notice."""

import logging
from collections.abc import Callable
from datetime import datetime

from throughline.documents.actions import keep_document
from throughline.documents.charts import as_png
from throughline.kernel.days import day_in_zone
from throughline.mail.letters import Attached
from throughline.playbook.model import Playbook
from throughline.renewals.pack import pack_of, pack_pdf, pack_words
from throughline.renewals.pack_chart import described, specification

log = logging.getLogger(__name__)

# What makes the pack of an engagement by number: as the job is told, so that others can leave it out.
Packing = Callable[[int, Playbook, str, datetime], tuple[Attached, ...]]


def kept_pack(number: int, playbook: Playbook, by: str, at: datetime) -> tuple[Attached, ...]:
    """Return the renewal pack of an engagement as it is today, kept as a document, and its picture.

    A notice is worth more than what goes along: where the pack cannot be made, nothing does, and the
    log says why. The mail has the address of the pack in any case.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    try:
        pack = pack_of(number, sees_money=True, playbook=playbook, on=on)
        content = pack_pdf(pack, playbook=playbook)
        words = pack_words(pack, playbook=playbook)
        picture = as_png(specification(pack.months)) if pack.months else b""
    except (OSError, RuntimeError, TypeError, ValueError):
        log.exception("the renewal pack of engagement %s could not be made", number)
        return ()
    kept = keep_document(content, name=f"renewal-{number}.pdf", by=by, at=at, says=words)
    attached = Attached(kept.sha256, f"renewal-pack-{number}.pdf")
    if not picture:
        return (attached,)
    seen = described(pack.months)
    drawn = keep_document(picture, name=f"months-{number}.png", by=by, at=at, says=seen)
    return (attached, Attached(drawn.sha256, f"months-{number}.png", seen))


def no_pack(_number: int, _playbook: Playbook, _by: str, _at: datetime) -> tuple[Attached, ...]:
    """Return nothing: the mail goes alone."""
    return ()
