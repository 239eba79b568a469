"""Taking down what ran, line by line, each with a name; and hearing from the community first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from throughline.communities.models import Contact
from throughline.communities.queries import roles_by_subject
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.actions import named_outsider, open_link, revoke_link
from throughline.people.gates import require_hat
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.renewals.actions_data import PURPOSE, send_question
from throughline.renewals.models import DataQuestion, Offboarding, OffboardingStep
from throughline.renewals.offboarding import check_list_of, own_hubs
from throughline.renewals.words import DataAnswer, StepCode
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal

ASKED_ROLES: Final = ("representative", "champion")
LONGEST_TEXT: Final = 4000
SIGN_IN: Final = "They sign in; ask somebody of the community who has no account."
WHO: Final = {  # who may say that a line is done
    StepCode.TOLD: ("BD", "PS", "Lead", "Admin"),
    StepCode.DATA: ("BD", "PS", "Lead", "Admin"),
    StepCode.NUMBERS: ("BD", "PS", "Lead", "Admin"),
    StepCode.HUBS: ("PS", "Admin"),
    StepCode.CLUSTERS: ("PS", "Admin"),
    StepCode.ACCOUNT: ("PS", "Admin"),
    StepCode.KEPT: ("BD", "PS", "Lead", "Admin"),
    StepCode.COSTS: ("Sponsor", "BD", "Lead", "Admin"),
}


class NoSuchOffboarding(Refused):
    """Nothing of that deal is being taken down."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a line; the numbers belong to one line, the day to another."""

    note: str = ""
    until_on: date | None = None  # of what is kept
    final_cost: Decimal | None = None
    final_users: int | None = None


def open_offboarding(deal: Deal, *, why: str, by: str, at: datetime) -> Offboarding:
    """Begin the check list of a deal's end, or return the one that stands; inside a transaction."""
    hubs, clusters = own_hubs(deal)
    found = Offboarding.objects.filter(deal=deal).first()
    if found is not None and found.called_off_at is None:
        return found
    found = found or Offboarding(deal=deal, opened_by=by, opened_at=at)
    found.hubs, found.clusters, found.why = hubs, clusters, why.strip()
    found.called_off_by, found.called_off_at = "", None
    found.save()
    record("renewals.offboarding.opened", deal, by=by, at=at, hubs=hubs, clusters=clusters, why=why)
    return found


def call_off_offboarding(deal_id: int, *, by: str, at: datetime) -> None:
    """Put a check list away that is not wanted any more; what was done stays written down."""
    found = Offboarding.objects.filter(deal=deal_id, called_off_at=None).first()
    if found is not None:
        found.called_off_by, found.called_off_at = by, at
        found.save(update_fields=["called_off_by", "called_off_at"])
        _close_questions(found, by=by, at=at)
        record("renewals.offboarding.called_off", found.deal, by=by, at=at)


@transaction.atomic
def finish_step(
    deal_id: int, code: str, said: Said, *, playbook: Playbook, by: str, at: datetime
) -> OffboardingStep:
    """Say that a line of the check list is done, and how.

    A hub is deleted only once its data are settled, a cluster only after its hubs. Source: R45.

    Raises:
        NoSuchOffboarding: nothing of the deal is being taken down.
        Refused: there is no such line, it is done or waits for another, something of it is not
            said, or the person may not say it.
    """
    deal = locked_deal(deal_id)
    offboarding = _standing(deal)
    if code not in StepCode.values:
        raise Refused(f"There is no line {code!r}.", remedy=f"Use {', '.join(StepCode.values)}.")
    step = StepCode(code)
    require_hat(by, any_of=WHO[step], to=f"say “{step.label}”")
    on = day_in_zone(at, playbook.organisation.zone)
    _check_line(deal, step, on=on, playbook=playbook)
    _check_said(offboarding, step, said, playbook)
    if step == StepCode.NUMBERS:
        offboarding.final_cost, offboarding.final_users = said.final_cost, said.final_users
        offboarding.final_currency = "" if said.final_cost is None else deal.currency
        offboarding.unknown_because = said.note.strip()[:250]
        offboarding.save(
            update_fields=["final_cost", "final_users", "final_currency", "unknown_because"]
        )
    kept = OffboardingStep.objects.create(
        offboarding=offboarding, code=step, note=said.note.strip(), until_on=said.until_on, by=by,
        at=at,
    )  # fmt: skip
    record("renewals.offboarding.done", deal, by=by, at=at, step=step, note=kept.note,
           until_on=kept.until_on)  # fmt: skip
    return kept


def _standing(deal: Deal) -> Offboarding:
    found = Offboarding.objects.select_for_update(of=("self",)).filter(
        deal=deal, called_off_at=None
    )
    if (offboarding := found.first()) is None:
        raise NoSuchOffboarding(
            f"{deal} is not being taken down.",
            remedy="Decide that it ends: `throughline renewals end`.",
        )
    return offboarding


def _check_line(deal: Deal, step: StepCode, *, on: date, playbook: Playbook) -> None:
    found = check_list_of(deal.pk, on=on, playbook=playbook)
    line = next(one for one in found.lines if one.code == step) if found else None
    if line is None:
        raise NoSuchOffboarding(f"{deal} is not being taken down.", remedy="Decide that it ends.")
    if line.is_done:
        raise Refused(f"“{line.label}” is done: {line.how}.", remedy="Go on with the next line.")
    if line.waits_for:
        raise Refused(f"“{line.label}” waits for “{line.waits_for}”.", remedy="Settle that first.")


