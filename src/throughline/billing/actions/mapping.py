"""Saying what an account is for, which cluster a name means, and how a shared bill is split."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from throughline.billing.models import (
    AccountAssignment,
    ClusterName,
    SplitPart,
    SplitRule,
    UserCount,
)
from throughline.billing.told import SplitTo
from throughline.billing.words import SplitMethod
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text


def find_account(text: str) -> CloudAccount:
    """Return the account that its identifier, its name on bills, or its one cluster names.

    Raises:
        Refused: none does, or several do.
    """
    wanted = text.strip()
    for found in (
        CloudAccount.objects.filter(identifier=wanted),
        CloudAccount.objects.filter(called__name=wanted),
        CloudAccount.objects.filter(clusters__name=wanted),
    ):
        accounts = list(found.distinct()[:2])
        if len(accounts) == 1:
            return accounts[0]
        if accounts:
            raise Refused(
                f"Several accounts are called {wanted!r}.", remedy="Name one by its number."
            )
    raise Refused(f"There is no account {wanted!r}.", remedy="See `throughline billing unbilled`.")


@transaction.atomic
def assign_account(
    account: CloudAccount, cluster: Cluster | None, *, why: str, by: str, at: datetime
) -> AccountAssignment:
    """Say which cluster an account is for, or, without one, that it is our own cost and why.

    It is remembered; months that were sent stay as they are.

    Raises:
        Refused: it is our own, and nobody says why.
    """
    if cluster is None and not why.strip():
        raise Refused(
            "An account of our own needs a reason.", remedy="Say what it is for, such as “payer”."
        )
    before = AccountAssignment.objects.filter(account=account).select_related("cluster").first()
    made, _created = AccountAssignment.objects.update_or_create(
        account=account, defaults={"cluster": cluster, "why": why.strip(), "by": by, "at": at}
    )
    record(
        "billing.account.assigned", account, by=by, at=at, account=account.identifier,
        cluster=cluster.name if cluster else None, why=made.why,
        before=str(before.cluster or "ourselves") if before else None,
    )  # fmt: skip
    return made


@transaction.atomic
def assign_name(name: str, cluster: Cluster, *, by: str, at: datetime) -> ClusterName:
    """Say which cluster a name in files of active users means.

    Raises:
        Refused: a cluster has that very name, or no file has told it.
    """
    name = name.strip()
    if Cluster.objects.filter(name=name).exists():
        raise Refused(f"{name} is a cluster of its own.", remedy="Correct the file instead.")
    if not UserCount.objects.filter(name=name).exists():
        raise Refused(f"No file tells of {name!r}.", remedy="Write the name as the file does.")
    made, _created = ClusterName.objects.update_or_create(
        name=name, defaults={"cluster": cluster, "by": by, "at": at}
    )
    record("billing.name.assigned", cluster, by=by, at=at, name=name, cluster=cluster.name)
    return made


def assign_named(name: str, cluster: Cluster | None, *, why: str, by: str, at: datetime) -> str:
    """Say what an account, or else a name in files of users, is for; return that in words.

    Raises:
        Refused: nothing goes by that name, or what is missing to say it.
    """
    try:
        account = find_account(name)
    except Refused:
        if cluster is None or not UserCount.objects.filter(name=name.strip()).exists():
            raise
        assign_name(name, cluster, by=by, at=at)
        return f"“{name.strip()}” means the cluster {cluster.name}."
    made = assign_account(account, cluster, why=why, by=by, at=at)
    return f"{account.identifier} is for {made.cluster or 'ourselves'}."


@transaction.atomic
def set_split(
    account: CloudAccount, method: SplitMethod, parts: Sequence[SplitTo], *, from_month: date,
    why: str, by: str, at: datetime,
) -> SplitRule:  # fmt: skip
    """Say how an account's bill is split from a month on, as a new version; sent months stay.

    Fixed shares hold until another rule does. Users and node-hours that are given are those of the
    one month; users that are not given are taken from the ledger each month.

    Raises:
        Refused: the parts cannot be what somebody means.
    """
    _check_parts(method, parts)
    locked = CloudAccount.objects.select_for_update().get(pk=account.pk)
    newest = SplitRule.objects.filter(account=locked).aggregate(Max("version"))["version__max"]
    rule = SplitRule.objects.create(
        account=locked, from_month=from_month, version=(newest or 0) + 1, method=method,
        why=why.strip(), by=by, at=at,
    )  # fmt: skip
    SplitPart.objects.bulk_create(
        [
            SplitPart(rule=rule, engagement=one.engagement, cluster=one.cluster, weight=one.weight)
            for one in parts
        ]
    )
    record(
        "billing.split.set", account, by=by, at=at, account=account.identifier,
        version=rule.version, from_month=month_text(from_month), method=method.value,
        parts=[
            {"engagement": one.engagement.pk if one.engagement else None,
             "cluster": one.cluster.name if one.cluster else None, "weight": one.weight}
            for one in parts
        ],
    )  # fmt: skip
    return rule


def _check_parts(method: SplitMethod, parts: Sequence[SplitTo]) -> None:
    weights = [one.weight for one in parts]
    places = [(one.engagement, one.cluster) for one in parts]
    problem = ""
    if len(set(places)) < len(places):
        problem = "One part stands twice."
    elif any(weight is not None and weight < 0 for weight in weights):
        problem = "A part is below zero."
    elif None in weights and (method != SplitMethod.USERS or any(w is not None for w in weights)):
        problem = "Some parts have no number."
    elif None not in weights and not any(weights):
        problem = "All parts are zero."
    elif None in weights and any(one.cluster is None for one in parts):
        problem = "A part without a number names no cluster whose users could be counted."
    if problem:
        raise Refused(
            problem, remedy="Give each part a number above zero; or none, to split by users."
        )
