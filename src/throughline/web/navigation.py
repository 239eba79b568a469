"""The pages that everybody finds beside every page: in groups, by what a person may read."""

from functools import cache, lru_cache
from typing import Final, NamedTuple

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from throughline.people.models import User
from throughline.people.words import Permission
from throughline.web.keys import GO, KEYS
from throughline.web.templatetags.ui import ICONS

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

# Pages that stand below none of these addresses, and the page that they belong to.
BELONGS: Final = {
    "/deals/": "web:pipeline",
    "/week/": "web:today",
    "/exceptions/": "web:waivers",
    "/contacts/": "web:communities",
    "/handoff/": "web:engagements",
    "/offboarding/": "web:renewals",
}


class Link(NamedTuple):
    """A page of the navigation."""

    label: str
    url: str
    icon: str
    key: str  # the letter after `g` that leads there; "" where there is none

    def holds(self, path: str) -> bool:
        """Return whether the page at a path is this one, one below it, or one that belongs to it."""
        return path == self.url or path.startswith(_below(self.url))


class Group(NamedTuple):
    """Pages that belong together."""

    label: str
    links: tuple[Link, ...]


@cache
def address(name: str) -> str:
    """Return the address of a page that takes no argument: it is the same for as long as we run."""
    return reverse(name)


@cache
def _below(url: str) -> tuple[str, ...]:
    """Return how addresses begin whose pages belong to an entry; everything is below Today's own."""
    belonging = tuple(below for below, page in BELONGS.items() if address(page) == url)
    return belonging if url == address("web:today") else (url, *belonging)


def navigation(user: User) -> tuple[Group, ...]:
    """Return the groups of pages that a person may read; no query beside that of their roles."""
    return _groups(frozenset(one for one in _asked_for() if user.may(one)))


@cache
def _asked_for() -> frozenset[Permission]:
    """Return the permissions that decide about the navigation."""
    return frozenset(one for rows in NAV.values() for row in rows for one in _any_of(row[3]))


@lru_cache(maxsize=64)
def _groups(permissions: frozenset[Permission]) -> tuple[Group, ...]:
    groups = (
        Group(
            label,
            tuple(
                Link(name, address(page), icon, GO.get(page, ""))
                for name, page, icon, readers in rows
                if readers is None or permissions.intersection(_any_of(readers))
            ),
        )
        for label, rows in NAV.items()
    )
    return tuple(group for group in groups if group.links)


def _any_of(readers: Readers) -> tuple[Permission, ...]:
    if readers is None:
        return ()
    return readers if isinstance(readers, tuple) else (readers,)


def draw_navigation(groups: tuple[Group, ...], path: str) -> SafeString:
    """Return the navigation as a page at a path shows it."""
    links = (link for group in groups for link in group.links)
    here = next((link.url for link in links if link.holds(path)), "")
    return _draw("components/navigation.html", groups, here, static(ICONS))


def draw_keys(groups: tuple[Group, ...]) -> SafeString:
    """Return the list of keys, with those that lead to the pages of the navigation."""
    return _draw("search/_keys.html", groups, "", "")


# Both stand on every page, and of each there are few: drawn once, they cost a page nothing.
@lru_cache(maxsize=512)
def _draw(template: str, groups: tuple[Group, ...], here: str, _icons: str) -> SafeString:
    return render_to_string(template, {"nav_groups": groups, "here": here, "keys": KEYS})
