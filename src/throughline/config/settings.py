"""Every setting of Throughline. `docs/reference/settings.md` explains each one."""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from throughline.config.aws import env_alert_token, env_aws, env_topics
from throughline.config.doors import env_doors
from throughline.config.env import env_bool, env_home, env_int, env_level, env_secret, env_text
from throughline.config.github import env_github
from throughline.config.mail import TIMEOUT_S as MAIL_TIMEOUT_S
from throughline.config.mail import env_mail
from throughline.config.sheets import env_sheets

HOME = env_home()
DEBUG = env_bool("THROUGHLINE_DEBUG", default=False)
SECRET_KEY = env_secret(HOME)

# Where people reach this installation; https turns on secure cookies, HSTS and redirects.
BASE_URL = env_text("THROUGHLINE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
_address = urlsplit(BASE_URL)
if _address.scheme not in {"http", "https"} or not _address.hostname:
    raise ImproperlyConfigured(
        f"THROUGHLINE_BASE_URL={BASE_URL!r} is not an address: write http://host:port or https://host."
    )
_is_https = _address.scheme == "https"
ALLOWED_HOSTS = [_address.hostname, "127.0.0.1", "localhost", "[::1]"]

PLAYBOOK = env_text("THROUGHLINE_PLAYBOOK", "")  # a file; the shipped playbook where empty
HUB_CHECKS = env_bool("THROUGHLINE_HUB_CHECKS", default=False)  # ask hubs over the network

# Prometheus tells who uses a hub, once its address is named; {cluster} stands for the cluster's name.
PROMETHEUS_URL = env_text("THROUGHLINE_PROMETHEUS_URL", "").rstrip("/")
PROMETHEUS_TOKEN = env_text("THROUGHLINE_PROMETHEUS_TOKEN", "")  # a bearer's, or user:password
if PROMETHEUS_URL and not PROMETHEUS_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(
        f"THROUGHLINE_PROMETHEUS_URL={PROMETHEUS_URL!r} is no address: write, say,"
        " https://prometheus.{cluster}.example.org."
    )
if PROMETHEUS_TOKEN and not PROMETHEUS_URL:
    raise ImproperlyConfigured(
        "THROUGHLINE_PROMETHEUS_TOKEN needs THROUGHLINE_PROMETHEUS_URL: set both, or neither."
    )

# HubSpot is connected once there is a token: then what it owns is changed there alone.
HUBSPOT_TOKEN = env_text("THROUGHLINE_HUBSPOT_TOKEN", "")
HUBSPOT_CONNECTED = bool(HUBSPOT_TOKEN)
HUBSPOT_APP = env_text("THROUGHLINE_HUBSPOT_APP", "https://app.hubspot.com").rstrip("/")
if not HUBSPOT_APP.startswith(("https://", "http://")):
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_APP={HUBSPOT_APP!r} is no address: write https://app.hubspot.com."
    )
HUBSPOT_PORTAL = env_text("THROUGHLINE_HUBSPOT_PORTAL", "")
if HUBSPOT_PORTAL and not HUBSPOT_PORTAL.isdigit():
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_PORTAL={HUBSPOT_PORTAL!r} is no portal: write its number, as in the"
        " addresses of HubSpot's pages."
    )
HUBSPOT_URL = env_text("THROUGHLINE_HUBSPOT_URL", "https://api.hubapi.com").rstrip("/")
if not HUBSPOT_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_URL={HUBSPOT_URL!r} is no address: write https://api.hubapi.com."
    )
HUBSPOT_API_VERSION = env_text("THROUGHLINE_HUBSPOT_API_VERSION", "2026-09")
if not re.fullmatch(r"v3|\d{4}-(0[1-9]|1[0-2])", HUBSPOT_API_VERSION):
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_API_VERSION={HUBSPOT_API_VERSION!r} is no version: write 2026-09 or v3."
    )
# What signs the webhooks: the app's client secret. The older signature covers no address and no
# time; it is taken only from those who say that their app sends nothing better.
HUBSPOT_WEBHOOK_SECRET = env_text("THROUGHLINE_HUBSPOT_WEBHOOK_SECRET", "")
HUBSPOT_OLD_SIGNATURES = env_bool("THROUGHLINE_HUBSPOT_OLD_SIGNATURES", default=False)
HUBSPOT_COMMUNITY_OBJECT = env_text("THROUGHLINE_HUBSPOT_COMMUNITY_OBJECT", "0-410")
if not re.fullmatch(r"none|\d+-\d+", HUBSPOT_COMMUNITY_OBJECT):
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_COMMUNITY_OBJECT={HUBSPOT_COMMUNITY_OBJECT!r} is no type of object:"
        " write its id, such as 0-410, or none."
    )
