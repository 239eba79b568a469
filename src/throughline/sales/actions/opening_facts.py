"""The facts that the gates up to Negotiation read."""

from datetime import date
from typing import Literal

from pydantic import Field

from throughline.communities.actions import describe_community, name_community, reserve_id
from throughline.communities.models import Community
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.sales.actions.facts import Form, Writing, fact
from throughline.sales.actions.reviews import Request, answer_review, ask_review, skip_review


class Owner(Form):
    """Who of BD has the deal."""

    owner: str = Field(min_length=1, max_length=120, description="who of BD has it")


@fact("deal.owner", Owner)
def record_owner(form: Owner, writing: Writing) -> None:
    """Write down who of BD has the deal."""
    deal, before = writing.deal, writing.deal.owner
    deal.owner = form.owner
    deal.save(update_fields=["owner"])
    record("sales.deal.owned", deal, by=writing.by, at=writing.at, before=before, after=form.owner)


class Named(Form):
    """The community that the deal serves."""

    short_name: str = Field(min_length=1, max_length=80, description="about one word")


@fact("community.named", Named)
def record_community(form: Named, writing: Writing) -> None:
    """Link the deal to the community of that name, added if it is new."""
    community = name_community(form.short_name, by=writing.by, at=writing.at)
    deal, before = writing.deal, writing.deal.community_id
    deal.community = community
    deal.save(update_fields=["community"])
    record(
        "sales.deal.serves", deal, by=writing.by, at=writing.at, before=before, after=community.pk
    )


def community_of(writing: Writing) -> Community:
    """Return the deal's community.

    Raises:
        Refused: it has none yet.
    """
    if writing.deal.community is None:
        raise Refused(f"{writing.deal} names no community.", remedy="Record community.named first.")
    return writing.deal.community


class CommunityId(Form):
    """The id to reserve."""

    community_id: str = Field("", description="one lowercase word; empty takes the proposed one")


@fact("community.id", CommunityId)
def record_community_id(form: CommunityId, writing: Writing) -> None:
    """Reserve the community's id; what runs for its own deals is not in its way."""
    community = community_of(writing)
    numbers = community.deals.values_list("hubspot_id", flat=True)
    reserve_id(
        community.pk,
        form.community_id,
        playbook=writing.playbook,
        by=writing.by,
        at=writing.at,
        deal_ids=[number for number in numbers if number],
    )


class Cloud(Form):
    """Cloud and region, or why they are unknown."""

    cloud: str = Field("", max_length=60, description="such as aws or gcp")
    region: str = Field("", max_length=60)
    data_location: str = Field("", max_length=250, description="where the data are")
    unknown_because: str = Field("", max_length=250, description="instead of cloud")


@fact("cloud.preference", Cloud)
def record_cloud(form: Cloud, writing: Writing) -> None:
    """Write down cloud and region, or why they are unknown.

    Raises:
        Refused: both are given, or neither.
    """
    if bool(form.cloud) == bool(form.unknown_because):
        raise Refused(
            "Give either the cloud or why it is unknown.", remedy="One of cloud, unknown_because."
        )
    describe_community(
        community_of(writing).pk,
        facts={
            "cloud": form.cloud,
            "cloud_unknown_because": form.unknown_because,
            "region": form.region,
            "data_location": form.data_location,
        },
        playbook=writing.playbook,
        by=writing.by,
        at=writing.at,
    )


class PsReview(Form):
    """A question to PS, PS's answer, or why no input is needed."""

    kind: Literal["input", "estimate", "sow", "call"] = Field("input")
    question: str = Field("", description="asks PS")
    needed_by: date | None = None
    answer: str = Field("", description="answers the open question; by a second person")
    not_needed_because: str = Field("", description="instead of asking")


@fact("ps.reviewed", PsReview)
def record_review(form: PsReview, writing: Writing) -> None:
    """Ask PS, answer what was asked, or write down why no input is needed.

    Raises:
        Refused: none or several of the three, or nothing was asked.
    """
    chosen = [name for name in ("question", "answer", "not_needed_because") if getattr(form, name)]
    match chosen:
        case ["question"]:
            _ask(form, writing)
        case ["answer"]:
            _answer(form, writing)
        case ["not_needed_because"]:
            _skip(form, writing)
        case _:
            raise Refused(
                "Ask, answer, or say why not: one of the three.",
                remedy="Give one of question, answer, not_needed_because.",
            )


def _ask(form: PsReview, writing: Writing) -> None:
    request = Request(form.question, form.kind, form.needed_by)
    ask_review(writing.deal.pk, request, playbook=writing.playbook, by=writing.by, at=writing.at)


def _answer(form: PsReview, writing: Writing) -> None:
    """Answer the question that has waited longest.

    Raises:
        Refused: none waits.
    """
    review = next((one for one in writing.deal.reviews.order_by("pk") if one.is_open), None)
    if review is None:
        raise Refused("PS was not asked anything.", remedy="BD asks first: give a question.")
    answer_review(review.pk, form.answer, playbook=writing.playbook, by=writing.by, at=writing.at)


def _skip(form: PsReview, writing: Writing) -> None:
    skip_review(writing.deal.pk, form.not_needed_because, by=writing.by, at=writing.at)
