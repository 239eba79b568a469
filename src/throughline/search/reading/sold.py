"""What sales keeps of a deal: itself, its documents, what was asked and said about it."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Prefetch

from throughline.playbook.model import Playbook
from throughline.sales.models import (
    Agreement,
    Deal,
    DealNote,
    NoteReply,
    Review,
    ReviewNote,
    SponsorWork,
    StatementOfWork,
)
from throughline.sales.shapes import stage_name, tier_name
from throughline.sales.versions import newest_statements
from throughline.search.reading.picking import Pick
from throughline.search.words import Family, Kind, Thing

OF_A_DEAL = (
    "hubspot_id", "name", "owner", "buyer", "pipeline", "stage", "revenue_type", "tier",
    "tier_none_because", "legal_needed_because", "lost_reason", "deleted_at",
)  # fmt: skip
COMMUNITY = ("community__short_name", "community__long_name", "community__community_id")


def deals_by_number(numbers: Collection[int]) -> dict[int, Deal]:
    """Return deals with what is searched of them, those that are gone included; three queries."""
    found = Deal.objects.filter(pk__in=numbers).select_related("community")
    found = found.only(*OF_A_DEAL, *COMMUNITY).prefetch_related("aliases", "sponsor_work")
    return {one.pk: one for one in found}


def sold(deals: dict[int, Deal], pick: Pick, playbook: Playbook) -> Iterator[Thing]:
    """Yield what sales keeps of deals; seven queries."""
    for deal in pick.rows(Kind.DEAL, Deal.objects.filter(deleted_at=None)).only("pk"):
        yield _deal(deals[deal.pk], playbook)
    for work in pick.rows(Kind.WORK, SponsorWork.objects.all(), "deal"):
        yield _work(work, deals[work.deal_id])
    for agreement in pick.rows(Kind.AGREEMENT, Agreement.objects.all(), "deal"):
        yield _agreement(agreement, deals[agreement.deal_id])
    for statement in pick.rows(Kind.STATEMENT, newest_statements().defer(None), "deal"):
        yield _statement(statement)
    notes = pick.rows(Kind.NOTE, DealNote.objects.filter(withdrawn_at=None), "deal")
    for note in notes.prefetch_related(Prefetch("replies", NoteReply.objects.order_by("pk"))):
        yield _note(note, deals[note.deal_id])
    reviews = pick.rows(Kind.REVIEW, Review.objects.all(), "deal")
    for review in reviews.prefetch_related(Prefetch("notes", ReviewNote.objects.order_by("pk"))):
        yield _review(review, deals[review.deal_id])


def served(deal: Deal) -> str:
    """Return what a deal's community goes by; "" where nobody has named one."""
    one = deal.community
    return joined(one.short_name, one.long_name, one.community_id) if one else ""


def ids_of(deal: Deal) -> tuple[str, ...]:
    """Return the numbers that people call a deal by, those that it had before included."""
    return (deal.reference, str(deal.pk), *(one.old_id for one in deal.aliases.all()))


def joined(*parts: Any) -> str:
    """Return texts as paragraphs, without those that are empty."""
    return "\n\n".join(str(one) for one in parts if one)


def _deal(deal: Deal, playbook: Playbook) -> Thing:
    stage = stage_name(deal.stage, playbook) or "Unmapped"
    community = deal.community.short_name if deal.community else ""
    return Thing(
        Kind.DEAL,
        deal.pk,
        (Family.DEAL, deal.pk),
        f"/deals/{deal.pk}/",
        deal.name,
        about=" · ".join(part for part in (deal.reference, stage, community) if part),
        text=joined(
            deal.buyer, tier_name(deal.tier, playbook), deal.tier_none_because, deal.revenue_type,
            deal.legal_needed_because, deal.lost_reason,
        ),
        names=joined(deal.owner, deal.pipeline, served(deal), *ids_of(deal)),
        ids=ids_of(deal),
    )  # fmt: skip


def _of(deal: Deal) -> dict[str, Any]:
    """Return what all that hangs on a deal has in common."""
    return {"family": (Family.DEAL, deal.pk), "about": deal.name}


def _work(work: SponsorWork, deal: Deal) -> Thing:
    view = "" if work.done_at is None else "?view=done"
    return Thing(
        Kind.WORK,
        work.pk,
        address=f"/sponsor/{view}#work-{work.pk}",
        title=f"{work.get_kind_display()}: {deal.name}",
        family=(Family.DEAL, deal.pk),
        about="waits" if work.done_at is None else "done",
        text=joined(work.question, work.receipt),
        names=joined(work.taken_by, *ids_of(deal)),
        ids=(work.receipt,),
        on_desk=True,
    )


def _agreement(one: Agreement, deal: Deal) -> Thing:
    return Thing(
        Kind.AGREEMENT,
        one.pk,
        address=f"/deals/{deal.pk}/agreement/",
        title=one.title,
        family=(Family.DEAL, deal.pk),
        about=" · ".join(part for part in (one.what, one.reference, deal.name) if part),
        text=joined(one.reference, one.scope, one.renewal_terms, one.order_line),
        names=joined(one.get_kind_display(), deal.name, served(deal), *ids_of(deal)),
        ids=(one.reference,),
        on_desk=bool(deal.sponsor_work.all()),
    )


def _statement(one: StatementOfWork) -> Thing:
    deal = one.deal
    assert deal is not None  # noqa: S101 -- `newest_statements` are those of deals
    return Thing(
        Kind.STATEMENT,
        one.pk,
        address=f"/deals/{deal.pk}/statement/",
        title=one.title,
        family=(Family.DEAL, deal.pk),
        about=f"version {one.version} · {deal.name}",
        text=joined(*_promised(one.content)),
        names=joined(deal.name, deal.reference),
    )


def _promised(content: dict[str, Any]) -> Iterator[str]:
    for deliverable in content.get("deliverables") or ():
        yield str(deliverable.get("title") or "")
        yield from map(str, deliverable.get("definition_of_done") or ())
        yield from (str(item.get("text") or "") for item in deliverable.get("items") or ())
    yield from map(str, content.get("out_of_scope") or ())


def _note(note: DealNote, deal: Deal) -> Thing:
    said = [note.text, *(one.text for one in note.replies.all())]
    return Thing(
        Kind.NOTE,
        note.pk,
        address=f"/deals/{deal.pk}/notes/#note-{note.pk}",
        title=f"{note.get_kind_display()}, by {note.by}",
        text=joined(*said),
        **_of(deal),
    )


def _review(review: Review, deal: Deal) -> Thing:
    said = (joined(one.text, one.link) for one in review.notes.all())
    return Thing(
        Kind.REVIEW,
        review.pk,
        address=f"/reviews/{review.pk}/",
        title=f"{review.get_kind_display()}, asked by {review.asked_by}",
        text=joined(review.question, review.answer, review.declined_because, *said),
        names=joined(review.holder, review.answered_by, review.answer_link),
        ids=(review.answer_link,),
        **_of(deal),
    )
