"""Somebody of the community is asked whether a deliverable is what they needed, by a link.

Their yes is evidence, and BD's verdict stays BD's. Their silence is nothing: they are reminded, and
then BD decides alone, which the verdict says for good.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from throughline.communities.models import Contact, RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.delivery.actions.proofs import ProofFile, keep_proof
from throughline.delivery.actions.verdicts import close_question
from throughline.delivery.models import ChampionQuestion, Deliverable, Engagement, Evidence
from throughline.delivery.queries import NoSuchDeliverable
from throughline.delivery.words import (
    ChampionAnswer,
    DeliverableState,
    EvidenceKind,
    EvidenceState,
)
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Draft, draft_of
from throughline.people.actions import issue_link, named_outsider, open_link, revoke_link
from throughline.people.gates import require_hat
from throughline.people.models import SignedLink, User
from throughline.playbook.model import Playbook

PURPOSE: Final = "champion"
SALT: Final = "throughline.delivery.champion"
ASKED_ROLES: Final = ("champion", "representative")
LONGEST_TEXT: Final = 4000
SIGN_IN = "They sign in; ask somebody of the community who has no account."


def people_to_ask(
    engagements: Iterable[Engagement], *, playbook: Playbook, at: datetime
) -> dict[int, list[Contact]]:
    """Return by engagement who of the community can be asked; a constant number of queries.

    Champions first, then representatives, each once.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    subjects = {one.number: one.deal.subject for one in engagements}
    held = roles_by_subject(subjects.values(), on=on)
    return {number: askable(held.get(subject, [])) for number, subject in subjects.items()}


def askable(held: Iterable[RoleAssignment]) -> list[Contact]:
    """Return who of those that hold a role can be asked: champions first, each once."""
    ordered = sorted(
        (one for one in held if one.role in ASKED_ROLES and one.contact.email),
        key=lambda one: (ASKED_ROLES.index(one.role), one.contact.full_name),
    )
    return list(dict.fromkeys(one.contact for one in ordered))


@transaction.atomic
def ask_champion(
    pk: int, *, of: str = "", text: str = "", playbook: Playbook, by: str, at: datetime
) -> ChampionQuestion:
    """Ask somebody of the community by mail whether a deliverable is what they needed.

    `of` is their address; where it is empty, the first who can be asked is. A question that waits
    already is closed: the new one takes its place.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: PS has not said that it is done, nobody can be asked, they have an account here, or
            the person who asks is not of BD.
    """
    deliverable = _locked(pk)
    require_hat(by, any_of=["BD", "Admin"], to="ask a champion")
    if deliverable.state != DeliverableState.DONE:
        raise Refused(
            f"“{deliverable.title}” does not wait for a verdict.",
            remedy="A champion is asked once PS has said that it is done.",
        )
    contact = _chosen(deliverable, of, playbook=playbook, at=at)
    close_question(deliverable, by=by, at=at)
    question = ChampionQuestion.objects.create(
        deliverable=deliverable, name=contact.full_name, email=contact.email or "",
        text=text.strip()[:LONGEST_TEXT], asked_by=by, asked_at=at, answer=ChampionAnswer.WAITING,
    )  # fmt: skip
    _send(question, "champion_asked", playbook=playbook, by=by, at=at)
    record("delivery.champion.asked", deliverable, by=by, at=at, question=question.pk)
    return question


def _locked(pk: int) -> Deliverable:
    found = Deliverable.objects.select_for_update(of=("self",)).filter(pk=pk)
    deliverable = found.select_related("project__engagement__deal__community").first()
    if deliverable is None:
        raise NoSuchDeliverable(
            f"There is no deliverable {pk}.", remedy="See `throughline deliverable list`."
        )
    return deliverable


def _chosen(deliverable: Deliverable, of: str, *, playbook: Playbook, at: datetime) -> Contact:
    engagement = deliverable.project.engagement
    people = people_to_ask([engagement], playbook=playbook, at=at)[engagement.number]
    if not people:
        raise Refused(
            "Nobody of the community can be asked.",
            remedy="Name a Community Champion or Representative with an e-mail address on the deal.",
        )
    wanted = of.strip().casefold()
    found = [one for one in people if not wanted or (one.email or "").casefold() == wanted]
    if not found:
        named = ", ".join(f"{one.full_name} <{one.email}>" for one in people)
        raise Refused(f"{of} is nobody who can be asked.", remedy=f"Choose one of {named}.")
    contact = found[0]
    named_outsider(contact.full_name, remedy=SIGN_IN)
    if User.objects.filter(email__iexact=contact.email or "").exists():
        raise Refused(f"{contact.full_name} has an account here.", remedy=SIGN_IN)
    return contact


def token_of(question: ChampionQuestion) -> str:
    """Return what opens a question's page in its present round; only our key can make it."""
    said = f"{question.pk}:{question.round}:{question.asked_at.isoformat()}"
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def address_of(question: ChampionQuestion) -> str:
    """Return the address that the letter carries."""
    return f"{settings.BASE_URL}/s/champion/{token_of(question)}/"


