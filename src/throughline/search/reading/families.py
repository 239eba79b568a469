"""What is read together, and which of it an entry of the journal is about."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.models import QuerySet

from throughline.billing.models import BillingMonth, Invoice
from throughline.budgets.models import Alert
from throughline.capacity.models import Colleague
from throughline.communities.models import Community, Contact
from throughline.delivery.models import Meeting
from throughline.infrastructure.models import Cluster
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal
from throughline.search.reading import others
from throughline.search.reading.delivered import delivered
from throughline.search.reading.picking import Pick
from throughline.search.reading.sold import deals_by_number, sold
from throughline.search.words import Family, Thing

Read = Callable[[Pick, Playbook], Iterator[Thing]]


def of_deals(pick: Pick, playbook: Playbook) -> Iterator[Thing]:
    """Yield the things of deals, in a constant number of queries."""
    deals = deals_by_number(pick.numbers)
    yield from sold(deals, pick, playbook)
    yield from delivered(deals, pick)


READ: Final[Mapping[Family, Read]] = {
    Family.DEAL: of_deals,
    Family.COMMUNITY: others.communities,
    Family.CONTACT: others.contacts,
    Family.CLUSTER: others.clusters,
    Family.ALERT: others.alerts,
    Family.MEETING: others.decisions,
    Family.MAIL: others.mails,
    Family.COLLEAGUE: others.colleagues,
    Family.USER: others.users,
}
ROWS: Final[Mapping[Family, type[Any]]] = {
    Family.DEAL: Deal,
    Family.COMMUNITY: Community,
    Family.CONTACT: Contact,
    Family.CLUSTER: Cluster,
    Family.ALERT: Alert,
    Family.MEETING: Meeting,
    Family.MAIL: Message,
    Family.COLLEAGUE: Colleague,
    Family.USER: User,
}
Way = str | Callable[[Collection[int]], Iterable[int]]  # from rows to the numbers of families


def _invoiced(months: Collection[int]) -> Iterable[int]:
    """Return the engagements that are asked for something in months."""
    sent = BillingMonth.objects.filter(pk__in=months).values("month")
    return Invoice.objects.filter(month__in=sent).values_list("engagement", flat=True)


# Of each table that the journal writes about: the families that are read again, each by the way
# from the row to the family's number. A community's deals can be found by its name, too.
SUBJECTS: Final[Mapping[str, tuple[tuple[Family, Way], ...]]] = {
    **{
        model._meta.label_lower: ((family, "pk"),)
        for family, model in ROWS.items()
    },
    "communities.community": ((Family.COMMUNITY, "pk"), (Family.DEAL, "deals")),
    "communities.roleassignment": ((Family.CONTACT, "contact"),),
    "delivery.engagement": ((Family.DEAL, "pk"), (Family.MEETING, "decisions__meeting")),
    "delivery.engagementcluster": ((Family.DEAL, "engagement"), (Family.CLUSTER, "cluster")),
    "delivery.project": ((Family.DEAL, "engagement"),),
    "delivery.service": ((Family.DEAL, "engagement"),),
    "delivery.deliverable": ((Family.DEAL, "project__engagement"),),
    "delivery.jointwork": ((Family.DEAL, "project__engagement"),),
    "handoff.outcome": ((Family.DEAL, "engagement"),),
    "infrastructure.hub": ((Family.CLUSTER, "cluster"),),
    "billing.billingmonth": ((Family.DEAL, _invoiced),),
    "billing.invoice": ((Family.DEAL, "engagement"),),
    "sales.agreement": ((Family.DEAL, "deal"),),
    "sales.dealnote": ((Family.DEAL, "deal"),),
    "sales.review": ((Family.DEAL, "deal"),),
    "sales.sponsorwork": ((Family.DEAL, "deal"),),
    "sales.statementofwork": ((Family.DEAL, "deal"),),
}  # fmt: skip


def things_of(family: Family, pick: Pick, playbook: Playbook) -> list[Thing]:
    """Return the things that are picked of families of one sort, as their rows have them now."""
    return list(READ[family](pick, playbook)) if pick.numbers else []


def rows_of(family: Family) -> QuerySet[Any]:
    """Return the rows that number the families of a kind."""
    found: QuerySet[Any] = ROWS[family].objects.order_by("pk")
    return found


def families_of(subjects: Iterable[tuple[str, str]]) -> dict[Family, set[int]]:
    """Return which families subjects of the journal ("sales.deal", "12") belong to.

    What nobody can find is left out.
    """
    by_table: dict[str, set[int]] = {}
    for table, number in subjects:
        if table in SUBJECTS and number.isdecimal():
            by_table.setdefault(table, set()).add(int(number))
    found: dict[Family, set[int]] = {}
    for table, numbers in by_table.items():
        for family, way in SUBJECTS[table]:
            found.setdefault(family, set()).update(_numbers_by(table, way, numbers))
    return found


def _numbers_by(table: str, way: Way, numbers: set[int]) -> Iterator[int]:
    if way == "pk":
        yield from numbers
        return
    if not isinstance(way, str):
        yield from way(numbers)
        return
    rows = apps.get_model(table)._base_manager.filter(pk__in=numbers)
    yield from (one for one in rows.values_list(way, flat=True).distinct() if one is not None)
