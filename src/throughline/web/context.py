"""What every page's frame needs."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from throughline import __version__
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.playbook.current import current

# Label, address, icon, who may read it (one of these is enough); None: everybody who is signed in.
NAV: Final = (
    ("Today", "web:today", "today", None),
    ("Pipeline", "web:pipeline", "pipeline", Permission.READ),
    (
        "Sponsor desk",
        "web:sponsor-desk",
        "document",
        (Permission.READ, Permission.SPONSOR_WORK),
    ),
    ("Reviews", "web:reviews", "question", Permission.READ),
    ("Capacity", "web:capacity", "capacity", Permission.SEE_CAPACITY),
    ("Statements", "web:statements", "document", Permission.READ),
    ("Communities", "web:communities", "community", Permission.READ),
    ("Engagements", "web:engagements", "engagement", Permission.READ),
    ("Engagement Review", "web:meetings", "eye", Permission.READ),
    ("Deliverables", "web:my-deliverables", "hand", Permission.READ),
    ("Verification", "web:verification", "check", Permission.READ),
    ("Drift", "web:drift", "drift", Permission.READ),
    ("Billing", "web:billing", "billing", (Permission.READ, Permission.SEE_MONEY)),
    ("Budgets", "web:budgets", "billing", Permission.READ),
    ("Renewals", "web:renewals", "renewal", Permission.READ),
    ("Reconcile", "web:reconcile", "reconcile", Permission.READ),
    ("Set aside", "web:waivers", "hand", Permission.READ),
    ("HubSpot", "web:hubspot", "link", Permission.READ),
    ("Outbox", "web:outbox", "outbox", Permission.READ),
    ("Journal", "web:journal", "journal", Permission.READ_JOURNAL),
    ("People", "web:people", "person", Permission.ADMINISTER),
    ("Webhooks", "web:webhooks", "link", Permission.ADMINISTER),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html shows around a page; strangers see no navigation."""
    user = getattr(request, "user", None)
    shell: dict[str, Any] = {
        "organisation": current().organisation.name,
        "home_url": reverse("web:today"),
        "sign_in_url": reverse("web:sign-in") if request.path != reverse("web:sign-in") else "",
        "version": __version__,
    }
    if isinstance(user, User):
        shell |= {
            "nav": navigation(user, request.path),
            "sign_out_url": reverse("web:sign-out"),
            "preferences_url": reverse("web:preferences"),
            "account_url": reverse("web:account"),
            "sees_money": user.may(Permission.SEE_MONEY),
        }
    return shell


def navigation(user: User, path: str) -> list[dict[str, Any]]:
    """Return the pages that a person may read, with the one they are on marked."""
    links = [
        {"label": label, "url": reverse(name), "icon": icon}
        for label, name, icon, permission in NAV
        if _may_read(user, permission)
    ]
    home = reverse("web:today")
    return [
        link
        | {
            "current": path == link["url"]
            if link["url"] == home
            else path.startswith(str(link["url"]))
        }
        for link in links
    ]


def _may_read(user: User, permission: Permission | tuple[Permission, ...] | None) -> bool:
    if permission is None:
        return True
    any_of = permission if isinstance(permission, tuple) else (permission,)
    return any(user.may(one) for one in any_of)
