"""What the environment says of mail: a server, a provider, or neither; then it is captured here."""

from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from throughline.config.env import env_bool, env_int, env_text

# What a provider calls the parts of its key; "key" alone where it has one, "key:secret" for two.
PROVIDERS: dict[str, tuple[str, ...]] = {
    "brevo": ("BREVO_API_KEY",),
    "mailgun": ("MAILGUN_API_KEY",),
    "mailjet": ("MAILJET_API_KEY", "MAILJET_SECRET_KEY"),
    "postmark": ("POSTMARK_SERVER_TOKEN",),
    "sparkpost": ("SPARKPOST_API_KEY",),
}
PORT, TIMEOUT_S = 587, 20


class MailSettings(NamedTuple):
    """How mail leaves, in Django's and anymail's words."""

    leaves_through: str  # "" where it is captured here
    backend: str
    sender: str
    host: str
    port: int
    user: str
    password: str
    uses_tls: bool
    provider: str
    hook_secret: str
    anymail: dict[str, Any]


def env_mail() -> MailSettings:
    """Return the settings of mail.

    Raises:
        ImproperlyConfigured: one is wrong, or another one that it needs is missing.
    """
    host = env_text("THROUGHLINE_SMTP_HOST", "")
    provider = env_text("THROUGHLINE_MAIL_PROVIDER", "").casefold()
    secret = env_text("THROUGHLINE_MAIL_HOOK_SECRET", "")
    if host and provider:
        raise ImproperlyConfigured(
            "THROUGHLINE_SMTP_HOST and THROUGHLINE_MAIL_PROVIDER are two ways out: set one of them."
        )
    _check_sender(
        sender := env_text("THROUGHLINE_MAIL_FROM", "Throughline <throughline@localhost>")
    )
    return MailSettings(
        leaves_through=host or provider,
        backend=_backend(host, provider),
        sender=sender,
        host=host,
        port=env_int("THROUGHLINE_SMTP_PORT", PORT),
        user=env_text("THROUGHLINE_SMTP_USER", ""),
        password=env_text("THROUGHLINE_SMTP_PASSWORD", ""),
        uses_tls=env_bool("THROUGHLINE_SMTP_TLS", default=True),
        provider=provider,
        hook_secret=secret,
        anymail=_anymail(provider, secret),
    )


def _backend(host: str, provider: str) -> str:
    if provider:
        return f"anymail.backends.{provider}.EmailBackend"
    return f"throughline.mail.{'smtp.WatchingBackend' if host else 'capture.CapturedBackend'}"


def _check_sender(sender: str) -> None:
    """Pass if mail can come from this.

    Raises:
        ImproperlyConfigured: it is no address.
    """
    if "@" not in sender or "\n" in sender:
        raise ImproperlyConfigured(
            f"THROUGHLINE_MAIL_FROM={sender!r} is no sender: write Name <name@example.org>."
        )


def _anymail(provider: str, secret: str) -> dict[str, Any]:
    """Return what anymail must know of a provider.

    Raises:
        ImproperlyConfigured: nobody knows the provider, its key is missing or of the wrong form, or
            the secret of its webhooks is.
    """
    key = env_text("THROUGHLINE_MAIL_KEY", "")
    domain, url = env_text("THROUGHLINE_MAIL_DOMAIN", ""), env_text("THROUGHLINE_MAIL_URL", "")
    if not provider:
        if key or secret or domain or url:
            raise ImproperlyConfigured(
                "THROUGHLINE_MAIL_KEY, _DOMAIN, _URL and _HOOK_SECRET are a provider's: set"
                " THROUGHLINE_MAIL_PROVIDER as well."
            )
        return {}
    if provider not in PROVIDERS:
        raise ImproperlyConfigured(
            f"THROUGHLINE_MAIL_PROVIDER={provider!r} is nobody we know: write one of"
            f" {', '.join(sorted(PROVIDERS))}, or use THROUGHLINE_SMTP_HOST."
        )
    found: dict[str, Any] = _keys(provider, key) | {"REQUESTS_TIMEOUT": TIMEOUT_S}
    if url:
        found[f"{provider.upper()}_API_URL"] = url
    if domain:
        found[f"{provider.upper()}_SENDER_DOMAIN"] = domain
    return found | _hook(provider, secret)


def _keys(provider: str, key: str) -> dict[str, Any]:
    """Return a provider's key in anymail's words.

    Raises:
        ImproperlyConfigured: it is missing, or a part of it.
    """
    names = PROVIDERS[provider]
    parts = key.split(":", len(names) - 1)
    if len(parts) != len(names) or not all(parts):
        form = "its key" if len(names) == 1 else "its two keys as key:secret"
        raise ImproperlyConfigured(f"THROUGHLINE_MAIL_KEY is missing: {provider} needs {form}.")
    return dict(zip(names, parts, strict=True))


def _hook(provider: str, secret: str) -> dict[str, Any]:
    """Return how webhooks prove themselves: Mailgun signs, the others sign in with the secret.

    Raises:
        ImproperlyConfigured: the secret has no two parts.
    """
    if not secret:
        return {}
    if provider == "mailgun":
        return {"MAILGUN_WEBHOOK_SIGNING_KEY": secret}
    user, colon, password = secret.partition(":")
    if not (user and colon and password):
        raise ImproperlyConfigured(
            "THROUGHLINE_MAIL_HOOK_SECRET is no secret: write user:password, and the provider's"
            " address as https://user:password@…/hooks/mail."
        )
    return {"WEBHOOK_SECRET": secret}
