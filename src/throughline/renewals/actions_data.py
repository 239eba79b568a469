"""The letters that ask a community of its data: the question, and its reminders."""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Draft, draft_of
from throughline.people.actions import issue_link, revoke_link
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines
from throughline.renewals.models import DataQuestion

PURPOSE: Final = "data"
SALT: Final = "throughline.renewals.data"


def data_token(question: DataQuestion) -> str:
    """Return what opens a question's page in its present round; only our key can make it."""
    said = f"{question.pk}:{question.round}:{question.asked_at.isoformat()}"
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def send_question(
    question: DataQuestion, mail: str, *, playbook: Playbook, by: str, at: datetime
) -> None:
    """Issue the link of a round, queue its letter, and set when to remind; in a transaction."""
    rules = playbook.offboarding
    link = issue_link(
        data_token(question), purpose=PURPOSE, subject=f"data:{question.pk}",
        issued_to=question.name, valid_for=timedelta(days=rules.link_days), by=by, at=at,
    )  # fmt: skip
    question.link_id = link.pk
    is_last = question.round >= rules.reminders
    question.remind_at = None if is_last else at + timedelta(days=rules.remind_after_days)
    question.save(update_fields=["link_id", "round", "remind_at"])
    draft = _letter(question, mail, link.expires_at, playbook)
    queue_message(draft, by=by, at=at)


def _letter(question: DataQuestion, mail: str, until: datetime, playbook: Playbook) -> Draft:
    deal = question.offboarding.deal
    key = f"{mail}:{question.pk}" + (f":{question.round}" if question.round else "")
    return draft_of(
        playbook.mail(mail),
        _facts(question, until, playbook),
        key=key,
        to=(question.email,),
        about=f"engagement:{deal.pk}",
    )


def _facts(question: DataQuestion, until: datetime, playbook: Playbook) -> dict[str, str]:
    offboarding = question.offboarding
    deal = offboarding.deal
    community = deal.community
    support = playbook.addresses.support
    if community is not None and community.community_id:
        support = playbook.addresses.support_of(community.community_id)
    return {
        "deal": deal.name,
        "community": (community.long_name or community.short_name) if community else deal.name,
        "end_on": f"{deal.end_on:%-d %B %Y}" if deal.end_on else "a day that is not known yet",
        "hubs": Lines("\n".join(f"- {one}" for one in offboarding.hubs) or "- what runs for you"),
        "address": f"{settings.BASE_URL}/s/data/{data_token(question)}/",
        "until": f"{until:%-d %B %Y}",
        "asked_on": f"{question.asked_at:%-d %B %Y}",
        "asked_by": question.asked_by,
        "support": support,
        "organisation": playbook.organisation.name,
    }


def reminder_subject(question: DataQuestion, playbook: Playbook) -> str:
    """Return the subject of a question's reminder, sent or not yet."""
    until = question.asked_at + timedelta(days=playbook.offboarding.link_days)
    facts = _facts(question, until, playbook)
    return " ".join(playbook.mail("data_reminded").filled(facts)[0].split())


def remind_about_data(*, playbook: Playbook, by: str, at: datetime) -> list[DataQuestion]:
    """Remind everybody who was asked of their data and has not answered for long enough.

    Each reminder brings a new link and closes the one before. Silence stays no yes.
    """
    found = [
        _remind(pk, playbook=playbook, by=by, at=at)
        for pk in _waiting().filter(remind_at__lte=at).values_list("pk", flat=True)
    ]
    return [one for one in found if one is not None]


@transaction.atomic
def _remind(pk: int, *, playbook: Playbook, by: str, at: datetime) -> DataQuestion | None:
    asked = _waiting().select_for_update(of=("self",)).filter(pk=pk, remind_at__lte=at)
    question = asked.select_related("offboarding__deal__community").first()
    if question is None:  # another worker was quicker, or the answer came
        return None
    if question.link_id is not None:
        revoke_link(question.link_id, by=by, at=at)
    question.round += 1
    send_question(question, "data_reminded", playbook=playbook, by=by, at=at)
    record(
        "renewals.data.reminded", question.offboarding.deal, by=by, at=at, question=question.pk,
        round=question.round,
    )  # fmt: skip
    return question


def data_reminders_on(on: date, *, today: date, playbook: Playbook) -> list[DataQuestion]:
    """Return who would be reminded on a day in a system that runs every day. Reads only."""
    zone = playbook.organisation.zone
    found = _waiting().filter(remind_at__isnull=False).select_related("offboarding__deal")
    return [
        one
        for one in found.order_by("remind_at", "pk")
        if one.remind_at is not None and _falls_on(day_in_zone(one.remind_at, zone), on, today)
    ]


def _falls_on(due_on: date, on: date, today: date) -> bool:
    """Return whether a day brings what is due on another; today brings what is outstanding."""
    return max(due_on, today) == on


def _waiting() -> QuerySet[DataQuestion]:
    return DataQuestion.objects.filter(answered_at=None, closed_at=None)
