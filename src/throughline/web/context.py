"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from throughline import __version__
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.search.words import sight_of
from throughline.web.help.fitting import fitting
from throughline.web.help.manual import address_of, document
from throughline.web.navigation import address, draw_keys, draw_navigation, navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html shows around a page; strangers see no navigation."""
    user = getattr(request, "user", None)
    shell: dict[str, Any] = {
        "organisation": current().organisation.name,
        "home_url": address("web:today"),
        "sign_in_url": address("web:sign-in") if request.path != address("web:sign-in") else "",
        "version": __version__,
    }
    if isinstance(user, User):
        groups = navigation(user)
        shell |= {
            "navigation": draw_navigation(groups, request.path),
            "sign_out_url": address("web:sign-out"),
            "preferences_url": address("web:preferences"),
            "account_url": address("web:account"),
            "sees_money": user.may(Permission.SEE_MONEY),
            **help_for(request),
            "search_url": address("web:search") if sight_of(user.may).kinds else "",
            "single_keys": user.single_keys,
            "key_list": draw_keys(groups),
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
