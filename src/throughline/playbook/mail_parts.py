"""Who is told what before an end, and how our own people are told, as the playbook says it."""

from dataclasses import dataclass

from throughline.playbook.words import OnlyIf, Recipient, StepKind, Told, WorkingDay


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the renewal ladder: so many days before the end, this."""

    code: str
    days: int
    kind: StepKind
    to: Recipient = ""
    only_if: OnlyIf = ""
    mail: str = ""
    working_day: WorkingDay = ""  # where nobody works on its day: the one before, or after


@dataclass(frozen=True, slots=True)
class Notifications:
    """How our own people are told, until they choose otherwise. Times of day as "HH:MM"."""

    blocked: Told = "instant"  # something waits for that person
    news: Told = "digest"
    quiet_from: str = "19:00"  # the same time twice: never quiet
    quiet_until: str = "07:00"
    digest_at: str = "08:00"
    weekdays_only: bool = True


USUALLY_TOLD = Notifications()  # a playbook without the table
