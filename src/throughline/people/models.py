"""Users, the hats they wear, signed links, and what programs come in with."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from throughline.people.program_models import ApiCall, ApiToken, Tally
from throughline.people.session_models import Session
from throughline.people.words import ROLES, Permission, RoleName

__all__ = [
    "ApiCall",
    "ApiToken",
    "RoleGrant",
    "SavedView",
    "Session",
    "SignedLink",
    "Tally",
    "User",
]


class User(AbstractUser):
    """A person who signs in."""

    full_name = models.CharField(max_length=120, blank=True)
    single_keys = models.BooleanField(default=True)  # whether one letter alone does something

    def __str__(self) -> str:
        return self.full_name or self.username

    def hats(self) -> frozenset[RoleName]:
        """Return the roles this person has; one query, kept for this object's life."""
        if not hasattr(self, "_hats"):
            self._hats = frozenset(RoleName(grant.role) for grant in self.grants.all())
        return self._hats

    def may(self, permission: Permission) -> bool:
        """Return whether any of this person's roles allows it."""
        return self.is_active and any(permission in ROLES[role] for role in self.hats())


class RoleGrant(models.Model):
    """One hat of one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in RoleName])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="people_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class SavedView(models.Model):
    """What one person looks at often: a page with its filters, under a name of theirs."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    page = models.CharField(max_length=40)  # "pipeline"
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)  # "owner=ada&is=closing"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="people_view_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.page} of {self.user})"


class SignedLink(models.Model):
    """An address that opens one thing for one person, until it expires, is used or is revoked.

    Only the hash of the token is kept: whoever reads the table cannot open the links.
    """

    token_sha256 = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=40)  # "sign_in", "engagement"
    subject = models.CharField(max_length=80)  # "user:3", "engagement:12"
    issued_to = models.CharField(max_length=254)
    issued_by = models.CharField(max_length=160)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    is_single_use = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject} for {self.issued_to}"
