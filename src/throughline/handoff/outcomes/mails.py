"""The mails of a handoff: in the outbox, once each."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from throughline.delivery.models import Engagement
from throughline.delivery.words import Origin
from throughline.handoff.wanted import Doing, Seen, WaitsForPerson, Wanted
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Draft, draft_of
from throughline.mail.models import Message
from throughline.people.queries import address_of
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts


@dataclass(frozen=True, slots=True)
class MailQueued:
    """A mail of the handoff is in the outbox."""

    draft: Draft
    name: str
    in_the_way: str  # what a person has to do first; "" if nothing
    system: str = "mail"
    audience: str = "community"

    @property
    def key(self) -> str:
        return self.draft.key

    @property
    def summary(self) -> str:
        to = ", ".join(self.draft.to) or "nobody yet"
        return f"{self.name} mail to {to}: “{self.draft.subject}”"

    @property
    def wanted(self) -> Seen:
        # Once it is in the outbox it is said: later changes of the text do not send it again.
        return {"queued": True}

    def observe(self) -> Seen | None:
        return {"queued": True} if Message.objects.filter(key=self.draft.key).exists() else None

    def act(self, doing: Doing) -> Seen:
        if self.in_the_way:
            raise WaitsForPerson(self.in_the_way)
        message, _created = queue_message(self.draft, by=doing.by, at=doing.at)
        return {"id": message.message_id}

    def waits_for(self) -> str:
        return self.in_the_way


def mails_of(engagement: Engagement, facts: DealFacts, playbook: Playbook) -> Iterator[Wanted]:
    """Yield the welcome to the community and the word to BD that PS has accepted.

    An engagement that came in already won began long ago: nobody is welcomed again.
    """
    if engagement.origin != Origin.ORDERED:
        return
    to = tuple(
        sorted({
            one.contact.email
            for one in facts.roles
            if one.role in {"representative", "champion"} and one.contact.email
        })
    )  # fmt: skip
    missing = "" if to else "Name a Community Representative with an e-mail address."
    not_accepted = "" if engagement.accepted_by else "Somebody of PS accepts the handoff by name."
    yield MailQueued(
        _draft("welcome", engagement, facts, playbook, to), "Welcome", missing or not_accepted
    )
    if owner := address_of(facts.deal.owner):
        yield MailQueued(
            _draft("accepted", engagement, facts, playbook, (owner,)),
            "Acceptance",
            not_accepted,
            audience="staff",
        )


def _draft(
    code: str, engagement: Engagement, facts: DealFacts, playbook: Playbook, to: tuple[str, ...]
) -> Draft:
    community = facts.deal.community
    support = playbook.addresses.support
    if community is not None and community.community_id:
        support = playbook.addresses.support_of(community.community_id)
    facts_told = {
        "deal": facts.deal.name,
        "community": community.long_name or community.short_name if community else "the community",
        "accepted_by": engagement.accepted_by or "somebody of our team",
        "accepted_on": f"{engagement.accepted_at:%-d %B %Y}" if engagement.accepted_at else "",
        "engagement_url": f"{settings.BASE_URL}/engagements/{engagement.number}/",
        "support": support,
        "organisation": playbook.organisation.name,
    }
    return draft_of(
        playbook.mail(code),
        facts_told,
        key=f"mail.{code}:{engagement.number}",
        to=to,
        about=f"engagement:{engagement.number}",
    )
