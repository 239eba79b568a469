"""Which accounts engagements run in, who pays for them, and up to which amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.payers import agreed_payers
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.infrastructure.words import Payer
from throughline.playbook.model import Playbook
from throughline.sales.models import AgreementPayer, Deal
from throughline.sales.terms import Terms, documents_by_deal, terms_from

AWS, USD = "aws", "USD"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that clouds may cost under an agreement, and the term that it is for."""

    amount: Decimal
    currency: str
    is_pot: bool  # paid in advance
    first: date | None
    last: date | None  # included

    @property
    def word(self) -> str:
        """What people call it."""
        return "pot" if self.is_pot else "ceiling"


@dataclass(frozen=True, slots=True)
class Place:
    """One account in which an engagement runs."""

    engagement: Engagement
    account: CloudAccount | None  # None: the cluster's file does not name it
    clusters: tuple[Cluster, ...]
    payer: Payer
    others: int  # engagements that run in the account as well
    ceiling: Ceiling | None
    is_whole: bool  # it is the only account that the ceiling is for, and nobody else's

    @property
    def provider(self) -> str:
        """Whose cloud it is."""
        return self.account.provider if self.account else self.clusters[0].provider

    @property
    def name(self) -> str:
        """What it is called where it is named: the account, else its first cluster."""
        return self.account.identifier if self.account else self.clusters[0].name

    @property
    def is_ours(self) -> bool:
        """Whether we pay for it."""
        return self.payer == Payer.US

    @property
    def watches_ceiling(self) -> bool:
        """Whether the provider can watch the ceiling: it is the account's alone, in its currency."""
        one = self.ceiling
        return one is not None and self.is_whole and one.currency == USD and bool(one.last)


def support_slug(engagement: Engagement) -> str:
    """Return the community's word in addresses and names; "" where it has none."""
    community = engagement.deal.community
    return (community.community_id or "") if community else ""


def support_address(engagement: Engagement, playbook: Playbook) -> str:
    """Return where alerts about an engagement go; "" where its community has no id."""
    slug = support_slug(engagement)
    return playbook.addresses.support_of(slug) if slug else ""


def places_of(engagements: Iterable[Engagement], *, on: date) -> list[Place]:
    """Return the accounts that engagements run in, in a constant number of queries.

    The engagements come with their deals and communities.
    """
    listed = list(engagements)
    links = list(
        EngagementCluster.objects.filter(engagement__in=listed)
        .select_related("cluster__account")
        .order_by("cluster__name")
    )
    accounts = {one.cluster.account_id for one in links if one.cluster.account_id}
    sharing = _sharing(accounts)
    agreed = agreed_payers([one.pk for one in listed], on=on)
    ceilings = ceilings_of([one.deal for one in listed], on=on)
    return [
        _place(engagement, clusters, agreed, sharing, ceilings)
        for engagement in listed
        for clusters in _by_account(one.cluster for one in links if one.engagement_id == engagement.pk)
    ]  # fmt: skip


def _by_account(clusters: Iterable[Cluster]) -> list[tuple[Cluster, ...]]:
    """Return clusters that share an account together; one without an account is alone."""
    found: dict[str, list[Cluster]] = {}
    for one in clusters:
        found.setdefault(f"{one.account_id or one.name}", []).append(one)
    return [tuple(some) for some in found.values()]


def _place(
    engagement: Engagement,
    clusters: tuple[Cluster, ...],
    agreed: Mapping[tuple[int, int], AgreementPayer],
    sharing: Mapping[int, set[int]],
    ceilings: Mapping[int, tuple[Ceiling, int]],
) -> Place:
    account = clusters[0].account
    # Who pays is contract information: the agreement's word goes before the file's (F12).
    words = {one: agreed.get((engagement.pk, one.pk)) for one in clusters}
    payers = {Payer(word.payer if word else one.paid_by) for one, word in words.items()}
    order = (Payer.US, Payer.UNKNOWN, Payer.COMMUNITY)
    others = sharing.get(account.pk, set()) - {engagement.pk} if account else set()
    ceiling = ceilings.get(engagement.pk)
    return Place(
        engagement=engagement,
        account=account,
        clusters=clusters,
        payer=next(one for one in order if one in payers),
        others=len(others),
        ceiling=ceiling[0] if ceiling else None,
        is_whole=ceiling is not None and ceiling[1] == 1 and not others,
    )


def _sharing(accounts: Iterable[int]) -> dict[int, set[int]]:
    """Return which engagements run in each account."""
    found: dict[int, set[int]] = {}
    pairs = EngagementCluster.objects.filter(cluster__account__in=set(accounts))
    for account, engagement in pairs.values_list("cluster__account", "engagement"):
        found.setdefault(account, set()).add(engagement)
    return found


def ceilings_of(deals: Iterable[Deal], *, on: date) -> dict[int, tuple[Ceiling, int]]:
    """Return by deal what clouds may cost, and in how many accounts it is spent.

    An agreement that is not executed limits nothing yet.
    """
    listed = {one.pk: one for one in deals}
    chains = documents_by_deal(listed)
    counts = _accounts_of(listed)
    found = {
        number: _ceiling(deal, terms_from(deal, chain, on))
        for number, deal in listed.items()
        if (chain := chains.get(number))
    }
    return {deal: (one, counts.get(deal, 0)) for deal, one in found.items() if one is not None}


def _accounts_of(deals: Iterable[int]) -> dict[int, int]:
    found: dict[int, set[int | None]] = {}
    rows = EngagementCluster.objects.filter(engagement__deal__in=list(deals))
    for deal, account in rows.values_list("engagement__deal", "cluster__account"):
        found.setdefault(deal, set()).add(account)
    return {deal: len(some) for deal, some in found.items()}


def _ceiling(deal: Deal, terms: Terms) -> Ceiling | None:
    amount = terms.values["ceiling"]
    if amount is None or not terms.is_binding:
        return None
    return Ceiling(
        amount, deal.currency or USD, bool(terms.values["is_prepaid"]), terms.start_on, terms.end_on
    )
