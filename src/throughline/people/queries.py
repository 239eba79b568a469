"""Who is who."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from throughline.kernel.errors import NotThere
from throughline.people.models import ApiToken, RoleGrant, SavedView, SignedLink, User
from throughline.people.words import Permission, RoleName


def hats_of(username: str) -> frozenset[RoleName] | None:
    """Return the roles of a user; None where nobody here has that name.

    A name that no user has comes from the command line, where whoever runs it could change the
    database anyway: it is written down as given (decision 0004).
    """
    user = User.objects.prefetch_related("grants").filter(username=username).first()
    if user is None:
        return None
    return user.hats() if user.is_active else frozenset()


def address_of(owner: str) -> str:
    """Return where somebody can be reached: an address as such, or a user's; "" if there is none."""
    if "@" in owner:
        return owner
    user = User.objects.filter(username=owner, is_active=True).first() if owner else None
    return user.email if user else ""


def sees_money(owner: str) -> bool:
    """Return whether a user, by name or address, may see money; nobody unknown here may."""
    by = Q(email__iexact=owner) if "@" in owner else Q(username=owner)
    found = User.objects.filter(by, is_active=True) if owner else User.objects.none()
    users = list(found.prefetch_related("grants"))
    return bool(users) and all(user.may(Permission.SEE_MONEY) for user in users)


def first_administrator() -> User | None:
    """Return the first active user who administers; None if there is none."""
    return User.objects.filter(is_active=True, grants__role=RoleName.ADMIN).order_by("pk").first()


def roles_held() -> frozenset[RoleName]:
    """Return the roles that somebody active has; one query."""
    grants = RoleGrant.objects.filter(user__is_active=True).values_list("role", flat=True)
    return frozenset(RoleName(role) for role in grants.distinct())


def saved_views(user: User, *, page: str) -> QuerySet[SavedView]:
    """Return the views of a page that a person has saved, by name."""
    return SavedView.objects.filter(user=user, page=page).order_by("name")


def standing_links(subject: str, *, purpose: str, at: datetime) -> QuerySet[SignedLink]:
    """Return the links that still open something, the newest first."""
    return SignedLink.objects.filter(
        subject=subject, purpose=purpose, revoked_at=None, expires_at__gt=at
    ).order_by("-pk")


def admins() -> list[User]:
    """Return the people who may give hats."""
    return list(
        User.objects.filter(grants__role=RoleName.ADMIN, is_active=True).order_by("username")
    )


def find_user(name: str) -> User:
    """Return the user of a name.

    Raises:
        NotThere: nobody here has it.
    """
    found = User.objects.filter(username=name).first()
    if found is None:
        raise NotThere(f"There is no user {name}.", remedy="See `throughline user list`.")
    return found


def everybody() -> list[User]:
    """Return all people with their roles, those who are here first, by name; two queries."""
    return list(User.objects.prefetch_related("grants").order_by("-is_active", "username"))


def with_second_factor() -> frozenset[int]:
    """Return the ids of the people who sign in with a second factor."""
    found = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return frozenset(found.values_list("user_id", flat=True))


def open_tokens(*, at: datetime) -> QuerySet[ApiToken]:
    """Return the tokens that still open something, of everybody, by person and name."""
    return (
        ApiToken.objects.filter(revoked_at=None, expires_at__gt=at, user__is_active=True)
        .select_related("user")
        .order_by("user__username", "name", "pk")
    )
