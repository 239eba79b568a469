"""What every page's frame needs."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from throughline import __version__
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.search.words import sight_of
from throughline.web.help.fitting import fitting
from throughline.web.help.manual import address_of, document
from throughline.web.keys import GO, KEYS

Readers = Permission | tuple[Permission, ...] | None

# The groups follow an agreement's way. Label, address, icon, who may read it (one of these is
# enough); None: everybody who is signed in.
NAV: Final[dict[str, tuple[tuple[str, str, str, Readers], ...]]] = {
    "": (("Today", "web:today", "today", None),),
    "Deal": (
        ("Pipeline", "web:pipeline", "pipeline", Permission.READ),
        ("Process", "web:process", "drift", Permission.READ),
        ("Reviews", "web:reviews", "question", Permission.READ),
        ("Capacity", "web:capacity", "capacity", Permission.SEE_CAPACITY),
        ("Statements", "web:statements", "document", Permission.READ),
        ("Communities", "web:communities", "community", Permission.READ),
        (
            "Sponsor desk", "web:sponsor-desk", "document",
            (Permission.READ, Permission.SPONSOR_WORK),
        ),
        ("Set aside", "web:waivers", "hand", Permission.READ),
    ),
    "Delivery": (
        ("Engagements", "web:engagements", "engagement", Permission.READ),
        ("Deliverables", "web:my-deliverables", "hand", Permission.READ),
        ("Verification", "web:verification", "check", Permission.READ),
        ("Engagement Review", "web:meetings", "eye", Permission.READ),
        ("Drift", "web:drift", "drift", Permission.READ),
    ),
    "Cloud money": (
        ("Billing", "web:billing", "billing", (Permission.READ, Permission.SEE_MONEY)),
        ("Budgets", "web:budgets", "billing", Permission.READ),
    ),
    "Renewal": (
        ("Renewals", "web:renewals", "renewal", Permission.READ),
        ("Reconcile", "web:reconcile", "reconcile", Permission.READ),
    ),
    "Upkeep": (
        ("HubSpot", "web:hubspot", "link", Permission.READ),
        ("Outbox", "web:outbox", "outbox", Permission.READ),
        ("Journal", "web:journal", "journal", Permission.READ_JOURNAL),
        ("Playbook", "web:playbook", "document", Permission.READ),
        ("People", "web:people", "person", Permission.ADMINISTER),
        ("Webhooks", "web:webhooks", "link", Permission.ADMINISTER),
        ("Doctor", "web:doctor", "info", Permission.ADMINISTER),
        ("Help", "web:help", "question", None),
    ),
}  # fmt: skip


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
            **help_for(request),
            "search_url": reverse("web:search") if sight_of(user.may).kinds else "",
            "single_keys": user.single_keys,
            "keys": KEYS,
        }
    return shell


def help_for(request: HttpRequest) -> dict[str, str]:
    """Return the address and the title of the document that helps with a page; "" where none does."""
    match = request.resolver_match
    slug, _, anchor = fitting(match.url_name or "" if match else "").partition("#")
    found = document(slug) if slug else None
    if found is None:
        return {"help_url": "", "help_title": ""}
    address = f"{address_of(slug)}{f'#{anchor}' if anchor else ''}"
    return {"help_url": address, "help_title": found.title}


def navigation(user: User, path: str) -> list[dict[str, Any]]:
    """Return the groups of pages that a person may read, with the one they are on marked."""
    groups = [{"label": label, "links": _links(user, path, rows)} for label, rows in NAV.items()]
    return [group for group in groups if group["links"]]


def _links(
    user: User, path: str, rows: tuple[tuple[str, str, str, Readers], ...]
) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": reverse(name),
            "icon": icon,
            "key": GO.get(name, ""),
            "current": _is_on(path, reverse(name)),
        }
        for label, name, icon, readers in rows
        if _may_read(user, readers)
    ]


def _is_on(path: str, url: str) -> bool:
    return path == url if url == reverse("web:today") else path.startswith(url)


def _may_read(user: User, readers: Readers) -> bool:
    if readers is None:
        return True
    any_of = readers if isinstance(readers, tuple) else (readers,)
    return any(user.may(one) for one in any_of)
