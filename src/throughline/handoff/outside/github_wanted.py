"""What must be true in GitHub: an issue for each project, a sub-issue for each deliverable, cards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from throughline.delivery.joined import home_of, planned_as
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.words import DeliverableState
from throughline.handoff.models import Outcome
from throughline.handoff.outcomes.structure import DeliverableStands, ProjectStands, structure_of
from throughline.handoff.outside.github_hubs import phase_tables
from throughline.handoff.outside.github_texts import LONGEST_TEXT, neutral, task_list, title
from throughline.handoff.wanted import Seen, Wanted
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAME = "github"
STATUS, DUE, ENGAGEMENT = "Status", "Due date", "Engagement"  # fields of the board, by name


@dataclass(frozen=True, slots=True)
class Place:
    """Where in GitHub: a repository, perhaps a board of its owner's, and how our labels begin."""

    repository: str  # "owner/name"
    board: int | None
    label: str  # one installation's: two may share a repository
    status: str  # what a new card says

    def label_for(self, number: int) -> str:
        """Return the label of one engagement's issues, by which they are listed."""
        return f"{self.label}:{number}"

    @property
    def board_name(self) -> str:
        """The board as people and `wanted` name it."""
        return f"{self.repository.partition('/')[0]}/{self.board}"


def place_from_settings() -> Place:
    """Return the place that the settings name."""
    return Place(
        settings.GITHUB_REPOSITORY,
        settings.GITHUB_PROJECT or None,
        settings.GITHUB_LABEL,
        settings.GITHUB_STATUS,
    )


