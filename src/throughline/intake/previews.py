"""A mail of the playbook as it would be for one engagement, before anybody sends it."""

from dataclasses import dataclass
from datetime import datetime
from string import Template as Placeholders

from django.conf import settings

from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.queries import engagements
from throughline.kernel.days import day_in_zone
from throughline.mail.actions.notifying import preferences_url
from throughline.mail.html import html_of, page_of
from throughline.mail.letters import draft_of
from throughline.playbook.model import Playbook
from throughline.renewals.actions import mail_facts
from throughline.renewals.queries import PlannedMail, standings
from throughline.sales.actions.summary import words_of_summary
from throughline.sales.queries import facts_of


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as it would be, and the words of which nobody knows yet what they will hold."""

    code: str
    subject: str
    text: str
    html: str
    unknown: tuple[str, ...]


def preview_mail(code: str, engagement: Engagement, *, playbook: Playbook, at: datetime) -> Preview:
    """Return a mail with the facts of an engagement.

    What is known only when it is sent stands as [its name].

    Raises:
        UnknownCode: the playbook has no such mail.
    """
    template = playbook.mail(code)
    wanted: set[str] = set()
    for text in (template.subject, template.text, template.html):
        wanted |= set(Placeholders(text).get_identifiers())
    known = _facts(engagement, playbook, at)
    unknown = tuple(sorted(name for name in wanted if not known.get(name)))
    facts = known | {name: f"[{name}]" for name in unknown}
    draft = draft_of(template, facts, key="", to=(), about="")
    html = (
        page_of(draft.subject, draft.html)
        if draft.html
        else html_of(draft.subject, draft.text, ours=settings.BASE_URL)
    )
    return Preview(code, draft.subject, draft.text, html, unknown)


def _facts(engagement: Engagement, playbook: Playbook, at: datetime) -> dict[str, str]:
    on = day_in_zone(at, playbook.organisation.zone)
    standing = standings(engagements().filter(pk=engagement.pk), on=on)[0]
    planned = PlannedMail(standing.engagement, "notice", "", on, (), "", standing.told_on())
    told = {**mail_facts(standing, planned, on=on, playbook=playbook)}
    if engagement.deal.end_on and engagement.deal.end_on < on:
        told["days"] = ""  # after the end no mail counts days: nobody knows what it would say
    facts = facts_of(engagement.deal, on=on)
    said = max(facts.deal.verbal_closes.all(), key=lambda one: one.pk, default=None)
    agreed = words_of_summary(facts, said, playbook) if said else {}
    return {
        **agreed, **told, **_of_delivery(engagement), "preferences_url": preferences_url(),
    }  # fmt: skip


def _of_delivery(engagement: Engagement) -> dict[str, str]:
    """Return what mails about delivery say: who accepted, and the promise that is due first."""
    promised = Deliverable.objects.filter(project__engagement=engagement)
    first = promised.order_by("due_on", "pk").first()
    return {
        "accepted_by": engagement.accepted_by,
        "accepted_on": f"{engagement.accepted_at:%-d %B %Y}" if engagement.accepted_at else "",
        "deliverable": first.title if first else "",
    }
