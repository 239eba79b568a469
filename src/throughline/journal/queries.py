"""Reads of the journal."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from throughline.journal.models import Entry


def entries(*, act: str = "", by: str = "", subject: str = "") -> QuerySet[Entry]:
    """Return what happened, the latest first; narrowed to acts that begin so, a person, a thing.

    `subject` is a kind and a number ("engagement:12"), or a kind alone.
    """
    found: QuerySet[Entry] = Entry.objects.order_by("-at", "-pk")
    if act:
        found = found.filter(act__startswith=act)
    if by:
        found = found.filter(by=by)
    if subject:
        kind, _, number = subject.partition(":")
        found = found.filter(Q(subject_type=kind) | Q(subject_type__endswith=f".{kind}"))
        found = found.filter(subject_id=number) if number else found
    return found


def older_than(found: QuerySet[Entry], before: int | None) -> QuerySet[Entry]:
    """Return the entries that come after one in such a list; all where there is no such one."""
    last = Entry.objects.filter(pk=before).first() if before else None
    if last is None:
        return found
    return found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))


def about_all(subjects: Iterable[tuple[str, Iterable[int]]]) -> QuerySet[Entry]:
    """Return what happened to things of several kinds, the latest first."""
    wanted = Q()
    for kind, numbers in subjects:
        wanted |= Q(subject_type=kind, subject_id__in=[str(number) for number in numbers])
    found = Entry.objects.filter(wanted) if wanted else Entry.objects.none()
    return found.order_by("-at", "-pk")
