"""Who may read over the API: the same people who may read the pages."""

from django.http import HttpRequest

from throughline.people.gates import NotEntitled
from throughline.people.models import User
from throughline.people.words import ROLES, Permission


def reader(request: HttpRequest) -> User:
    """Return the person of a request.

    Raises:
        NotEntitled: none of their roles may read.
    """
    user = request.user
    if not isinstance(user, User) or not user.may(Permission.READ):
        roles = " or ".join(role for role, allowed in ROLES.items() if Permission.READ in allowed)
        raise NotEntitled(
            f"{user} may not read this.", remedy=f"Ask an administrator for a role: {roles}."
        )
    return user
