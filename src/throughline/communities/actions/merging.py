"""Making one record of two."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from throughline.communities.actions.ids import ID_FIELDS, standing_community
from throughline.communities.actions.records import keep_name
from throughline.communities.merging import MergePlan, merge_plan, rows_of
from throughline.communities.models import (
    Community,
    CommunityAlias,
    ContextAnswer,
    EarlierAnswer,
)
from throughline.communities.words import AliasKind, AnswerState, IdState
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

MERGED, INTO = "merged", "into"
SIDES: Final = (INTO, MERGED)


@transaction.atomic
def merge_communities(
    merged_pk: int,
    into_pk: int,
    *,
    fingerprint: str,
    choices: Mapping[str, str],
    by: str,
    at: datetime,
) -> Community:
    """Merge one community into another, just as a plan said; the first stays as a tombstone.

    `choices` says for each field that differs whether "into" or "merged" holds. Everything that
    points to the merged record points to the other one afterwards; its id stays valid as an alias.

    Raises:
        Refused: it is one record, the plan is stale, or a choice is missing or unknown.
    """
    if merged_pk == into_pk:
        raise Refused("A community cannot be merged into itself.", remedy="Name two.")
    merged, into = _both(merged_pk, into_pk)
    plan = merge_plan(merged, into)
    _check(plan, fingerprint, choices)
    keep_name(merged)
    _move_id(merged, into, at)
    merged.merged_into = into  # first, so that its name is free to be taken over
    merged.version += 1
    merged.save(update_fields=["merged_into", "version"])
    before = _take_fields(plan, choices)
    _move_answers(plan, choices)
    for model, field in rows_of(merged):
        pointing = model.objects.filter(**{field: merged})  # type: ignore[attr-defined]  # every model has it
        pointing.update(**{field: into})
    _write_down(plan, before, by, at)
    return into


def _both(merged_pk: int, into_pk: int) -> tuple[Community, Community]:
    """Return both, locked in one order, so that two merges never wait for each other."""
    found = {pk: standing_community(pk) for pk in sorted((merged_pk, into_pk))}
    return found[merged_pk], found[into_pk]


def _check(plan: MergePlan, fingerprint: str, choices: Mapping[str, str]) -> None:
    if fingerprint != plan.fingerprint:
        raise Refused("The records have changed since that plan.", remedy="Look at the plan again.")
    wanted = {one.name for one in plan.choices}
    if missing := sorted(wanted - set(choices)):
        raise Refused(
            f"Both records say something else: {', '.join(missing)}.",
            remedy='Choose "into" or "merged" for each.',
        )
    unfit = {name for name, side in choices.items() if name not in wanted or side not in SIDES}
    if unfit:
        raise Refused(
            f"There is nothing to choose so: {', '.join(sorted(unfit))}.",
            remedy='Choose "into" or "merged" for the fields of the plan.',
        )


def _move_id(merged: Community, into: Community, at: datetime) -> None:
    """Let the merged record's id live on: as the other's own where it has none, else as an alias."""
    word, state = merged.community_id, merged.id_state
    until, who = merged.id_reserved_until, merged.id_reserved_by
    if word is None:
        return
    merged.community_id, merged.id_state = None, IdState.NONE
    merged.id_reserved_until, merged.id_reserved_by = None, ""
    merged.save(update_fields=ID_FIELDS)
    if into.community_id is None:
        into.community_id, into.id_state = word, state
        into.id_reserved_until, into.id_reserved_by = until, who
        into.save(update_fields=ID_FIELDS)
    else:
        CommunityAlias.objects.get_or_create(
            alias=word,
            defaults={"community": into, "kind": AliasKind.MERGED, "since": at.date()},
        )


def _take_fields(plan: MergePlan, choices: Mapping[str, str]) -> dict[str, Any]:
    """Take over what only the merged record knows, or what was chosen; return what stood before."""
    chosen = [one.name for one in plan.choices if choices[one.name] == MERGED]
    taken = [*plan.fills, *(name for name in chosen if not name.startswith("context."))]
    before = {name: getattr(plan.into, name) for name in taken}
    for name in taken:
        setattr(plan.into, name, getattr(plan.merged, name))
    if "cloud" in taken:
        plan.into.cloud_unknown_because = ""
        taken.append("cloud_unknown_because")
    plan.into.version += 1
    plan.into.save(update_fields=[*taken, "version"])
    return before


def _move_answers(plan: MergePlan, choices: Mapping[str, str]) -> None:
    own = {one.question: one for one in plan.into.context.all()}
    for answer in plan.merged.context.all():
        former = own.get(answer.question)
        if former is None:
            answer.community = plan.into
            answer.save(update_fields=["community"])
            continue
        wins = choices.get(f"context.{answer.question}") == MERGED
        wins = wins or (former.state == AnswerState.ASKED and answer.text.strip() != "")
        loser = former if wins else answer
        _keep(plan.into, loser)
        loser.delete()
        if wins:
            answer.community = plan.into
            answer.save(update_fields=["community"])


def _keep(community: Community, answer: ContextAnswer) -> None:
    if answer.text.strip():
        EarlierAnswer.objects.create(
            community=community,
            question=answer.question,
            text=answer.text,
            source=answer.source,
            at=answer.at,
            by=answer.by,
        )


def _write_down(plan: MergePlan, before: dict[str, Any], by: str, at: datetime) -> None:
    record(
        "communities.community.merged",
        plan.into,
        by=by,
        at=at,
        merged=plan.merged.pk,
        name=plan.merged.short_name,
        moved=dict(plan.moves),
        before=before,
        after={name: getattr(plan.into, name) for name in before},
    )
    record(
        "communities.community.merged_away",
        plan.merged,
        by=by,
        at=at,
        into=plan.into.pk,
        name=plan.into.short_name,
    )
