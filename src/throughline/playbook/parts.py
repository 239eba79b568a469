"""The parts of a playbook. Frozen and hashable: a decision can keep what it was judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from string import Template as Placeholders

from throughline.kernel.errors import Permanent
from throughline.playbook.words import (
    Anchor,
    Calls,
    Disposition,
    Outside,
    Per,
    ProjectKind,
    Rhythm,
    StageKind,
    System,
)

# Days count forward from the anchor; only where this stands may they also count back.
SIGNED = {"signed": True}


class MailNotFilled(Permanent):
    """A mail text has a placeholder that its sender did not fill: the code must change."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose playbook it is; `zone` decides on which day something falls."""

    name: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Mail addresses of the organisation."""

    renewals: str
    support: str
    sponsor: str = ""

    def support_of(self, community_id: str) -> str:
        """Return the support address that carries a community's id, as support+earthscope@… does."""
        local, _, domain = self.support.partition("@")
        return f"{local}+{community_id}@{domain}"

    def is_supports(self, address: str) -> bool:
        """Return whether an address is one that `support_of` makes, of whichever community."""
        local, _, domain = self.support.casefold().partition("@")
        before, _, after = address.casefold().rpartition("@")
        return after == domain and before.startswith(f"{local}+") and before != f"{local}+"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition of a stage's gate; advisory where it is not required."""

    code: str
    required: bool
    waivable: bool
    entitled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a deal, and what must hold to enter it; `owner` has the last word on that."""

    code: str
    name: str
    owner: str
    kind: StageKind
    conditions: tuple[Requirement, ...]
    probability: Decimal | None = None  # that a deal which has none of its own is won, 0 to 1

    @property
    def likelihood(self) -> Decimal | None:
        """How likely a deal of this stage is won: what is won is certain; None is not known."""
        return {"won": Decimal(1), "lost": Decimal(0)}.get(self.kind, self.probability)


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of service that is sold, and the template that delivers it."""

    code: str
    name: str
    template: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a person is for in one engagement."""

    code: str
    name: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class TeamRole:
    """What somebody of our own team does; `aliases` are other spellings in estimates."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignoffRole:
    """Who must sign off a statement of work."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ContextQuestion:
    """A question that a community is asked before work begins."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which nobody works: `days` calendar days from a day of each year on."""

    month: int
    day: int
    days: int


@dataclass(frozen=True, slots=True)
class WeeklyLoad:
    """Hours a week of one role; of a tier, for each running engagement of it."""

    role: str
    hours_per_week: Decimal
    tier: str = ""


@dataclass(frozen=True, slots=True)
class UsualHours:
    """What a project or service usually takes of any of some roles: once, or for each month."""

    part: str  # code of a project or a service
    roles: tuple[str, ...]
    low_h: Decimal
    high_h: Decimal
    per: Per


@dataclass(frozen=True, slots=True)
class Capacity:
    """Where capacity starts from until better figures are known. Hours and calendar days."""

    billable_hours_per_year: int
    working_hours_per_year: int
    answer_valid_days: int
    soft_hold_days: int
    horizon_weeks: int
    search_weeks: int
    refuse_above_pct: int
    samples: int
    unknown_term_days: int
    roles_of_unnamed_work: tuple[str, ...]
    closures: tuple[Closure, ...]
    support_duty: tuple[WeeklyLoad, ...]
    hub_load: tuple[WeeklyLoad, ...]
    tier_load: tuple[WeeklyLoad, ...]
    usual_hours: tuple[UsualHours, ...]

    def billable_share(self) -> Decimal:
        """Return the part of working time that is sold: 0.45 for 900 of 2,000 hours."""
        return Decimal(self.billable_hours_per_year) / self.working_hours_per_year


@dataclass(frozen=True, slots=True)
class Periods:
    """How long things may take or last, in calendar days."""

    review_due_days: int
    community_id_reserved_days: int
    status_stale_days: int
    lapse_extension_days: int
    lapse_decision_days: int
    sponsor_reminder_days: int
    alert_text_days: int = 90


@dataclass(frozen=True, slots=True)
class Legal:
    """What speaks for legal advice; a person decides. `above`: an amount in our own currency."""

    above: Decimal = Decimal(0)  # 0: no amount does
    other_currency: bool = False
    purchase_order: bool = False


