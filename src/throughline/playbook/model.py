"""The playbook as values: what an organisation has decided, and the questions the code asks it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Protocol, TypeVar

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
    DeliverableTemplate,
    Ending,
    LedgerRule,
    Legal,
    MailTemplate,
    Organisation,
    Periods,
    ProjectTemplate,
    ReadyField,
    Requirement,
    Role,
    ServiceTemplate,
    SignoffRole,
    Stage,
    TeamRole,
    Template,
    Tier,
    Verifying,
)
from throughline.playbook.registry import UnknownCode, did_you_mean
from throughline.playbook.words import GENERIC_TEMPLATE, PROJECT_TEMPLATE, Approval, alike

__all__ = [  # the parts live next door; the model is where they are asked for
    "Addresses",
    "Budgeting",
    "CallLimit",
    "Capacity",
    "ContextQuestion",
    "CostAccounts",
    "DeliverableTemplate",
    "Ending",
    "FeeBand",
    "InvoiceFile",
    "LedgerRule",
    "Legal",
    "MailTemplate",
    "Notifications",
    "Organisation",
    "Periods",
    "Playbook",
    "PriceAccount",
    "ProjectTemplate",
    "ReadyField",
    "Requirement",
    "Role",
    "ServiceTemplate",
    "SignoffRole",
    "Stage",
    "Step",
    "TeamRole",
    "Template",
    "Tier",
    "Verifying",
]


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


Part = TypeVar("Part", bound=_Coded)


@dataclass(frozen=True, slots=True)
class Playbook:
    """One organisation's rules, as one version of one file states them."""

    name: str
    version: str
    sha256: str  # of the file's bytes; recorded with every gate decision
    organisation: Organisation
    addresses: Addresses
    stages: tuple[Stage, ...]
    waivers: tuple[tuple[str, tuple[str, ...]], ...]
    tiers: tuple[Tier, ...]
    revenue_types: tuple[tuple[str, str], ...]
    engagement_roles: tuple[Role, ...]
    team_roles: tuple[TeamRole, ...]
    signoff_roles: tuple[SignoffRole, ...]
    context_questions: tuple[ContextQuestion, ...]
    community_record: tuple[str, ...]
    reserved_ids: tuple[str, ...]
    capacity: Capacity
    periods: Periods
    usage_fee: tuple[FeeBand, ...]
    price_accounts: tuple[PriceAccount, ...]
    templates: tuple[Template, ...]
    ladder: tuple[Step, ...]
    mails: tuple[MailTemplate, ...]
    ledger: tuple[LedgerRule, ...]
    approval: Approval = "person"  # what a handoff may make without a person
    limits: tuple[CallLimit, ...] = ()  # of calls to outside systems
    follows: tuple[str, ...] = ()  # kinds of outcomes that follow what is kept here, unasked
    hubspot_owned: tuple[str, ...] = ()  # fields as the ledger names them
    legal: Legal = NO_LEGAL_RULE
    verification: Verifying = AS_USUAL
    cloud_account: str = "cloud"  # code of the price account of passed-through cloud costs
    usage_account: str = "usage"  # code of the price account of the usage fee
    flag_change_pct: int = 20  # a cost that changes by more than this is flagged
    cost_accounts: CostAccounts = USUAL_COSTS
    budgets: Budgeting = BUDGETS_AS_USUAL
    offboarding: Ending = USUAL_ENDING
    notifications: Notifications = USUALLY_TOLD
    invoice_file: InvoiceFile = USUAL_INVOICES
    lent_mails: tuple[str, ...] = ()  # which of the mails the file does not word, and go as shipped
    projects: tuple[ProjectTemplate, ...] = ()  # all; those of no template are begun by a person

    def stage(self, code: str) -> Stage:
        """Return the stage with a code.

        Raises:
            UnknownCode: there is no such stage.
        """
        return _one(self.stages, code, what="stage")

    def stage_named(self, text: str) -> Stage | None:
        """Return the stage whose code or name a person wrote; None if there is none."""
        wanted = alike(text)
        for stage in self.stages:
            if wanted in {alike(stage.code), alike(stage.name)}:
                return stage
        return None

    def between(self, from_code: str, to_code: str) -> tuple[Stage, ...]:
        """Return the stages whose gates a move must meet, in order, the target included.

        A lost stage is entered from anywhere by its own gate alone. A deal that was lost, or whose
        stage nobody mapped, meets every gate up to the target. Going back meets none.

        Raises:
            UnknownCode: there is no such target.
        """
        target = self.stage(to_code)
        if from_code == to_code:
            return ()
        if target.kind == "lost":
            return (target,)
        line = self._line()
        codes = [stage.code for stage in line]
        start = codes.index(from_code) + 1 if from_code in codes else 0
        return line[start : codes.index(to_code) + 1]

    def next_stage(self, code: str) -> Stage | None:
        """Return the stage that follows; None after the last, after a lost one, or if unmapped."""
        line = self._line()
        for stage, following in pairwise(line):
            if stage.code == code:
                return following
        return None

    def _line(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.kind != "lost")

    def entitled_to_waive(self, condition: str) -> tuple[str, ...]:
        """Return who may waive a condition; empty where nobody may."""
        return dict(self.waivers).get(condition, ())

    def tier(self, code: str) -> Tier:
        """Return the tier with a code.

        Raises:
            UnknownCode: there is no such tier.
        """
        return _one(self.tiers, code, what="tier")

    def tier_of(self, revenue_type: str) -> str:
        """Return the code of the tier that a revenue type means; "" where it means none."""
        return dict(self.revenue_types).get(revenue_type, "")

    def template(self, code: str) -> Template:
        """Return the template with a code.

        Raises:
            UnknownCode: there is no such template.
        """
        return _one(self.templates, code, what="template")

    def template_for(self, tier_code: str, revenue_type: str) -> Template:
        """Return the template of a deal: its tier's; without a tier, by its revenue type.

        Raises:
            UnknownCode: there is no such tier.
        """
        if tier_code:
            return self.template(self.tier(tier_code).template)
        is_project = revenue_type == PROJECT_TEMPLATE
        return self.template(PROJECT_TEMPLATE if is_project else GENERIC_TEMPLATE)

    def project(self, code: str) -> ProjectTemplate:
        """Return the project with a code.

        Raises:
            UnknownCode: there is no such project.
        """
        return _one(self.projects, code, what="project")

    def begun_by_people(self) -> tuple[ProjectTemplate, ...]:
        """Return the projects that no template names: a person begins one where it is needed."""
        named = {project.code for template in self.templates for project in template.projects}
        return tuple(project for project in self.projects if project.code not in named)

    def price_account(self, code: str) -> PriceAccount:
        """Return what a line of a price is booked to, by its code.

        Raises:
            UnknownCode: there is no such account.
        """
        return _one(self.price_accounts, code, what="price account")

    def usual_account(self, tier_code: str) -> PriceAccount:
        """Return what the price of a tier is booked to; "" is a deal without a tier."""
        fitting = (one for one in self.price_accounts if tier_code in one.usual_for)
        return next(fitting, self.price_accounts[-1])

    def role(self, code: str) -> Role:
        """Return the role in an engagement with a code.

        Raises:
            UnknownCode: there is no such role.
        """
        return _one(self.engagement_roles, code, what="role")

    def required_roles(self) -> tuple[Role, ...]:
        """Return the roles that every engagement needs somebody for."""
        return tuple(role for role in self.engagement_roles if role.required)

    def team_role(self, code: str) -> TeamRole:
        """Return the role in our own team with a code.

        Raises:
            UnknownCode: there is no such role.
        """
        return _one(self.team_roles, code, what="team role")

    def team_role_named(self, text: str) -> TeamRole | None:
        """Return the team role that a text calls by code, name or alias; None if there is none."""
        wanted = alike(text)
        for role in self.team_roles:
            if wanted in {alike(word) for word in (role.code, role.name, *role.aliases)}:
                return role
        return None

    def signoff_role(self, code: str) -> SignoffRole:
        """Return the role that signs off statements of work, by its code.

        Raises:
            UnknownCode: there is no such role.
        """
        return _one(self.signoff_roles, code, what="sign-off role")

    def question(self, code: str) -> ContextQuestion:
        """Return the context question with a code.

        Raises:
            UnknownCode: there is no such question.
        """
        return _one(self.context_questions, code, what="context question")

    def step(self, code: str) -> Step:
        """Return the step of the renewal ladder with a code.

        Raises:
            UnknownCode: there is no such step.
        """
        return _one(self.ladder, code, what="step")

    def mail(self, code: str) -> MailTemplate:
        """Return the mail text with a code.

        Raises:
            UnknownCode: there is no such mail.
        """
        return _one(self.mails, code, what="mail")

    def ledger_rule(self, name: str) -> LedgerRule | None:
        """Return where a manifest field goes; None where nobody has decided: it is missing.

        A rule for the very field beats one with a wildcard; of those, the longest wins.
        """
        fitting = [rule for rule in self.ledger if fnmatchcase(name, rule.field)]
        return max(fitting, key=lambda rule: (rule.field == name, len(rule.field)), default=None)


def _one(parts: Iterable[Part], code: str, *, what: str) -> Part:
    known = {part.code: part for part in parts}
    if code not in known:
        raise UnknownCode(f"The playbook has no {what} {code!r}.", remedy=did_you_mean(code, known))
    return known[code]
