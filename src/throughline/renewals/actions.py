"""Sending what the ladder demands, each notice exactly once."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.queries import engagements
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Attached, draft_of
from throughline.mail.models import Message
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines
from throughline.renewals.actions_pack import Packing, no_pack
from throughline.renewals.ladder import Rung
from throughline.renewals.models import Correction, Notice
from throughline.renewals.money import months_of
from throughline.renewals.pack import MONTHS
from throughline.renewals.pack_chart import lines
from throughline.renewals.queries import PlannedMail, Standing, mails_due, silenced, standings
from throughline.renewals.words import NoticeState
from throughline.sales.models import Deal
from throughline.sales.queries import is_executed

UNTOLD = "No month's cost and active users are recorded here yet."


@transaction.atomic
def send_notices(
    number: int, *, playbook: Playbook, by: str, at: datetime, packing: Packing = no_pack
) -> tuple[list[tuple[PlannedMail, Message]], list[PlannedMail]]:
    """Put into the outbox what an engagement's ladder demands by now.

    Returns what was queued, and what has nobody to go to and so waits for a person. The row of a
    notice and its mail are written together under the engagement's lock; the unique key
    (engagement, end date, step) makes a second one impossible.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    locked_engagement(number)
    standing = standings(engagements().filter(pk=number), on=on)[0]
    queued: list[tuple[PlannedMail, Message]] = []
    nobody: list[PlannedMail] = []
    for planned in mails_due(standing, on=on, playbook=playbook):
        if not planned.to:
            nobody.append(planned)
            continue
        with_pack = planned.kind == "notice" and planned.to == (playbook.addresses.renewals,)
        attached = packing(number, playbook, by, at) if with_pack else ()
        message = _queue(planned, standing, attached, playbook=playbook, by=by, at=at)
        _keep(planned, message, by=by, at=at)
        queued.append((planned, message))
    return queued, nobody