def _send(
    question: ChampionQuestion, mail: str, *, playbook: Playbook, by: str, at: datetime
) -> None:
    """Issue the link of a round, queue its letter, and set when to remind."""
    rules = playbook.verification
    link = issue_link(
        token_of(question), purpose=PURPOSE, subject=f"question:{question.pk}",
        issued_to=question.name, valid_for=timedelta(days=rules.link_days), by=by, at=at,
    )  # fmt: skip
    queue_message(_letter(question, mail, link, playbook), by=by, at=at)
    question.link_id = link.pk
    is_last = question.round >= rules.reminders
    question.remind_at = None if is_last else at + timedelta(days=rules.remind_after_days)
    question.save(update_fields=["link_id", "round", "remind_at"])


def _letter(question: ChampionQuestion, mail: str, link: SignedLink, playbook: Playbook) -> Draft:
    deal = question.deliverable.project.engagement.deal
    community = deal.community
    told = {
        "deal": deal.name,
        "community": (community.long_name or community.short_name) if community else deal.name,
        "deliverable": question.deliverable.title,
        "address": address_of(question),
        "until": f"{link.expires_at:%-d %B %Y}",
        "asked_by": question.asked_by,
        "organisation": playbook.organisation.name,
        "question": question.text,
        "asked_on": f"{question.asked_at:%-d %B %Y}",
    }
    return draft_of(
        playbook.mail(mail),
        told,
        key=f"{mail}:{question.pk}:{question.round}",
        to=(question.email,),
        about=f"engagement:{deal.pk}",
    )


def remind_champions(*, playbook: Playbook, by: str, at: datetime) -> list[ChampionQuestion]:
    """Remind everybody who was asked and has not answered for long enough; again, nobody is.

    Each reminder brings a new link and closes the one before.
    """
    due = ChampionQuestion.objects.filter(remind_at__lte=at, answered_at=None, closed_at=None)
    found = [
        _remind(pk, playbook=playbook, by=by, at=at) for pk in due.values_list("pk", flat=True)
    ]
    return [one for one in found if one is not None]


@transaction.atomic
def _remind(pk: int, *, playbook: Playbook, by: str, at: datetime) -> ChampionQuestion | None:
    asked = ChampionQuestion.objects.select_for_update(of=("self",)).filter(
        pk=pk, remind_at__lte=at, answered_at=None, closed_at=None
    )
    question = asked.select_related("deliverable__project__engagement__deal__community").first()
    if question is None:  # another worker was quicker, or the answer came
        return None
    if question.link_id is not None:
        revoke_link(question.link_id, by=by, at=at)
    question.round += 1
    _send(question, "champion_reminded", playbook=playbook, by=by, at=at)
    record(
        "delivery.champion.reminded", question.deliverable, by=by, at=at,
        question=pk, round=question.round,
    )  # fmt: skip
    return question


@transaction.atomic
def open_question(token: str, *, at: datetime) -> ChampionQuestion:
    """Return the question that a token opens, with its deliverable.

    Raises:
        Refused: the link opens nothing (any more).
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    number = int(link.subject.partition(":")[2])
    asked = ChampionQuestion.objects.select_for_update(of=("self",))
    return asked.select_related("deliverable__project__engagement__deal__community").get(pk=number)


@transaction.atomic
def answer_question(
    token: str, *, answer: ChampionAnswer, text: str, file: ProofFile | None = None, at: datetime
) -> ChampionQuestion:
    """Keep what somebody of the community says: a dated fact for BD, who gives the verdict.

    Raises:
        Refused: the link opens nothing, they have answered already, the work is open again, "not
            yet" comes without what is missing, or their file may not be stored.
    """
    question, said = open_question(token, at=at), text.strip()
    if question.answered_at is not None:
        raise Refused(
            f"You answered on {question.answered_at:%-d %B %Y}.",
            remedy="If you see it otherwise now, answer the letter that brought you here.",
        )
    if answer not in {ChampionAnswer.YES, ChampionAnswer.NOT_YET}:
        raise Refused("What do you say?", remedy="Choose one of the two answers.")
    if answer == ChampionAnswer.NOT_YET and not said:
        raise Refused("What is missing?", remedy="Say it in a sentence or two.")
    if len(said) > LONGEST_TEXT:
        raise Refused("This is too long.", remedy=f"{LONGEST_TEXT} characters at most.")
    question.answer, question.answer_text = answer, said
    question.answered_at, question.remind_at = at, None
    question.save(update_fields=["answer", "answer_text", "answered_at", "remind_at"])
    is_yes = answer == ChampionAnswer.YES
    Evidence.objects.create(
        deliverable=question.deliverable, kind=EvidenceKind.CHAMPION, text=said or answer.label,
        document=keep_proof(file, by=question.name, at=at), by=question.name,
        state=EvidenceState.FOUND if is_yes else EvidenceState.ABSENT, at=at,
    )  # fmt: skip
    record(
        "delivery.champion.answered", question.deliverable, by=question.name, at=at,
        question=question.pk, answer=answer,
    )  # fmt: skip
    return question
