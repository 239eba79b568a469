"""Keeping statements of work."""

from datetime import datetime
from typing import Any

from django.db import transaction

from throughline.documents.actions import keep_document
from throughline.journal.actions import record
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, StatementOfWork


@transaction.atomic
def keep_statement(
    content: bytes,
    read: dict[str, Any],
    *,
    name: str,
    deal: Deal | None,
    by: str,
    at: datetime,
) -> tuple[StatementOfWork, bool]:
    """Store a statement of work and return it with whether it is new; the same file stays as it is.

    `read` is what the importer made of it, in the shape of design §12.
    """
    if deal is not None:
        locked_deal(deal.pk)
    document = keep_document(content, name=name, by=by, at=at)
    if standing := StatementOfWork.objects.filter(deal=deal, document=document).first():
        return standing, False
    versions = StatementOfWork.objects.filter(deal=deal).count() if deal else 0
    statement = StatementOfWork.objects.create(
        deal=deal,
        document=document,
        version=versions + 1,
        title=read["title"][:250],
        content=read,
        low_h=str(read["total"]["low_h"]),
        high_h=str(read["total"]["high_h"]),
        imported_at=at,
        imported_by=by,
    )
    record("sales.sow.kept", statement, by=by, at=at, name=name, sha256=document.sha256)
    return statement, True
