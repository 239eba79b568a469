"""Whose a cost is: the rules, over what a `Book` holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.book import Book
from throughline.billing.models import SplitPart, SplitRule
from throughline.billing.words import Standing
from throughline.delivery.payers import word_of
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.infrastructure.words import Payer
from throughline.kernel.months import last_day


@dataclass(frozen=True, slots=True)
class Share:
    """So much of an account, or of a cluster, is this engagement's; None: our own, or nobody's."""

    engagement: int | None
    cluster: int | None
    weight: Decimal
    standing: Standing

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Engagement and cluster together."""
        return self.engagement, self.cluster


def shares_of_account(account: CloudAccount, month: date, book: Book) -> tuple[Share, ...]:
    """Return whose an account's costs of a month are; at least one share, which says why if nobody's.

    A rule for the account goes before what its clusters' files and agreements say.
    """
    key = ("account", account.pk, month)
    if key not in book.remembered:
        book.remembered[key] = _shares_of_account(account, month, book)
    found: tuple[Share, ...] = book.remembered[key]
    return found


def _shares_of_account(account: CloudAccount, month: date, book: Book) -> tuple[Share, ...]:
    places = book.places_of(account)
    if places is None:
        return (Share(None, None, Decimal(1), Standing.OURS),)
    rule = rule_for(account.pk, month, book)
    if rule is not None:
        return _by_rule(rule, month, book)
    if not places:
        return (Share(None, None, Decimal(1), Standing.UNASSIGNED),)
    found = {_only(cluster, month, book) for cluster in places}
    engagements = {one.engagement for one in found}
    if len(engagements) == 1:
        # Of one engagement with two clusters in one account nobody can tell which costs what.
        return (min(found, key=lambda one: book.clusters[one.cluster or 0].name),)
    return (Share(None, places[0].pk, Decimal(1), Standing.NOT_SPLIT),)


def shares_of_cluster(cluster: Cluster, month: date, book: Book) -> tuple[Share, ...]:
    """Return whose a cluster's users are: as its account is split, among those on this cluster."""
    if cluster.account is not None:
        rule = rule_for(cluster.account.pk, month, book)
        if rule is not None:
            return tuple(one for one in _by_rule(rule, month, book) if one.cluster == cluster.pk)
    return (_only(cluster, month, book),)


def rule_for(account: int, month: date, book: Book) -> SplitRule | None:
    """Return the newest split of an account that tells of a month."""
    for rule in book.grounds.rules.get(account, []):
        is_given = any(part.weight is not None for part in book.grounds.parts[rule.pk])
        if rule.holds_in(month, is_given=is_given):
            return rule
    return None


def _by_rule(rule: SplitRule, month: date, book: Book) -> tuple[Share, ...]:
    parts = book.grounds.parts[rule.pk]
    weights = [_weight(part, month, book) for part in parts]
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(parts) or not any(known):
        cluster = next((part.cluster_id for part in parts), None)
        return (Share(None, cluster, Decimal(1), Standing.NOT_SPLIT),)
    return tuple(
        _share(part, weight, month, book) for part, weight in zip(parts, known, strict=True)
    )


def _weight(part: SplitPart, month: date, book: Book) -> Decimal | None:
    if part.weight is not None:
        return part.weight
    users = book.users_of(part.cluster_id, month) if part.cluster_id else None
    return None if users is None else Decimal(users)


def _share(part: SplitPart, weight: Decimal, month: date, book: Book) -> Share:
    if part.engagement_id is None:
        return Share(None, part.cluster_id, weight, Standing.OURS)
    engagement = _renewed(part.engagement_id, month, book)
    return Share(
        engagement, part.cluster_id, weight, standing_of(engagement, part.cluster_id, month, book)
    )


def _renewed(engagement: int, month: date, book: Book) -> int:
    """Return the engagement, or the one that followed it, if that is what runs in the month."""
    seen = {engagement}
    while not book.term(engagement, month).covers(month, last_day(month)):
        successor = book.engagements[engagement].successor_id
        if successor is None or successor not in book.engagements or successor in seen:
            break
        begins = book.term(successor, month).start_on
        if begins is not None and begins > last_day(month):
            break
        seen.add(successor)
        engagement = successor
    return engagement


def _only(cluster: Cluster, month: date, book: Book) -> Share:
    """Return the one engagement that a cluster serves in a month.

    Where one follows another within the month, the month is the later one's. After all have ended
    it stays with the last, as lapsed.
    """
    key = ("cluster", cluster.pk, month)
    if key not in book.remembered:
        book.remembered[key] = _the_only(cluster, month, book)
    found: Share = book.remembered[key]
    return found


def _the_only(cluster: Cluster, month: date, book: Book) -> Share:
    numbers = book.places.numbers_in(cluster.pk, month)
    if not numbers:
        return Share(None, cluster.pk, Decimal(1), Standing.NO_ENGAGEMENT)
    last = last_day(month)
    running = [one for one in numbers if book.term(one, month).covers(last, last)]
    if len(running) > 1:
        return Share(None, cluster.pk, Decimal(1), Standing.NOT_SPLIT)
    engagement = running[0] if running else _nearest(numbers, month, book)
    standing = standing_of(engagement, cluster.pk, month, book)
    return Share(engagement, cluster.pk, Decimal(1), standing)


def _nearest(numbers: Iterable[int], month: date, book: Book) -> int:
    """Return which of engagements that do not run at a month's end ended last, else begins first."""
    ended, coming = [], []
    for one in numbers:
        term = book.term(one, month)
        if term.end_on is not None and term.end_on <= last_day(month):
            ended.append((term.end_on, one))
        else:
            coming.append((term.start_on or date.max, one))
    return max(ended)[1] if ended else min(coming)[1]


def standing_of(engagement: int, cluster: int | None, month: date, book: Book) -> Standing:
    """Return whether a cost of a cluster can be billed to an engagement, or why not.

    A month counts as agreed if any of its days is: providers bill months, not days.
    """
    key = ("standing", engagement, cluster, month)
    if key not in book.remembered:
        book.remembered[key] = _standing_of(engagement, cluster, month, book)
    found: Standing = book.remembered[key]
    return found


def _standing_of(engagement: int, cluster: int | None, month: date, book: Book) -> Standing:
    term, terms = book.term(engagement, month), book.terms(engagement, month)
    if term.start_on is not None and term.start_on > last_day(month):
        return Standing.NOT_BEGUN
    if term.end_on is not None and term.end_on < month:
        return Standing.LAPSED
    if terms is None or not terms.is_binding:
        return Standing.NO_AGREEMENT
    match payer_of(engagement, cluster, month, book):
        case Payer.COMMUNITY:
            return Standing.COMMUNITY
        case Payer.US:
            return Standing.BILLABLE
        case _:
            return Standing.PAYER_UNKNOWN


def payer_of(engagement: int, cluster: int | None, month: date, book: Book) -> Payer:
    """Return who pays a cluster's provider in a month: the agreement's word, else its file's (F12).

    Where it changes within the month, the last day on which anything is said decides.
    """
    said = book.grounds.payers_said(engagement, cluster)
    if word := word_of(said, first=month, last=last_day(month)):
        return Payer(word.payer)
    return Payer(book.clusters[cluster].paid_by) if cluster else Payer.UNKNOWN