def _queue(
    planned: PlannedMail,
    standing: Standing,
    attached: tuple[Attached, ...],
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Message:
    on = day_in_zone(at, playbook.organisation.zone)
    draft = draft_of(
        playbook.mail(planned.mail),
        mail_facts(standing, planned, on=on, playbook=playbook),
        key=_mail_key(planned, standing),
        to=planned.to,
        about=f"engagement:{planned.engagement.number}",
        attachments=attached,
    )
    message, _created = queue_message(draft, by=by, at=at)
    return message


def _mail_key(planned: PlannedMail, standing: Standing) -> str:
    number, end_on = planned.engagement.number, standing.deal.end_on
    if planned.kind == "correction":
        # An end date may come back: the count tells the corrections apart.
        return f"correction:{number}:{end_on}:{len(standing.corrections) + 1}"
    return f"notice:{number}:{end_on}:{planned.step}"


def _keep(planned: PlannedMail, message: Message, *, by: str, at: datetime) -> None:
    if planned.was_on is not None:
        _keep_correction(planned, planned.was_on, message, by=by, at=at)
        return
    for rung in planned.skipped:
        _put_notice(planned, rung, NoticeState.SKIPPED, None, at=at)
    _put_notice(planned, planned, NoticeState.SENT, message, at=at)
    record(
        "renewals.notice.sent", planned.engagement, by=by, at=at, step=planned.step,
        end_on=_end_of(planned), skipped=[rung.step for rung in planned.skipped],
    )  # fmt: skip


def _end_of(planned: PlannedMail) -> date:
    if (end_on := planned.engagement.deal.end_on) is None:
        raise ValueError("A ladder without an end date demands nothing.")
    return end_on


def _put_notice(
    planned: PlannedMail,
    step: PlannedMail | Rung,
    state: NoticeState,
    message: Message | None,
    *,
    at: datetime,
) -> None:
    """Write a step's row; one that a successor silenced speaks again once that has fallen through.

    Raises:
        IntegrityError: the step has a row that is not to be touched.
    """
    key = {
        "engagement": planned.engagement,
        "end_on": _end_of(planned),
        "step": step.step,
    }
    Notice.objects.filter(**key, state=NoticeState.SILENCED).delete()
    Notice.objects.create(**key, due_on=step.due_on, state=state, at=at, message=message)


def _keep_correction(
    planned: PlannedMail, was_on: date, message: Message, *, by: str, at: datetime
) -> None:
    engagement, end_on = planned.engagement, _end_of(planned)
    Correction.objects.create(
        engagement=engagement, was_on=was_on, now_on=end_on, at=at, message=message
    )
    told = Notice.objects.filter(engagement=engagement, message__isnull=False)
    told.exclude(end_on=end_on).update(state=NoticeState.VOID)
    told.filter(end_on=end_on).update(state=NoticeState.SENT)  # the date has come back
    record("renewals.notice.corrected", engagement, by=by, at=at, was=was_on, now=end_on)


def mail_facts(
    standing: Standing, planned: PlannedMail, *, on: date, playbook: Playbook
) -> Mapping[str, str]:
    """Return what the texts of the ladder's mails may say."""
    deal = standing.deal
    end_on = deal.end_on or on
    community = deal.community
    support = playbook.addresses.support
    if community is not None and community.community_id:
        support = playbook.addresses.support_of(community.community_id)
    return {
        "days": str((end_on - on).days),
        "deal": deal.name,
        "community": community.long_name or community.short_name if community else "its community",
        "end_on": f"{end_on:%-d %B %Y}",
        "old_end_on": f"{planned.was_on:%-d %B %Y}" if planned.was_on else "",
        "engagement_url": f"{settings.BASE_URL}/engagements/{planned.engagement.number}/",
        "pack_url": f"{settings.BASE_URL}/renewals/{planned.engagement.number}/",
        "agreement_note": _agreement_note(deal),
        "months": _months(deal, planned, on=on, playbook=playbook),
        "organisation": playbook.organisation.name,
        "support": support,
        "hubs": Lines("\n".join(f"- {hub}" for hub in standing.hubs_that_end)),
    }


def _months(deal: Deal, planned: PlannedMail, *, on: date, playbook: Playbook) -> str:
    """Return what the mail to our own people says of cost and use; letters to others say nothing."""
    if planned.mail not in {"expiring", ""}:  # "" is a look at a mail before there is one
        return ""
    return Lines(lines(months_of(deal, playbook=playbook, on=on, most=MONTHS)) or UNTOLD)


def _agreement_note(deal: Deal) -> str:
    agreement = deal.agreements.filter(amends=None).first()
    if agreement is None:
        return "No agreement is recorded here for this deal; the dates are the deal's."
    if not is_executed(agreement):
        return f"Its {agreement.get_kind_display()} “{agreement.title}” is not executed yet."
    return f"It is governed by the {agreement.get_kind_display()} “{agreement.title}”."


@transaction.atomic
def note_silence(number: int, *, playbook: Playbook, by: str, at: datetime) -> list[Notice]:
    """Write down the notices that an executed successor makes needless on this day, once each."""
    on = day_in_zone(at, playbook.organisation.zone)
    locked_engagement(number)
    standing = standings(engagements().filter(pk=number), on=on)[0]
    if (end_on := standing.deal.end_on) is None:
        return []
    fresh = [
        Notice(
            engagement=standing.engagement,
            end_on=end_on,
            step=rung.step,
            due_on=rung.due_on,
            state=NoticeState.SILENCED,
            at=at,
        )
        for rung in silenced(standing, on=on, playbook=playbook)
    ]
    Notice.objects.bulk_create(fresh)
    if fresh:
        record(
            "renewals.notice.silenced", standing.engagement, by=by, at=at, end_on=end_on,
            steps=[one.step for one in fresh], successor=standing.engagement.successor_id,
        )  # fmt: skip
    return fresh
