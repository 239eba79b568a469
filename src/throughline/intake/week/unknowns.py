"""What nobody could tell: each kind of it, for a person to find out."""

from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Min, Q

from throughline.budgets.models import Received
from throughline.budgets.queries import unreadable_words
from throughline.delivery.models import Engagement, EvidenceLook
from throughline.delivery.queries import engagements
from throughline.handoff.models import Outcome
from throughline.handoff.private import text_for
from throughline.handoff.queries import postponed_outcomes, troubled_outcomes
from throughline.handoff.words import OutcomeState
from throughline.infrastructure.models import CloudAccount
from throughline.intake.models import HubSpotReading
from throughline.intake.week.look import Look
from throughline.intake.week.parts import Line, Listed, Part, Rows
from throughline.mail.models import Message
from throughline.mail.queries import unsent_for_good
from throughline.mail.words import MessageState
from throughline.sales.models import Deal
from throughline.sales.shapes import name_of

SYSTEMS: Final = {
    "airtable": "Airtable",
    "aws": "AWS",
    "github": "GitHub",
    "sheets": "Google Sheets",
}


def unknowns(look: Look) -> list[Part]:
    """Return unmapped deals, unknown ends and tiers, unassigned accounts, and what cannot be read."""
    return [
        _unmapped(look),
        _of_engagements(look),
        _unassigned(look),
        _unreadable(look),
        _unlooked(look),
        _lost_outcomes(look),
        _lost_mails(look),
        Listed([*_unreachable(look), *_silent()]),
    ]


def _unmapped(look: Look) -> Part:
    known = [stage.code for stage in look.playbook.stages]
    found = Deal.objects.exclude(stage__in=known).filter(deleted_at=None)

    def line(deal: Deal) -> Line:
        elsewhere = f"“{deal.stage_elsewhere}” elsewhere" if deal.stage_elsewhere else "no stage"
        what = f"Unmapped: {elsewhere}. Say which stage that is."
        since_on = look.day(deal.stage_since)
        return Line("deal", str(deal.pk), name_of(deal), what, deal.owner or "BD", since_on)

    ordered = found.select_related("community").order_by("stage_since", "pk")
    return Rows(look, ordered, line, "stage_since")


def _of_engagements(look: Look) -> Part:
    no_end = Q(deal__end_on=None)
    no_tier = Q(deal__tier="", deal__tier_none_because="")
    running = Q(deal__end_on=None) | Q(deal__end_on__gte=look.on)
    found = engagements().filter(no_end | no_tier, running, deal__merged_into=None)

    def line(one: Engagement) -> Line:
        deal = one.deal
        missing = ["no end date: nobody is told before it ends"] if deal.end_on is None else []
        if not deal.tier and not deal.tier_none_because:
            missing.append("no tier: its template is the general one")
        what = f"{'; '.join(missing).capitalize()}. Record it on the deal."
        ball, since_on = deal.owner or "BD", look.day(one.opened_at)
        return Line("deal", str(deal.pk), name_of(deal), what, ball, since_on)

    return Rows(look, found.order_by("opened_at", "pk"), line, "opened_at")


def _unassigned(look: Look) -> Part:
    found = CloudAccount.objects.filter(clusters=None, assignment=None)

    def line(one: CloudAccount) -> Line:
        what = "Nobody has said what this account is for: assign it on the page of its month."
        return Line("account", str(one.pk), str(one), what, "PS")

    return Rows(look, found.order_by("provider", "identifier"), line)


def _unreadable(look: Look) -> Part:
    def line(one: Received) -> Line:
        since_on = look.day(one.kept_at)
        return Line("word", str(one.pk), "An alert that cannot be read", one.why, "PS", since_on)

    return Rows(look, unreadable_words(), line, "kept_at")


def _unlooked(look: Look) -> Part:
    running = Q(engagement__deal__end_on=None) | Q(engagement__deal__end_on__gte=look.on)
    found = EvidenceLook.objects.filter(running).exclude(unknown_because="")

    def line(one: EvidenceLook) -> Line:
        what = f"Who uses it is unknown: {one.unknown_because}"
        deal, since_on = one.engagement.deal, look.day(one.at)
        return Line("engagement", str(deal.pk), name_of(deal), what, "PS", since_on)

    chosen = found.select_related("engagement__deal__community").order_by("at", "pk")
    return Rows(look, chosen, line, "at")


def _lost_outcomes(look: Look) -> Part:
    def line(one: Outcome) -> Line:
        # Whoever reads the week may see no money; its page tells more to those who may.
        remedy = text_for(one.key, one.remedy, sees_money=False)
        what, since_on = f"{one.summary}: {remedy}", look.day(one.intent_at)
        name = name_of(one.engagement.deal)
        return Line("handoff", str(one.engagement_id), name, what, "Admin", since_on)

    found = troubled_outcomes().filter(state=OutcomeState.UNKNOWN)
    return Rows(look, found.order_by(F("intent_at").asc(nulls_last=True), "pk"), line, "intent_at")


def _lost_mails(look: Look) -> Part:
    def line(one: Message) -> Line:
        what = "Nobody knows whether this mail went out: look, and settle it."
        return Line("message", str(one.pk), one.subject, what, "Admin", look.day(one.queued_at))

    return Rows(look, unsent_for_good().filter(state=MessageState.UNSURE), line, "queued_at")


def _unreachable(look: Look) -> list[Line]:
    """Return HubSpot where its last reading met trouble."""
    newest: Any = HubSpotReading.objects.first() if settings.HUBSPOT_CONNECTED else None
    if newest is None or not newest.trouble:
        return []
    since_on = look.day(newest.started_at)
    return [Line("hubspot", "", "HubSpot could not be read", newest.trouble, "Admin", since_on)]


def _silent() -> list[Line]:
    """Return each system that handoffs write to and whose last call failed for now, as its rows say."""
    found = postponed_outcomes().filter(system__in=SYSTEMS).values("system")
    waiting = found.annotate(many=Count("pk"), first=Min("engagement")).order_by("system")
    return [
        Line(
            "handoff",
            str(one["first"]),
            f"{SYSTEMS[one['system']]} does not answer",
            f"The last call failed for now; tried again by itself. Waiting for it: {one['many']}.",
            "Admin",
        )
        for one in waiting
    ]
