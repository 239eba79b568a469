"""Reads of answers and holds."""

from collections.abc import Iterable

from throughline.capacity.models import CapacityAnswer


def newest_answers(subjects: Iterable[str]) -> dict[str, CapacityAnswer]:
    """Return the answer that counts for each subject that has one; one query."""
    answers = CapacityAnswer.objects.filter(subject__in=list(subjects)).order_by("pk")
    return {answer.subject: answer for answer in answers}
