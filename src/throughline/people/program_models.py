"""What programs come in with: tokens, the calls they must not make twice, and how often they may."""

from django.conf import settings
from django.db import models

from throughline.people.words import SCOPES, Permission, Scope


class ApiToken(models.Model):
    """What a program shows instead of a person's password.

    Only the hash is kept: whoever reads the table cannot use the tokens.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=60)  # "n8n"
    token_sha256 = models.CharField(max_length=64, unique=True)
    starts_with = models.CharField(max_length=12)  # so that people find it again in their settings
    scopes = models.JSONField(default=list)
    issued_by = models.CharField(max_length=160)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute

    def __str__(self) -> str:
        return f"{self.name} of {self.user} ({self.starts_with}…)"

    def carries(self, permission: Permission) -> bool:
        """Return whether one of its scopes carries a permission; its person must have it too."""
        return any(permission in SCOPES.get(Scope(one), ()) for one in self.scopes)


class ApiCall(models.Model):
    """One writing call with a key of the caller's: made again, it answers as it did."""

    caller = models.CharField(max_length=40)  # "token:3", "user:5"
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    begun_at = models.DateTimeField(null=True)  # being worked on; null: nobody does any more
    answered_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="people_call_once"),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, status__isnull=True)
                | models.Q(answered_at__isnull=False, status__isnull=False),
                name="people_call_answered_with_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}: {self.status or 'open'}"


class Tally(models.Model):
    """How often something was done in one span of time, counted for all machines together."""

    key = models.CharField(max_length=64, unique=True)  # a keyed hash: addresses are not kept
    begun_s = models.BigIntegerField()  # when the span began: seconds since 1970
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} since {self.begun_s}"
