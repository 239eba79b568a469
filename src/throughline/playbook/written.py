"""The playbook as the file writes it: each class is a table, each field a key of it."""

from dataclasses import dataclass
from decimal import Decimal

from throughline.playbook.mail_parts import USUALLY_TOLD, Notifications, Step
from throughline.playbook.money_parts import (
    USUAL_COSTS,
    USUAL_INVOICES,
    CostAccounts,
    FeeBand,
    InvoiceFile,
    PriceAccount,
)
from throughline.playbook.parts import (
    AS_USUAL,
    BUDGETS_AS_USUAL,
    NO_LEGAL_RULE,
    USUAL_ENDING,
    Addresses,
    Budgeting,
    CallLimit,
    Capacity,
    ContextQuestion,
    Ending,
    LedgerRule,
    Legal,
    MailTemplate,
    Organisation,
    Periods,
    ProjectTemplate,
    Role,
    ServiceTemplate,
    SignoffRole,
    TeamRole,
    Tier,
    Verifying,
)
from throughline.playbook.words import Approval, Person, StageKind


@dataclass(frozen=True, slots=True)
class WrittenStage:
    """A stage and the codes of its conditions; what is waivable stands in `waivers`."""

    code: str
    name: str
    owner: Person
    kind: StageKind
    conditions: tuple[str, ...]
    advisory: tuple[str, ...] = ()
    probability: Decimal | None = None  # of being won, 0 to 1


@dataclass(frozen=True, slots=True)
class People:
    """Roles in an engagement, in our team, and at the sign-off of a statement of work."""

    engagement_roles: tuple[Role, ...]
    team_roles: tuple[TeamRole, ...]
    signoff_roles: tuple[SignoffRole, ...]


@dataclass(frozen=True, slots=True)
class CommunityRules:
    """What we ask of a community, and the ids that none may take."""

    record: tuple[str, ...]
    reserved_ids: tuple[str, ...]
    context_questions: tuple[ContextQuestion, ...]


@dataclass(frozen=True, slots=True)
class Billing:
    """What we charge for use, and what each line of a price is booked to."""

    usage_fee: tuple[FeeBand, ...]
    accounts: tuple[PriceAccount, ...]
    cloud_account: str = "cloud"  # which of the accounts passed-through cloud costs are charged to
    usage_account: str = "usage"  # and the usage fee
    flag_change_pct: int = 20
    cost_accounts: CostAccounts = USUAL_COSTS
    invoice_file: InvoiceFile = USUAL_INVOICES


@dataclass(frozen=True, slots=True)
class Renewal:
    """What happens before an agreement ends."""

    ladder: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WrittenTemplate:
    """A template and the codes of its projects and services."""

    code: str
    name: str
    projects: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handoff:
    """Where every field of a manifest goes, who approves, and how fast systems may be called."""

    ledger: tuple[LedgerRule, ...]
    approval: Approval = "person"
    limits: tuple[CallLimit, ...] = ()
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubSpot:
    """Which fields HubSpot owns: while it is connected, they are changed there."""

    owned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The whole file."""

    name: str
    version: str
    organisation: Organisation
    addresses: Addresses
    stages: tuple[WrittenStage, ...]
    waivers: tuple[tuple[str, tuple[Person, ...]], ...]
    tiers: tuple[Tier, ...]
    revenue_types: tuple[tuple[str, str], ...]
    people: People
    community: CommunityRules
    capacity: Capacity
    periods: Periods
    billing: Billing
    projects: tuple[ProjectTemplate, ...]
    services: tuple[ServiceTemplate, ...]
    templates: tuple[WrittenTemplate, ...]
    renewal: Renewal
    mails: tuple[MailTemplate, ...]
    handoff: Handoff
    hubspot: HubSpot = HubSpot()
    legal: Legal = NO_LEGAL_RULE
    verification: Verifying = AS_USUAL
    budgets: Budgeting = BUDGETS_AS_USUAL
    offboarding: Ending = USUAL_ENDING
    notifications: Notifications = USUALLY_TOLD
