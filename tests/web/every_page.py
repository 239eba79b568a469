"""Every address that shows a page, with things to open at each: from the table of addresses itself."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone

from tests.web.conftest import (
    CHAMPION_TOKEN,
    TOKEN,
    WORK_TOKEN,
    issue,
    issue_question,
    issue_work,
)
from tests.web.test_access import (
    EXPECTED,
    PASSWORD_TOKEN,
    RECORD_TOKEN,
    SCOPE_TOKEN,
    addresses,
    ask_of_data,
)
from throughline.budgets.models import Alert
from throughline.capacity.models import Colleague
from throughline.cli.demonstration import load_demonstration
from throughline.communities.actions import issue_record_link
from throughline.communities.models import Community, Contact
from throughline.delivery.actions.meetings import open_meeting
from throughline.delivery.models import Deliverable, Engagement, Meeting
from throughline.handoff.actions_webhooks import keeping as webhooks
from throughline.handoff.models import Subscription
from throughline.intake.week.figures import FIGURES
from throughline.mail.models import Message
from throughline.mail.unsubscribing import SALT
from throughline.people.actions_users import password_link
from throughline.people.models import User
from throughline.playbook.loader import shipped
from throughline.renewals.actions_offboarding import people_to_ask
from throughline.renewals.models import Offboarding
from throughline.sales.actions.scope import issue_scope_link
from throughline.sales.models import Agreement, Deal, SponsorWork, StatementOfWork
from throughline.web.help.manual import documents

TOKENS = {
    "work-link": WORK_TOKEN, "own-record": RECORD_TOKEN, "scope": SCOPE_TOKEN,
    "champion": CHAMPION_TOKEN, "password-set": PASSWORD_TOKEN,
}  # fmt: skip
NOT_PAGES = {"agreement-file", "capacity-chart", "health", "statement-file", "work-link-file"}
NOT_PAGES |= {"message-html", "mail-preview-html"}  # a mail in a frame, under a policy of its own
NOT_PAGES |= {"certificate", "meeting-file", "value-chart", "billing-charges"}
NOT_PAGES |= {"billing-workbook", "evidence-file", "first-values-chart"}
NOT_PAGES |= {"certificate", "meeting-file", "value-chart", "budget-chart"}
NOT_PAGES |= {
    "process-file",
    *(f"process-{name}-chart" for name in ("dwell", "conversion", "money", "load")),
}
NOT_PAGES |= {"calendar", "calendar-link", "renewal-pack", "renewal-patch"}


def tell_demonstration() -> None:
    """Fill the database with the demonstration, and with what it does not tell of."""
    load_demonstration(at=timezone.now(), playbook=shipped())
    open_everything()


def open_everything() -> None:
    """Add to the demonstration what opens every page: links of known tokens, a meeting, a webhook."""
    issue(Engagement.objects.order_by("pk")[1])
    issue_question(Deliverable.objects.earliest("pk"))
    open_meeting(on=timezone.now().date(), by="test", at=timezone.now())
    issue_work(SponsorWork.objects.filter(done_at=None).order_by("pk").first())
    ways = {"issued_to": "Cam Champion", "by": "test", "at": timezone.now()}
    issue_record_link(Community.objects.earliest("pk").pk, RECORD_TOKEN, **ways)
    planned = StatementOfWork.objects.exclude(deal=None).earliest("pk")
    issue_scope_link(planned.deal_id, SCOPE_TOKEN, **ways)
    TOKENS["data-question"] = ask_of_data(_with_representative())
    told = {"by": "test", "at": timezone.now()}
    made, _secret = webhooks.subscribe(
        "n8n", "https://example.org/", [], randomness=b"r" * 32, **told
    )
    webhooks.send_test(made.pk, "msg_1", **told)
    password_link(User.objects.get(username="admin"), PASSWORD_TOKEN, by="test", at=timezone.now())


def _with_representative():
    """Return the deal of an engagement with somebody who can be asked."""
    on = timezone.now().date()
    deals = [one.deal for one in Engagement.objects.select_related("deal").order_by("pk")]
    return next(one for one in deals if people_to_ask(one, on=on))


def named_pages(each: int | None = None) -> Iterator[tuple[str, str]]:
    """Yield the name and address of every page, with each thing there is, or so many of each."""
    # By number: else two databases show different things first, and figures cannot be compared.
    things = {
        "engagement": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "budget": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "alert": Alert.objects.order_by("pk").values_list("pk", flat=True),
        "webhook": Subscription.objects.order_by("pk").values_list("pk", flat=True),
        "week": FIGURES,
        "help-page": documents(),
        "meeting": Meeting.objects.order_by("pk").values_list("pk", flat=True),
        "scope-work": Engagement.objects.order_by("pk").values_list("pk", flat=True)[:3],
        "engagement-value": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "renewal": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "offboarding": Offboarding.objects.order_by("pk").values_list("deal", flat=True),
        "handoff": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "handoff-drift": Engagement.objects.order_by("pk").values_list("pk", flat=True),
        "deal": Deal.objects.order_by("pk").values_list("pk", flat=True),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("statement")],
            StatementOfWork.objects.exclude(deal=None)
            .order_by("pk")
            .values_list("deal", flat=True)[:1],
        ),
        "agreement": Deal.objects.order_by("pk").values_list("pk", flat=True),
        "agreement-terms": Agreement.objects.order_by("pk").values_list("deal", flat=True),
        "capacity-colleague": Colleague.objects.order_by("pk").values_list("pk", flat=True)[:1],
        "message": Message.objects.order_by("pk").values_list("pk", flat=True)[:3],
        "community": Community.objects.order_by("pk").values_list("pk", flat=True),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("community-")],
            Community.objects.order_by("pk").values_list("pk", flat=True)[:1],
        ),
        **dict.fromkeys(
            [name for name in EXPECTED if name.startswith("contact")],
            Contact.objects.order_by("pk").values_list("pk", flat=True)[:1],
        ),
    }
    for name, (method, _allowed) in EXPECTED.items():
        if method == "get" and name not in NOT_PAGES:
            wanted = list(addresses()[name].pattern.converters)
            for arguments in islice(_arguments(name, wanted, things.get(name)), each):
                yield name, reverse(f"web:{name}", kwargs=arguments)


def _arguments(
    name: str, wanted: list[str], found: Iterable[Any] | None
) -> Iterator[dict[str, Any]]:
    """Yield what stands in an address, for each thing that can be opened there."""
    if not wanted:
        yield {}
    elif name == "unsubscribe":
        signed = Signer(salt=SALT).sign(f"digest.{User.objects.earliest('pk').pk}")
        yield {wanted[0]: signed}
    elif wanted == ["token"]:
        yield {"token": TOKENS.get(name, TOKEN)}
    elif "code" in wanted:
        yield {"number": Deal.objects.earliest("pk").pk, "code": "service.tier"}
    elif "version" in wanted:
        statement = StatementOfWork.objects.exclude(deal=None).earliest("pk")
        yield {"number": statement.deal_id, "version": statement.version}
    else:
        found = (
            Deal.objects.order_by("pk").values_list("pk", flat=True)[:1] if found is None else found
        )
        yield from ({wanted[0]: pk} for pk in found)
