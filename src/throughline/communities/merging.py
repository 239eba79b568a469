"""Two records that turn out to be one community: what merging them would do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.db.models import Model

from throughline.communities.models import Community, ContextAnswer
from throughline.communities.queries import as_text
from throughline.communities.words import AnswerState

MERGED_FIELDS: Final = (
    "short_name", "long_name", "website", "github_org", "repositories", "logo_url", "cloud",
    "cloud_unknown_because", "region", "data_location",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A field, or a question as "context.goals", of which both records say something else."""

    name: str
    into: str
    merged: str


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What would move, and what a person must choose. The fingerprint is of all that was seen."""

    merged: Community
    into: Community
    moves: tuple[tuple[str, tuple[int, ...]], ...]  # what, and the numbers of the rows
    fills: tuple[str, ...]  # fields that only the merged record knows
    choices: tuple[Choice, ...]
    fingerprint: str


def merge_plan(merged: Community, into: Community) -> MergePlan:
    """Return what merging one community into another would do; it changes nothing."""
    moves = tuple(_moves(merged))
    fills = tuple(
        name for name in MERGED_FIELDS if getattr(merged, name) and not getattr(into, name)
    )
    # A cloud that is known answers why it was not.
    fills = tuple(
        name
        for name in fills
        if not (name == "cloud_unknown_because" and (into.cloud or merged.cloud))
    )
    choices = (*_fields(merged, into), *_answers(merged, into))
    seen = [[one.pk, one.version, one.community_id, one.id_state] for one in (merged, into)]
    said = [[one.name, one.into, one.merged] for one in choices]
    print_of = sha256(json.dumps([seen, moves, fills, said]).encode()).hexdigest()[:16]
    return MergePlan(merged, into, moves, fills, choices, print_of)


def rows_of(community: Community) -> Iterator[tuple[type[Model], str]]:
    """Yield everything that points to communities, on whatever floor: model and its field.

    Asked of the models themselves, so that a room that is added later is not forgotten.
    """
    for relation in type(community)._meta.related_objects:
        if (model := relation.related_model) not in {Community, ContextAnswer}:
            yield model, relation.field.name


def _moves(merged: Community) -> Iterator[tuple[str, tuple[int, ...]]]:
    for model, field in rows_of(merged):
        found = model.objects.filter(**{field: merged}).order_by("pk")  # type: ignore[attr-defined]  # every model has it
        if numbers := tuple(found.values_list("pk", flat=True)):
            yield str(model._meta.verbose_name_plural), numbers
    if answers := tuple(merged.context.order_by("pk").values_list("pk", flat=True)):
        yield str(ContextAnswer._meta.verbose_name_plural), answers


def _fields(merged: Community, into: Community) -> Iterator[Choice]:
    for name in MERGED_FIELDS:
        ours, theirs = getattr(into, name), getattr(merged, name)
        if ours and theirs and ours != theirs:
            yield Choice(name, as_text(ours), as_text(theirs))


def _answers(merged: Community, into: Community) -> Iterator[Choice]:
    ours = {one.question: one for one in into.context.order_by("question")}
    for theirs in merged.context.order_by("question"):
        own = ours.get(theirs.question)
        if own is None or AnswerState.ASKED in {own.state, theirs.state}:
            continue
        if own.text != theirs.text:
            yield Choice(f"context.{theirs.question}", own.text, theirs.text)


def plan_shape(plan: MergePlan) -> dict[str, Any]:
    """Return a plan as a document."""
    return {
        "merged": {"community": plan.merged.pk, "short_name": plan.merged.short_name},
        "into": {"community": plan.into.pk, "short_name": plan.into.short_name},
        "moves": [{"what": what, "count": len(numbers)} for what, numbers in plan.moves],
        "fills": list(plan.fills),
        "choices": [
            {"field": one.name, "into": one.into, "merged": one.merged} for one in plan.choices
        ],
        "fingerprint": plan.fingerprint,
    }
