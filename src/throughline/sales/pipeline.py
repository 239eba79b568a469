"""Reads of the pipeline: how much is in each stage, and the newest of it with its facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from throughline.journal.remembering import Acts, remembered
from throughline.kernel.looking import sought
from throughline.playbook.model import Playbook
from throughline.sales.loading import facts_of_many
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts

# What can give a deal another owner or pipeline, or make it one or none.
NAMING = Acts(("communities.", "intake.", "people.", "renewals.", "sales."))
# What can change which deals stand where, or what gates read of them.
STANDING: Final = Acts((
    "capacity.", "communities.", "delivery.", "documents.", "handoff.", "intake.", "people.",
    "renewals.", "sales.",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many deals of one currency are in a stage, and what they come to.

    Units: whole units of `currency`. `weighted` is by each deal's own probability, else by its
    stage's in the playbook, and None unless every amount has one: a sum of some of them would look
    like a sum of all.
    """

    stage: str
    currency: str
    count: int
    total: Decimal | None
    weighted: Decimal | None


def deals_matching(
    *, text: str = "", owner: str = "", pipeline: str = "", stage: str | None = None
) -> QuerySet[Deal]:
    """Return the deals whose name, ids or community hold a text; "" and None leave a filter out."""
    found = Deal.objects.all()
    if text := sought(text):
        found = found.filter(
            Q(name__icontains=text)
            | Q(hubspot_id=text)
            | Q(buyer__icontains=text)
            | Q(community__short_name__icontains=text)
            | Q(community__community_id__icontains=text)
        )
    if owner:
        found = found.filter(owner=owner)
    if pipeline:
        found = found.filter(pipeline=pipeline)
    return found if stage is None else found.filter(stage=stage)


def likelihood(playbook: Playbook) -> Case:
    """Return how likely a deal is won: as it says itself, else as the playbook says of its stage.

    What is won is certain, and what is lost is not coming, whatever was recorded on the way.
    """
    settled = {"won": Value(Decimal(1)), "lost": Value(Decimal(0))}
    field = DecimalField(max_digits=4, decimal_places=3)
    return Case(
        *(
            When(
                stage=one.code,
                then=settled.get(one.kind)
                or (Coalesce("probability", Value(one.probability), output_field=field)
                    if one.probability is not None else F("probability")),
            )
            for one in playbook.stages
        ),
        default=F("probability"), output_field=field,
    )  # fmt: skip


def sums_by_stage(deals: QuerySet[Deal], *, playbook: Playbook) -> list[StageSum]:
    """Return count and sum of each stage and currency; one query."""
    weight = ExpressionWrapper(
        F("amount") * F("likely"), DecimalField(max_digits=20, decimal_places=2)
    )
    rows = (
        deals.order_by()
        .annotate(likely=likelihood(playbook))
        .values("stage", "currency")
        .annotate(
            count=Count("pk"),
            total=Sum("amount"),
            weighted=Sum(weight),
            priced=Count("amount"),
            rated=Count("pk", filter=Q(amount__isnull=False, likely__isnull=False)),
        )
        .order_by("stage", "-count", "currency")
    )
    return [
        StageSum(
            stage=row["stage"],
            currency=row["currency"],
            count=row["count"],
            total=row["total"],
            weighted=row["weighted"] if row["priced"] == row["rated"] else None,
        )
        for row in rows
    ]


def newest_numbers(deals: QuerySet[Deal], *, most: Mapping[str, int]) -> list[int]:
    """Return the deals that came last into each stage, of each at most so many.

    One query for each stage, which its index answers.
    """
    wanted: list[int] = []
    for stage, limit in most.items():
        found = deals.filter(stage=stage).order_by("-stage_since", "-pk")
        wanted += found.values_list("pk", flat=True)[:limit]
    return wanted


def fair_shares(counts: Mapping[str, int], *, each: int, together: int) -> dict[str, int]:
    """Return how many of each stage are shown: at most `each`, and not more than fit `together`.

    Stages with few leave their room to those with many; every stage shows some.
    """
    shares: dict[str, int] = {}
    room = together
    for done, stage in enumerate(sorted(counts, key=lambda one: counts[one])):
        fair = max(1, room // (len(counts) - done))
        shares[stage] = max(1, min(counts[stage], each, fair))  # one is asked for where none is
        room -= min(shares[stage], counts[stage])
    return {stage: shares[stage] for stage in counts}


def facts_by_stage(numbers: Iterable[int], *, on: date) -> dict[str, list[DealFacts]]:
    """Return deals with their facts by stage; a constant number of queries."""
    by_stage: dict[str, list[DealFacts]] = {}
    for facts in facts_of_many(numbers, on=on):
        by_stage.setdefault(facts.deal.stage, []).append(facts)
    return by_stage


@dataclass(frozen=True, slots=True)
class Board:
    """The newest deals of each stage with what gates read of them, and what all come to."""

    sums: list[StageSum]
    numbers: list[int]
    by_stage: dict[str, list[DealFacts]]


def board_as_known(*, each: int, together: int, on: date, playbook: Playbook) -> Board:
    """Return the board of all deals, remembered until something is done that may change it."""

    def find_out() -> Board:
        sums = sums_by_stage(Deal.objects.all(), playbook=playbook)
        most = shown_of(sums, each=each, together=together, playbook=playbook)
        numbers = newest_numbers(Deal.objects.all(), most=most)
        return Board(sums, numbers, facts_by_stage(numbers, on=on))

    return remembered(("board", each, together, on, playbook.sha256), STANDING, find_out)


def shown_of(
    sums: Iterable[StageSum], *, each: int, together: int, playbook: Playbook
) -> dict[str, int]:
    """Return how many deals are shown of each stage of the playbook, and of those deals have besides."""
    counts = dict.fromkeys((stage.code for stage in playbook.stages), 0)
    for one in sums:
        counts[one.stage] = counts.get(one.stage, 0) + one.count
    return fair_shares(counts, each=each, together=together)


def filter_choices() -> tuple[list[str], list[str]]:
    """Return the owners and the pipelines that deals have, in order, as remembered."""
    owners, pipelines = remembered("owners and pipelines", NAMING, _filter_choices)
    return [*owners], [*pipelines]


def _filter_choices() -> tuple[list[str], list[str]]:
    owners = Deal.objects.exclude(owner="").order_by("owner").values_list("owner", flat=True)
    pipelines = Deal.objects.exclude(pipeline="").order_by("pipeline")
    return (
        list(owners.distinct()),
        list(pipelines.values_list("pipeline", flat=True).distinct()),
    )
