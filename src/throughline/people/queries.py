"""Who is who."""

from throughline.people.models import User
from throughline.people.words import RoleName


def hats_of(username: str) -> frozenset[RoleName] | None:
    """Return the roles of a user; None where nobody here has that name.

    A name that no user has comes from the command line, where whoever runs it could change the
    database anyway: it is written down as given (decision 0004).
    """
    user = User.objects.prefetch_related("grants").filter(username=username).first()
    return None if user is None else user.hats()