@dataclass(frozen=True, slots=True)
class _InGitHub:
    """What is common to everything wanted there."""

    key: str
    number: int  # of the engagement
    label: str
    subject: str  # in words: "“New hub”"
    known: Mapping[str, Any]  # the receipt of last time, if there is one
    system: str = NAME
    audience: str = "public"

    def waits_for(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class LabelStands(_InGitHub):
    """The label exists by which an engagement's issues are found.

    It comes first: whoever may make a label may put it on issues, and GitHub drops the labels of
    those who may not without a word.
    """

    @property
    def summary(self) -> str:
        return f"Label {self.label}"

    @property
    def wanted(self) -> Seen:
        return {"label": self.label}


@dataclass(frozen=True, slots=True)
class IssueStands(_InGitHub):
    """An issue tells what was promised; people close it, and may write beside our text."""

    title: str = ""
    text: str = ""

    @property
    def summary(self) -> str:
        return f"Issue “{self.title}”"

    @property
    def wanted(self) -> Seen:
        # Closed as completed is how work ends; closed otherwise, a promise has been given up.
        return {"title": self.title, "text": self.text, "label": self.label, "given_up": False}


@dataclass(frozen=True, slots=True)
class SubIssueStands(_InGitHub):
    """A deliverable's issue lies under its project's."""

    parent: str = ""  # the key of the parent's outcome
    child: str = ""

    @property
    def summary(self) -> str:
        return f"{self.subject} is a sub-issue of its project"

    @property
    def wanted(self) -> Seen:
        return {"under": self.parent}


@dataclass(frozen=True, slots=True)
class IssueReopened(_InGitHub):
    """An issue that was closed as completed is open again, once for each time BD returned the work.

    Who closes it again afterwards has the last word until BD says otherwise; what was given up is
    the issue's own matter.
    """

    issue: str = ""  # the key of its outcome
    returned_at: datetime | None = None  # when BD last returned it; None: never
    is_returned: bool = False  # the return still stands

    @property
    def summary(self) -> str:
        return f"The issue of {self.subject} is open again: BD returned it"

    @property
    def wanted(self) -> Seen:
        return {"returned_at": self.returned_at.isoformat() if self.returned_at else None}

    def seen_in(self, state: str, reason: str | None, closed_at: datetime | None) -> Seen:
        """Return what an issue's state says: open again since the return, or not."""
        was_done = state == "closed" and reason == "completed"
        is_before = closed_at is None or self.returned_at is None or closed_at < self.returned_at
        if self.is_returned and was_done and is_before:
            return {"returned_at": self.known.get("returned_at")}
        return self.wanted


@dataclass(frozen=True, slots=True)
class CardStands(_InGitHub):
    """An issue is on the board."""

    issue: str = ""  # the key of its outcome
    board: str = ""

    @property
    def summary(self) -> str:
        return f"{self.subject} is on the board {self.board}"

    @property
    def wanted(self) -> Seen:
        return {"board": self.board}


@dataclass(frozen=True, slots=True)
class CardFilled(_InGitHub):
    """A card says what it is about; its status is set once, and then people's."""

    issue: str = ""
    card: str = ""  # the key of the card's outcome
    status: str = ""
    due_on: str | None = None
    engagement: str = ""

    @property
    def summary(self) -> str:
        return f"Fields of the card of {self.subject}"

    @property
    def wanted(self) -> Seen:
        return {STATUS: self.status, DUE: self.due_on, ENGAGEMENT: self.engagement}


def wanted_of_github(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[Wanted]:
    """Yield what must be in GitHub for an engagement, in the order in which it can be made."""
    place, number = place_from_settings(), engagement.number
    made = Outcome.objects.filter(engagement_id=number, system=NAME, receipt__isnull=False)
    known = {key: receipt or {} for key, receipt in made.values_list("key", "receipt")}
    making = _Making(number, place, _who(facts), known)
    due: dict[str, str | None] = {}
    parts = list(structure_of(engagement, facts, playbook))
    for home in dict.fromkeys([number, *_homes(number, parts)]):
        key = f"github.label:{home}"
        yield LabelStands(**making.common(key, place.label_for(home), home))
    for part in parts:
        if isinstance(part, DeliverableStands) and part.wanted["due_on"]:
            due[part.project] = max(due.get(part.project) or "", part.wanted["due_on"])
    for part in parts:
        if isinstance(part, ProjectStands):
            yield from making.project(part, facts, playbook, due.get(part.code))
        elif isinstance(part, DeliverableStands):
            yield from making.deliverable(part)
    yield from _reopened(engagement, making)


def _reopened(engagement: Engagement, making: "_Making") -> Iterator[Wanted]:
    """Yield that issues are open again which BD returned; of work that was done, once it was."""
    returned = Max("verdicts__at", filter=Q(verdicts__state=DeliverableState.RETURNED))
    found = (
        Deliverable.objects.filter(project__engagement=engagement, done_at__isnull=False)
        .select_related("project")
        .annotate(returned_at=returned)
    )
    for one in found.order_by("pk"):
        named = f"{planned_as(engagement.number, one.project.code)}:{one.code}"
        issue = f"github.issue:{named}"
        if issue not in making.known:
            continue  # nothing of it stands there yet
        yield IssueReopened(
            **making.common(
                f"github.reopened:{named}",
                f"“{one.title}”",
                home_of(engagement.number, one.project.code)[0],
            ),
            issue=issue,
            returned_at=one.returned_at,
            is_returned=one.state == DeliverableState.RETURNED,
        )


def _homes(number: int, parts: Iterable[Wanted]) -> Iterator[int]:
    """Yield the engagements in which projects were planned."""
    for part in parts:
        if isinstance(part, ProjectStands):
            yield home_of(number, part.code)[0]


@dataclass(frozen=True, slots=True)
class _Making:
    """What all outcomes of one engagement share."""

    number: int
    place: Place
    who: str  # the community, or the deal
    known: Mapping[str, Mapping[str, Any]]

    def common(self, key: str, subject: str, home: int) -> dict[str, Any]:
        """Return what all have; `home` is where it was planned, and its issues are listed by that."""
        return {
            "key": key,
            "number": self.number,
            "label": self.place.label_for(home),
            "subject": subject,
            "known": self.known.get(key, {}),
        }

    def project(
        self, part: ProjectStands, facts: DealFacts, playbook: Playbook, due_on: str | None
    ) -> Iterator[Wanted]:
        """Yield the issue of a project, and its card."""
        paragraphs = [
            f"“{neutral(part.title)}” for {neutral(self.who)}. Its deliverables are sub-issues.",
            _due(due_on),
            *(phase_tables(facts, playbook) if part.kind == "new_hub" else ()),
            self._link(),
        ]
        yield from self._issue(part.code, part.title, paragraphs, due_on)

    def deliverable(self, part: DeliverableStands) -> Iterator[Wanted]:
        """Yield the issue of a deliverable, its place under the project's, and its card."""
        fields, (home, project) = part.wanted, home_of(self.number, part.project)
        code = f"{part.project}:{part.code}"
        done = task_list(fields["definition_of_done"])
        paragraphs = [
            f"**Promised**: {neutral(fields['promise'] or fields['title'])}",
            _due(fields["due_on"]),
            f"**Done when**\n\n{done}" if done else "",
            self._link(),
        ]
        issue, *cards = self._issue(code, fields["title"], paragraphs, fields["due_on"])
        yield issue
        yield SubIssueStands(
            **self.common(
                f"github.sub-issue:{home}:{project}:{part.code}", f"“{fields['title']}”", home
            ),
            parent=f"github.issue:{home}:{project}",
            child=issue.key,
        )
        yield from cards

    def _issue(
        self, code: str, name: str, paragraphs: list[str], due_on: str | None
    ) -> Iterator[Wanted]:
        home, own = home_of(self.number, code.partition(":")[0])
        named = ":".join([f"{home}", own, *code.split(":")[1:]])
        subject, issue = f"“{name}”", f"github.issue:{named}"
        text = "\n\n".join(one for one in paragraphs if one)[:LONGEST_TEXT].rstrip()
        yield IssueStands(
            **self.common(issue, subject, home), title=title(f"{self.who}: {name}"), text=text
        )
        if self.place.board is None:
            return
        card = f"github.card:{named}"
        yield CardStands(
            **self.common(card, subject, home), issue=issue, board=self.place.board_name
        )
        yield CardFilled(
            **self.common(f"github.card-fields:{named}", subject, home),
            issue=issue,
            card=card,
            status=self.place.status,
            due_on=due_on,
            engagement=title(f"{self.number} {self.who}"),
        )

    def _link(self) -> str:
        address = f"{settings.BASE_URL}/engagements/{self.number}/"
        return f"[Engagement {self.number} in Throughline]({address})"


def _who(facts: DealFacts) -> str:
    community = facts.deal.community
    return community.short_name if community is not None else facts.deal.name


def _due(due_on: str | None) -> str:
    if not due_on:
        return "**Due**: not agreed yet"
    return f"**Due**: {date.fromisoformat(due_on):%-d %B %Y}"
