"""A project goes on in another engagement, with all that is kept by its code."""

from datetime import datetime

from throughline.capacity.actions.holds import hand_on_bookings
from throughline.delivery.joined import LONGEST, code_in, home_of
from throughline.delivery.load import booked_codes
from throughline.delivery.models import Engagement, Project, ProjectFact, ScopeChange
from throughline.kernel.errors import Refused


def carry_project(project: Project, into: Engagement, *, by: str, at: datetime) -> str:
    """Give a project to another engagement, and return what it is called there.

    Its changes of scope, the facts of its phases and its booked hours go along. Its code says where it is from, so
    that what was made of it outside is known by the same key as before.

    Raises:
        Refused: its code is too long to say where it is from.
    """
    home, own = home_of(project.engagement_id, project.code)
    code = code_in(into.pk, home, own)
    _check_length(code, own, home)
    before, codes = project.engagement.deal.subject, booked_codes(project)
    for rows in (ScopeChange.objects, ProjectFact.objects):
        rows.filter(engagement=project.engagement_id, project=project.code).update(
            engagement=into, project=code
        )
    project.engagement, project.code = into, code
    project.save(update_fields=["engagement", "code"])
    renamed = dict(zip(codes, booked_codes(project), strict=True))
    hand_on_bookings(before, into.deal.subject, renamed, by=by, at=at)
    return code


def code_from(number: int, code: str) -> str:
    """Return what a part is called outside of the engagement that it came from.

    Raises:
        Refused: its code is too long to say where it is from.
    """
    found = code_in(0, *home_of(number, code))
    _check_length(found, code, number)
    return found


def _check_length(found: str, code: str, home: int) -> None:
    if len(found) > LONGEST:
        raise Refused(
            f"The code {code!r} is too long to say that it came from engagement {home}.",
            remedy="Shorten it in the playbook; or keep the work where it is for now.",
        )