HUBSPOT_GITHUB_PROPERTY = env_text("THROUGHLINE_HUBSPOT_GITHUB_PROPERTY", "")
if not re.fullmatch(r"[a-z0-9_]*", HUBSPOT_GITHUB_PROPERTY):
    raise ImproperlyConfigured(
        f"THROUGHLINE_HUBSPOT_GITHUB_PROPERTY={HUBSPOT_GITHUB_PROPERTY!r} is no internal name: write"
        " that of the contacts' property, such as github_username."
    )
# Reading needs no more than a token; writing into somebody's books is said.
HUBSPOT_WRITE = env_bool("THROUGHLINE_HUBSPOT_WRITE", default=False)

# Airtable is connected once there are a token and a base.
AIRTABLE_TOKEN = env_text("THROUGHLINE_AIRTABLE_TOKEN", "")
AIRTABLE_BASE = env_text("THROUGHLINE_AIRTABLE_BASE", "")
AIRTABLE_URL = env_text("THROUGHLINE_AIRTABLE_URL", "https://api.airtable.com").rstrip("/")
AIRTABLE_TABLES = {
    "engagement": env_text("THROUGHLINE_AIRTABLE_ENGAGEMENTS", "Engagements"),
    "project": env_text("THROUGHLINE_AIRTABLE_PROJECTS", "Projects"),
    "deliverable": env_text("THROUGHLINE_AIRTABLE_DELIVERABLES", "Deliverables"),
}
if bool(AIRTABLE_TOKEN) != bool(AIRTABLE_BASE):
    raise ImproperlyConfigured(
        "THROUGHLINE_AIRTABLE_TOKEN and THROUGHLINE_AIRTABLE_BASE go together: set both, or neither."
    )
if AIRTABLE_BASE and not re.fullmatch(r"app[0-9A-Za-z]{14}", AIRTABLE_BASE):
    raise ImproperlyConfigured(
        f"THROUGHLINE_AIRTABLE_BASE={AIRTABLE_BASE!r} is no base: write its id, which begins with"
        " app, as in the address of its pages."
    )
if not AIRTABLE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(
        f"THROUGHLINE_AIRTABLE_URL={AIRTABLE_URL!r} is no address: write https://api.airtable.com."
    )

# GitHub is connected once there are a repository and a way in, a token or an App.
_github = env_github()
GITHUB_URL, GITHUB_REPOSITORY = _github.url, _github.repository
GITHUB_TOKEN, GITHUB_APP_ID = _github.token, _github.app_id
GITHUB_APP_KEY, GITHUB_INSTALLATION = _github.app_key, _github.installation
GITHUB_PROJECT, GITHUB_LABEL, GITHUB_STATUS = _github.project, _github.label, _github.status

# Budgets are made at AWS, or checked where Terraform makes them, only if it is said.
_aws = env_aws()
AWS_BUDGETS, AWS_URL, AWS_STS_URL = _aws.budgets, _aws.url, _aws.sts_url
AWS_KEY_ID, AWS_SECRET, AWS_ROLE = _aws.key_id, _aws.secret, _aws.role
SNS_TOPICS, SNS_URL = env_topics(), _aws.sns_url
ALERT_TOKEN = env_alert_token()

# Google Sheets is connected, and the home of the billing columns, once a spreadsheet is named.
_sheets = env_sheets()
SHEETS_URL, SHEETS_SPREADSHEET = _sheets.url, _sheets.spreadsheet
SHEETS_KEY, SHEETS_TAB = _sheets.key, _sheets.tab

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "throughline.journal",
    "throughline.documents",
    "throughline.people",
    "throughline.mail",
    "throughline.infrastructure",
    "throughline.communities",
    "throughline.capacity",
    "throughline.sales",
    "throughline.delivery",
    "throughline.billing",
    "throughline.budgets",
    "throughline.renewals",
    "throughline.handoff",
    "throughline.search",
    "throughline.intake",
    "throughline.web",
    # After our pages: our templates go before theirs.
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "throughline.web.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # before compressing: its files are compressed
    "throughline.web.middleware.PagesCompressed",
    "throughline.web.middleware.SignedLinks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "throughline.web.middleware.sessions_seen",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "throughline.web.middleware.NothingUnkeepable",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "throughline.web.middleware.second_factor_required",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "throughline.config.urls"
