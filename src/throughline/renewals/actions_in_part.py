"""Taking back what was said of hubs that a renewal was to leave out."""

from datetime import date, datetime

from throughline.delivery.queries import engagements
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import draft_of
from throughline.mail.models import Message
from throughline.playbook.model import Playbook
from throughline.renewals.actions import mail_facts
from throughline.renewals.models import Course, Notice
from throughline.renewals.queries import PlannedMail, standings
from throughline.renewals.words import CourseKind

MAIL = "part_goes_on"


def tell_of_parts_that_go_on(
    course: Course, *, playbook: Playbook, by: str, at: datetime
) -> Message | None:
    """Tell those who were told that hubs end that it was taken back; None: nobody was told.

    It is called while the course still stands: its hubs are named in the mail.
    """
    if course.kind != CourseKind.RENEW or not course.hubs_that_end:
        return None
    if course.end_on is None or not (to := _told(course, course.end_on, playbook)):
        return None
    on = day_in_zone(at, playbook.organisation.zone)
    standing = standings(engagements().filter(pk=course.engagement_id), on=on)[0]
    planned = PlannedMail(standing.engagement, "correction", MAIL, course.end_on, to, MAIL, None)
    draft = draft_of(
        playbook.mail(MAIL),
        mail_facts(standing, planned, on=on, playbook=playbook),
        key=f"part-goes-on:{course.pk}",
        to=to,
        about=f"engagement:{course.engagement_id}",
    )
    message, _created = queue_message(draft, by=by, at=at)
    record("renewals.part.taken_back", standing.engagement, by=by, at=at, hubs=course.hubs_that_end)
    return message


def _told(course: Course, end_on: date, playbook: Playbook) -> tuple[str, ...]:
    """Return who got a notice about the hubs; who was erased since is a pseudonym, no address."""
    steps = [one.code for one in playbook.ladder if one.to == "representatives"]
    sent = Notice.objects.filter(
        engagement=course.engagement_id, end_on=end_on, step__in=steps, at__gte=course.at,
        message__isnull=False,
    ).select_related("message")  # fmt: skip
    return tuple(
        sorted({
            address
            for one in sent
            if one.message
            for address in one.message.to
            if "@" in address
        })
    )  # fmt: skip