def _check_said(offboarding: Offboarding, step: StepCode, said: Said, playbook: Playbook) -> None:
    """Pass if all is said that a line asks for.

    Raises:
        Refused: something is missing.
    """
    if step == StepCode.NUMBERS:
        is_whole = said.final_cost is not None and said.final_users is not None
        if not is_whole and not said.note.strip():
            raise Refused(
                "Which numbers are they?",
                remedy="Give the final cost and the active users, or say why one is not known.",
            )
        if said.final_cost is not None and said.final_cost < 0:
            raise Refused("A cost is not negative.", remedy="Give zero or more.")
        if said.final_users is not None and said.final_users < 0:
            raise Refused("Nobody is less than no user.", remedy="Give zero or more.")
        return
    if not said.note.strip():
        raise Refused("How was it settled?", remedy="Say it in one sentence.")
    if step == StepCode.KEPT:
        _check_kept(offboarding.deal, said.until_on, playbook)


def _check_kept(deal: Deal, until_on: date | None, playbook: Playbook) -> None:
    days = playbook.offboarding.keep_days
    least = None if deal.end_on is None else deal.end_on + timedelta(days=days)
    if until_on is None:
        raise Refused("Until when is it kept?", remedy="Name the last day (--until DATE).")
    if least is not None and until_on < least:
        raise Refused(
            f"{until_on} is too early: it is kept for {days} days after the end.",
            remedy=f"Name {least} or a later day.",
        )


@transaction.atomic
def ask_about_data(
    deal_id: int, *, of: str = "", playbook: Playbook, by: str, at: datetime
) -> DataQuestion:
    """Ask somebody of the community by mail whether its data are safe; silence is no yes.

    `of` is their address; where it is empty, the first who can be asked is. The question before it
    is closed.

    Raises:
        Refused: nothing is being taken down, nobody can be asked, they have an account here, or the
            person who asks is not of the staff.
    """
    deal = locked_deal(deal_id)
    require_hat(by, any_of=WHO[StepCode.DATA], to="ask about the data")
    offboarding = _standing(deal)
    contact = _chosen(deal, of, on=day_in_zone(at, playbook.organisation.zone))
    _close_questions(offboarding, by=by, at=at)
    question = DataQuestion.objects.create(
        offboarding=offboarding, name=contact.full_name, email=contact.email or "", asked_by=by,
        asked_at=at,
    )  # fmt: skip
    send_question(question, "data_asked", playbook=playbook, by=by, at=at)
    record("renewals.data.asked", deal, by=by, at=at, question=question.pk)
    return question


def people_to_ask(deal: Deal, *, on: date) -> list[Contact]:
    """Return who of the community can be asked, the representatives first."""
    held = roles_by_subject([deal.subject], on=on).get(deal.subject, [])
    ordered = sorted(
        (one for one in held if one.role in ASKED_ROLES and one.contact.email),
        key=lambda one: (ASKED_ROLES.index(one.role), one.contact.full_name),
    )
    return list(dict.fromkeys(one.contact for one in ordered))


def _chosen(deal: Deal, of: str, *, on: date) -> Contact:
    people = people_to_ask(deal, on=on)
    wanted = of.strip().casefold()
    found = [one for one in people if not wanted or (one.email or "").casefold() == wanted]
    if not found:
        named = ", ".join(f"{one.full_name} <{one.email}>" for one in people)
        nobody = "Name a Community Representative with an e-mail address on the deal."
        raise Refused(
            f"{of} cannot be asked." if wanted else "Nobody of the community can be asked.",
            remedy=f"Choose one of {named}." if named else nobody,
        )
    contact = found[0]
    named_outsider(contact.full_name, remedy=SIGN_IN)
    if User.objects.filter(email__iexact=contact.email or "").exists():
        raise Refused(f"{contact.full_name} has an account here.", remedy=SIGN_IN)
    return contact


def _close_questions(offboarding: Offboarding, *, by: str, at: datetime) -> None:
    open_ones = DataQuestion.objects.filter(
        offboarding=offboarding, answered_at=None, closed_at=None
    )
    for one in open_ones:
        one.closed_at, one.remind_at = at, None
        one.save(update_fields=["closed_at", "remind_at"])
        if one.link_id is not None:
            revoke_link(one.link_id, by=by, at=at)


@transaction.atomic
def open_data_question(token: str, *, at: datetime) -> DataQuestion:
    """Return the question that a token opens, with its offboarding.

    Raises:
        Refused: the link opens nothing (any more).
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    asked = DataQuestion.objects.select_for_update(of=("self",))
    number = int(link.subject.partition(":")[2])
    return asked.select_related("offboarding__deal__community").get(pk=number)


@transaction.atomic
def answer_data_question(token: str, *, answer: str, text: str, at: datetime) -> DataQuestion:
    """Keep what somebody of the community says of its data, under their name.

    Raises:
        Refused: the link opens nothing, they have answered already, or "not yet" says not why.
    """
    question, said = open_data_question(token, at=at), text.strip()
    if question.answered_at is not None:
        raise Refused(
            f"You answered on {question.answered_at:%-d %B %Y}.",
            remedy="If it is otherwise now, answer the letter that brought you here.",
        )
    if answer not in {DataAnswer.SAVED, DataAnswer.NOT_YET}:
        raise Refused("What do you say?", remedy="Choose one of the two answers.")
    if answer == DataAnswer.NOT_YET and not said:
        raise Refused("What is missing?", remedy="Say it in a sentence or two.")
    if len(said) > LONGEST_TEXT:
        raise Refused("This is too long.", remedy=f"{LONGEST_TEXT} characters at most.")
    question.answer, question.text = answer, said
    question.answered_at, question.remind_at = at, None
    question.save(update_fields=["answer", "text", "answered_at", "remind_at"])
    record(
        "renewals.data.answered", question.offboarding.deal, by=question.name, at=at,
        question=question.pk, answer=answer,
    )  # fmt: skip
    return question
