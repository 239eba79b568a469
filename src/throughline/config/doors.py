"""The ways in beside name and password: Google, GitHub, OpenID Connect; and second factors."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from throughline.config.env import env_text

PREFIX = "THROUGHLINE"
ROLES = ("BD", "PS", "Lead", "Sponsor", "Admin")


@dataclass(frozen=True, slots=True)
class Doors:
    """What the environment says of signing in."""

    providers: dict[str, Any]  # as django-allauth wants them
    shown: tuple[tuple[str, str, str], ...]  # name, provider, the site that a form may lead to
    domains: frozenset[str]
    second_factor_roles: frozenset[str]


def env_doors() -> Doors:
    """Return the ways in that are configured; none is a complete installation too.

    Raises:
        ImproperlyConfigured: half of one is named, or something that is none.
    """
    google = _app("GOOGLE", env_text("THROUGHLINE_SIGN_IN_GOOGLE_ID", ""),
                  env_text("THROUGHLINE_SIGN_IN_GOOGLE_SECRET", ""))  # fmt: skip
    github = _app("GITHUB", env_text("THROUGHLINE_SIGN_IN_GITHUB_ID", ""),
                  env_text("THROUGHLINE_SIGN_IN_GITHUB_SECRET", ""))  # fmt: skip
    oidc = _app("OIDC", env_text("THROUGHLINE_SIGN_IN_OIDC_ID", ""),
                env_text("THROUGHLINE_SIGN_IN_OIDC_SECRET", ""))  # fmt: skip
    providers: dict[str, Any] = {}
    shown: list[tuple[str, str, str]] = []
    if google:
        providers["google"] = {"APPS": [google], "SCOPE": ["profile", "email"],
                               "OAUTH_PKCE_ENABLED": True}  # fmt: skip
        shown.append(("Google", "google", "https://accounts.google.com"))
    if github:
        providers["github"] = {"APPS": [github], "SCOPE": ["user:email"]}
        shown.append(("GitHub", "github", "https://github.com"))
    if oidc:
        name, site, url = _issuer()
        oidc |= {"provider_id": "oidc", "name": name, "settings": {"server_url": url}}
        providers["openid_connect"] = {"APPS": [oidc], "OAUTH_PKCE_ENABLED": True}
        shown.append((name, "oidc", site))
    return Doors(providers, tuple(shown), _domains(), _roles())


def _app(way: str, client_id: str, secret: str) -> dict[str, Any]:
    if bool(client_id) != bool(secret):
        name = f"{PREFIX}_SIGN_IN_{way}"
        raise ImproperlyConfigured(f"{name}_ID and {name}_SECRET: set both, or neither.")
    return {"client_id": client_id, "secret": secret, "key": ""} if client_id else {}


def _issuer() -> tuple[str, str, str]:
    url = env_text("THROUGHLINE_SIGN_IN_OIDC_URL", "").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ImproperlyConfigured(
            f"THROUGHLINE_SIGN_IN_OIDC_URL={url!r} is no issuer: write https://login.example.org."
        )
    name = env_text("THROUGHLINE_SIGN_IN_OIDC_NAME", "") or parts.hostname
    return name, f"https://{parts.netloc}", url


def _domains() -> frozenset[str]:
    found = _listed(env_text("THROUGHLINE_SIGN_IN_DOMAINS", ""))
    for one in found:
        if "@" in one or "." not in one or "*" in one:
            raise ImproperlyConfigured(
                f"THROUGHLINE_SIGN_IN_DOMAINS: {one!r} is no domain: write, say, 2i2c.org."
            )
    return frozenset(one.lower() for one in found)


def _roles() -> frozenset[str]:
    found = frozenset(_listed(env_text("THROUGHLINE_SECOND_FACTOR_ROLES", "")))
    if unknown := found - set(ROLES):
        raise ImproperlyConfigured(
            f"THROUGHLINE_SECOND_FACTOR_ROLES: {', '.join(sorted(unknown))} is no role: use"
            f" {', '.join(ROLES)}."
        )
    return found


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
