"""Communities, people, clusters, alerts, decisions and mails."""

from collections.abc import Iterator

from throughline.budgets.models import Alert
from throughline.capacity.models import Colleague
from throughline.communities.models import Community, Contact
from throughline.delivery.models import Decision
from throughline.infrastructure.models import Cluster
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.search.reading.picking import Pick
from throughline.search.reading.sold import joined
from throughline.search.words import Family, Kind, Thing


def communities(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield communities, but for those that are merged into others; three queries."""
    found = pick.rows(Kind.COMMUNITY, Community.objects.filter(merged_into=None))
    for one in found.prefetch_related("aliases", "context"):
        aliases = [alias.alias for alias in one.aliases.all()]
        answers = [answer.text for answer in one.context.all()]
        yield Thing(
            Kind.COMMUNITY,
            one.pk,
            (Family.COMMUNITY, one.pk),
            f"/communities/{one.pk}/",
            one.short_name,
            about=" · ".join(part for part in (one.community_id, one.long_name) if part),
            text=joined(one.long_name, one.data_location, *answers),
            names=joined(
                one.community_id, one.website, one.github_org, one.cloud, one.region, *aliases,
                *map(str, one.repositories),
            ),
            ids=(one.short_name, one.community_id or "", *aliases, one.website, one.github_org),
        )  # fmt: skip


def contacts(pick: Pick, playbook: Playbook) -> Iterator[Thing]:
    """Yield people outside, but for those who are erased or merged; two queries."""
    found = pick.rows(Kind.CONTACT, Contact.objects.filter(merged_into=None, erased_at=None))
    for one in found.prefetch_related("assignments"):
        held = {role.role for role in one.assignments.all()}
        roles = [role.name for role in playbook.engagement_roles if role.code in held]
        yield Thing(
            Kind.CONTACT,
            one.pk,
            (Family.CONTACT, one.pk),
            f"/contacts/{one.pk}/",
            one.full_name,
            about=" · ".join(part for part in (one.email, *roles) if part),
            names=joined(one.first_name, one.email, one.github_id),
            ids=(one.email or "", one.github_id, f"@{one.github_id}" if one.github_id else ""),
        )


def clusters(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield clusters with their hubs; three queries."""
    found = pick.rows(Kind.CLUSTER, Cluster.objects.select_related("account"))
    for one in found.prefetch_related("hubs", "serves"):
        hubs = list(one.hubs.all())
        serves = sorted(link.engagement_id for link in one.serves.all())
        account = one.account.identifier if one.account else ""
        yield Thing(
            Kind.CLUSTER,
            one.pk,
            (Family.CLUSTER, one.pk),
            f"/engagements/{serves[-1]}/#clusters" if serves else "/reconcile/",
            one.name,
            about=f"{one.provider} {one.region}".strip(),
            text=joined(*(f"{hub.display_name or hub.name}: {hub.domain}" for hub in hubs)),
            names=joined(one.provider, one.region, account, *(hub.name for hub in hubs)),
            ids=(
                one.name, account, *(hub.domain for hub in hubs),
                *(f"{one.name}/{hub.name}" for hub in hubs),
            ),
        )  # fmt: skip


def alerts(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield tickets about costs; one query."""
    for one in pick.rows(Kind.ALERT, Alert.objects.select_related("account")):
        account = one.account.identifier if one.account else ""
        yield Thing(
            Kind.ALERT,
            one.pk,
            (Family.ALERT, one.pk),
            f"/budgets/alerts/{one.pk}/",
            f"{one.about} in {one.month}",
            about=one.get_state_display(),
            text=joined(one.cause, one.decision_why),
            names=joined(one.owner, account),
            ids=(account, one.about),
        )


def decisions(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield what meetings decided; one query."""
    for one in pick.rows(Kind.DECISION, Decision.objects.select_related("meeting"), "meeting"):
        yield Thing(
            Kind.DECISION,
            one.pk,
            (Family.MEETING, one.meeting_id),
            f"/engagement-reviews/{one.meeting_id}/#decision-{one.pk}",
            one.text,
            about=f"{one.meeting.held_on}" + (f" · {one.owner}" if one.owner else ""),
            names=one.owner,
        )


def mails(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield mails; of one that opens a door for one person no text is searched. One query."""
    for one in pick.rows(Kind.MAIL, Message.objects.defer("html")):
        yield Thing(
            Kind.MAIL,
            one.pk,
            (Family.MAIL, one.pk),
            f"/outbox/{one.pk}/",
            one.subject,
            about=f"{one.get_state_display()} · {', '.join(one.to)}",
            text="" if one.is_confidential else one.text,
            names=joined(*one.to),
            ids=(one.message_id, one.message_id.strip("<>")),
        )


def colleagues(pick: Pick, playbook: Playbook) -> Iterator[Thing]:
    """Yield people of our own team; one query."""
    called = {role.code: role.name for role in playbook.team_roles}
    for one in pick.rows(Kind.COLLEAGUE, Colleague.objects.all()):
        roles = ", ".join(called.get(code, code) for code in one.roles)
        yield Thing(
            Kind.COLLEAGUE,
            one.pk,
            (Family.COLLEAGUE, one.pk),
            "/capacity/team/",
            one.name,
            about=roles,
            text=roles,
        )


def users(pick: Pick, _playbook: Playbook) -> Iterator[Thing]:
    """Yield who signs in; two queries."""
    for one in pick.rows(Kind.USER, User.objects.prefetch_related("grants")):
        roles = ", ".join(sorted(hat.value for hat in one.hats()))
        yield Thing(
            Kind.USER,
            one.pk,
            (Family.USER, one.pk),
            "/people/",
            str(one),
            about=roles if one.is_active else "has left",
            names=joined(one.username, one.email),
            ids=(one.username, one.email),
        )