@dataclass(frozen=True, slots=True)
class Verifying:
    """When a hub is of value to a community, and how a champion is asked whether it is delivered."""

    people: int = 5  # so many separate people who are not staff …
    window_days: int = 14  # … within so many days
    staff: tuple[str, ...] = ()  # names on a hub that do not count; "@2i2c.org" is everybody there
    link_days: int = 45  # a champion's link opens for so long
    remind_after_days: int = 7  # without an answer, and again after as many
    reminders: int = 2  # then BD decides alone


AS_USUAL = Verifying()  # a playbook without the table


@dataclass(frozen=True, slots=True)
class Budgeting:
    """When somebody is told of what a cloud account costs."""

    history_months: int = 3  # a month is measured by the mean of so many before it …
    forecast_above_pct: int = 120  # … and told of where it will come out above so much of that
    ceiling_steps_pct: tuple[int, ...] = (20, 40, 60, 80, 90, 100, 120)  # of a ceiling or a pot


BUDGETS_AS_USUAL = Budgeting()  # a playbook without the table


@dataclass(frozen=True, slots=True)
class Ending:
    """How something that ran is taken down, and what is kept of it."""

    keep_days: int = 365  # what is kept of it, at least for so long after the end
    decommission_days: int = (
        30  # nobody decided in time: the plan to take it down is for so long on
    )
    link_days: int = (
        45  # the link opens for so long by which a community says that its data are safe
    )
    remind_after_days: int = 7  # without an answer, and again after as many
    reminders: int = 2  # then a person settles it


USUAL_ENDING = Ending()  # a playbook without the table


NO_LEGAL_RULE = Legal()  # a playbook without the table hints at nothing


@dataclass(frozen=True, slots=True)
class ReadyField:
    """One line of the table that must be filled before work on a deliverable can begin."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class DeliverableTemplate:
    """A promise that every engagement of a kind makes; due `offset_days` after its anchor.

    The day moves to a working day, unless `is_exact`.
    """

    code: str
    title: str
    definition_of_done: tuple[str, ...]
    anchor: Anchor
    offset_days: int = field(metadata=SIGNED)
    evidence: tuple[str, ...]
    ready: tuple[ReadyField, ...] = ()
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class ProjectTemplate:
    """A stream of work with a done-date."""

    code: str
    title: str
    kind: ProjectKind
    deliverables: tuple[DeliverableTemplate, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceTemplate:
    """Ongoing work without a done-date, and how often it comes round."""

    code: str
    title: str
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class Template:
    """What an engagement consists of before its statement of work adds to it."""

    code: str
    name: str
    projects: tuple[ProjectTemplate, ...]
    services: tuple[ServiceTemplate, ...]


class Lines(str):
    """Several lines for a mail, composed here: what outsiders wrote in them is one line each."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail with placeholders such as $community; its HTML part is made of the text, or its own."""

    code: str
    subject: str
    text: str
    html: str = ""

    def filled(self, facts: Mapping[str, str]) -> tuple[str, str]:
        """Return subject and text with every placeholder filled; facts not asked for are left.

        A fact is one line, whatever it holds: outsiders write some of them. Only what we composed
        ourselves, as `Lines`, keeps its line ends.

        Raises:
            MailNotFilled: a fact is missing.
        """
        told = {name: _told(fact) for name, fact in facts.items()}
        return self._with(self.subject, told), self._with(self.text, told)

    def filled_html(self, facts: Mapping[str, str]) -> str:
        """Return the mail's own HTML, with every fact escaped; "" where it has none.

        Raises:
            MailNotFilled: a fact is missing.
        """
        told = {name: escape(_told(fact)).replace("\n", "<br>\n") for name, fact in facts.items()}
        return self._with(self.html, told)

    def _with(self, text: str, told: Mapping[str, str]) -> str:
        try:
            return Placeholders(text).substitute(told)
        except KeyError as error:
            raise MailNotFilled(
                f"The mail {self.code!r} asks for ${error.args[0]}, which its sender did not give."
            ) from error


def _told(fact: str) -> str:
    return fact if isinstance(fact, Lines) else " ".join(fact.split())


@dataclass(frozen=True, slots=True)
class CallLimit:
    """How many calls a system takes in so many seconds, from all our workers together."""

    system: Outside
    calls: int
    seconds: int
    of: Calls = "all"  # which calls count

    def counts(self, kind: Calls) -> bool:
        """Return whether a call of a kind uses it up."""
        return self.of in {"all", kind}


@dataclass(frozen=True, slots=True)
class LedgerRule:
    """Where a field of the manifest goes: sent to a system, linked from the page, or not needed."""

    field: str
    disposition: Disposition
    why: str
    to: System = ""