WSGI_APPLICATION = "throughline.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "throughline.web.context.frame",
            ]
        },
    }
]

_database_url = env_text("DATABASE_URL", f"sqlite:///{HOME / 'throughline.sqlite3'}")
try:
    DATABASES = {"default": dj_database_url.parse(_database_url)}
except ValueError as error:
    raise ImproperlyConfigured(
        f"DATABASE_URL cannot be read ({error}): write postgres://user:password@host:5432/name."
    ) from error
# Opening a connection costs more than most pages ask of it: each thread keeps its own, and looks
# before a request whether it still answers.
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456;"  # 16 MB a thread, 256 MB of file
        ),
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    INSTALLED_APPS.append("procrastinate.contrib.django")  # carries the passes; needs PostgreSQL
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = (
    ""  # only the worker knows the tasks; the rest defers by name
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:today"
LOGOUT_REDIRECT_URL = "web:sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Ways in beside name and password; off unless they are named.
_doors = env_doors()
SIGN_IN_DOORS = [(name, provider) for name, provider, _site in _doors.shown]
SIGN_IN_SITES = [site for _name, _provider, site in _doors.shown]
SIGN_IN_DOMAINS = _doors.domains
SECOND_FACTOR_ROLES = _doors.second_factor_roles
SOCIALACCOUNT_PROVIDERS = _doors.providers
SOCIALACCOUNT_ADAPTER = "throughline.web.people.doors.Elsewhere"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # our own rule says who is recognised by an address
SOCIALACCOUNT_EMAIL_VERIFICATION = ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_STORE_TOKENS = False
ACCOUNT_ADAPTER = "throughline.web.people.doors.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_FORMS = {"reauthenticate": "throughline.web.people.doors.PasswordAgainForm"}
ACCOUNT_RATE_LIMITS = False  # one throttle, in the journal: see people/sign_in.py
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "throughline.web.people.doors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Throughline"
MFA_FORMS = {
    "authenticate": "throughline.web.people.doors.SecondFactorForm",
    "reauthenticate": "throughline.web.people.doors.CodeAgainForm",
    "activate_totp": "allauth.mfa.totp.forms.ActivateTOTPForm",
    "deactivate_totp": "allauth.mfa.totp.forms.DeactivateTOTPForm",
    "generate_recovery_codes": "allauth.mfa.recovery_codes.forms.GenerateRecoveryCodesForm",
}

FORM_RENDERER = "throughline.web.widgets.QuickRenderer"

LANGUAGE_CODE = "en"
# English alone: looking up a language for every address and number cost a tenth of a page.
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "throughline.web.static_files.HashedFiles"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Mail stays on this machine, readable in the outbox, unless a server or a provider is named.
_mail = env_mail()
MAIL_LEAVES_THROUGH, MAIL_FROM = _mail.leaves_through, _mail.sender
MAIL_PROVIDER, MAIL_HOOK_SECRET = _mail.provider, _mail.hook_secret
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail.backend, _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_TIMEOUT = _mail.uses_tls, MAIL_TIMEOUT_S
ANYMAIL = _mail.anymail

SESSION_ENGINE = "throughline.people.sessions"  # whose session it is, so that it can be ended
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = _is_https
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
# How many proxies stand before us: only they are believed when they say who calls, and how.
PROXIES = env_int("THROUGHLINE_PROXIES", 1 if _is_https else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = (
    10_000  # a long statement of work has a field for each hour of each item
)

# Webhooks go to public https addresses alone, unless receivers stand in one's own network.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env_bool("THROUGHLINE_WEBHOOKS_TO_PRIVATE", default=False)

# How often one caller of the API may call.
API_CALLS_PER_MINUTE = env_int("THROUGHLINE_API_CALLS_PER_MINUTE", 600)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"throughline": {"level": env_level("THROUGHLINE_LOG_LEVEL", "WARNING")}},
}

SOURCE = Path(__file__).resolve().parent.parent
