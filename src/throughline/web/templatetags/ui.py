"""How values look on a page: money, days, statuses, rings. Looks only; rules live in the rooms."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from throughline.kernel.money import CENT, without_amounts

register = template.Library()

# Not strftime: a page reads the same whatever the machine's language.
MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
MINUS: Final = "\N{MINUS SIGN}"


class Look(NamedTuple):
    """How a status is shown: tone for the colour, icon and word for everyone."""

    tone: str
    icon: str
    word: str


STATUSES: Final[Mapping[str, Look]] = MappingProxyType(
    {
        # a condition of a gate
        "met": Look("good", "check", "Met"),
        "unmet": Look("bad", "cross", "Not met"),
        "stale": Look("warn", "clock", "Stale"),
        "waived": Look("info", "hand", "Waived"),
        # an engagement
        "on_track": Look("good", "check", "On track"),
        "at_risk": Look("warn", "warning", "At risk"),
        "off_track": Look("bad", "stop", "Off track"),
        # an outcome
        "converged": Look("good", "check", "Converged"),
        "wanted": Look("neutral", "circle", "Wanted"),
        "drifted": Look("warn", "drift", "Drifted"),
        "waiting": Look("info", "person", "Waiting for a person"),
        "failed": Look("bad", "cross", "Failed"),
        "unknown": Look("warn", "question", "Unknown"),
        "in_flight": Look("info", "flight", "In flight"),
        # a notice
        "planned": Look("neutral", "circle", "Planned"),
        "sent": Look("good", "mail", "Sent"),
        "void": Look("neutral", "void", "Void"),
        "skipped": Look("neutral", "skip", "Skipped"),
        "lapsed": Look("bad", "stop", "Lapsed"),
        # a capacity answer
        "yes": Look("good", "check", "Yes"),
        "yes_from": Look("info", "calendar", "Yes, from a later date"),
        "only_if": Look("warn", "warning", "Only if"),
        "no": Look("bad", "stop", "No"),
        # a deliverable's verdict
        "verified": Look("good", "check", "Verified"),
        "not_yet": Look("warn", "clock", "Not yet"),
        "asked_champion": Look("info", "person", "Asked champion"),
        # a billing month
        "open": Look("neutral", "circle", "Open"),
        "reviewed": Look("info", "eye", "Reviewed"),
        "closed": Look("good", "lock", "Closed"),
        # a field of the manifest
        "linked": Look("good", "link", "Linked"),
        "not_needed": Look("neutral", "skip", "Not needed"),
        "missing": Look("bad", "cross", "Missing"),
        # others
        "exception": Look("warn", "warning", "Exception"),
        "unavailable": Look("neutral", "question", "Unavailable"),
    }
)
NOT_ASKED: Final = Look("neutral", "circle", "Not asked")
SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"create": "+", "update": "~", "keep": "=", "remove": MINUS}
)
ICONS: Final = "web/icons.svg"
# A day or a month in a sentence. Not inside an id, an address, the name of a file or an instant.
_DAY = re.compile(
    r"(?<![\w/.:-])((?:19|20|21)\d\d)-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?(?![\w-]|[./:]\w)"
)
RING_ROUND: Final = 100  # the circle's pathLength, so that a dash is a percentage


def look_of(status: object) -> Look:
    """Return how a status looks; one nobody has drawn is shown in neutral with its own words."""
    key = str(status)
    words = key.replace("_", " ").strip().capitalize()
    return STATUSES.get(key) or Look("neutral", "circle", words or "Unknown")


@register.filter
def money(amount: Decimal | int | str | None) -> str:
    """Return an amount with separators and two decimals; None is "unknown", never zero.

    Units: whole units of the amount's currency.
    """
    if amount is None or amount == "":  # "" is what a template makes of a name that is not there
        return "unknown"
    # Adding zero turns the "-0.00" of a rounded half cent into plain zero.
    rounded = Decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP) + 0
    return f"{rounded:,}".replace("-", MINUS)


@register.filter
def brief_money(amount: Decimal | int | str | None) -> str:
    """Return an amount as a glance takes it in: cents stand only where there are any."""
    return money(amount).removesuffix(".00")


@register.filter
def amounts_if(text: str, sees_money: object) -> str:
    """Return a text as people wrote it; without the amounts in it to those who see no money."""
    return text if sees_money else without_amounts(text)


@register.filter(expects_localtime=True)
def day(on: date | None) -> str:
    """Return a calendar day as people write it."""
    return "no date" if not on else f"{on.day} {MONTHS[on.month - 1]} {on.year}"


@register.filter
def month(of: date) -> str:
    """Return a calendar month as people write it."""
    return f"{MONTHS[of.month - 1]} {of.year}"


@register.filter(is_safe=True)
def plain_days(text: object) -> str:
    """Return a sentence with its days and months as people write them: 2026-06-30 is 30 Jun 2026.

    For what gates, plans and files say, which programs read, too; never for what people wrote.
    """
    return _DAY.sub(_written, str(text))


def _written(found: re.Match[str]) -> str:
    year, of_year, of_month = found.groups()
    named = f"{MONTHS[int(of_year) - 1]} {year}"
    return f"{int(of_month)} {named}" if of_month else named


@register.filter(expects_localtime=True)
def instant(at: datetime | None) -> str:
    """Return an instant to the minute, with its zone."""
    return "not yet" if not at else f"{day(at)}, {at:%H:%M %Z}".rstrip()


@register.filter
def days_word(count: int | str | None) -> str:
    """Return a number of days with its word."""
    if count is None or isinstance(count, str):  # a name that is not there comes as ""
        return "unknown"
    number = f"{count:,}".replace("-", MINUS)
    return f"{number} day" if abs(count) == 1 else f"{number} days"


@register.filter
def days_since(since: date | datetime | None, look: Any) -> str:
    """Return how many calendar days something has waited; `look` knows today and the zone."""
    then = look.day(since)
    if then is None:
        return "unknown"
    days = (look.on - then).days
    return days_word(days) if days > 0 else "today"


@register.filter
def status_icon(status: object) -> str:
    """Return the name of a status's icon in icons.svg."""
    return look_of(status).icon


@register.filter
def status_word(status: object) -> str:
    """Return a status as a word for people."""
    return look_of(status).word


@register.filter
def status_tone(status: object) -> str:
    """Return the tone of a status: good, warn, bad, info or neutral."""
    return look_of(status).tone


@register.filter
def plan_sign(verb: object) -> str:
    """Return the sign of a plan's verb: + ~ = or a minus."""
    return SIGNS.get(str(verb), "?")


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "?"


@register.filter
def pct(share: float | None) -> str:
    """Return a percentage for an SVG coordinate; it takes a point in every language."""
    return f"{float(share or 0):.2f}%"


# A full board draws some 350 cards with a ring, a light and icons: each drawing is made once.
drawn_once = lru_cache(maxsize=1024)


@drawn_once
def draw_icon(source: str, name: str, label: str) -> SafeString:
    """Return the SVG of an icon in the file at `source`."""
    if not label:
        return format_html(
            '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', source, name
        )
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
        label,
        source,
        name,
    )


@drawn_once
def draw_pill(source: str, status: str, word: str) -> SafeString:
    """Return a pill whose icon is in the file at `source`."""
    look = look_of(status)
    drawing = draw_icon(source, look.icon, "")
    return format_html('<span class="pill {}">{}{}</span>', look.tone, drawing, word or look.word)


@drawn_once
def draw_light(source: str, answer: str) -> SafeString:
    """Return a light whose icon is in the file at `source`."""
    look = look_of(answer) if answer else NOT_ASKED
    return format_html(
        '<span class="light {}">{}<span><span class="visually-hidden">Capacity: </span>{}'
        "</span></span>",
        look.tone,
        draw_icon(source, look.icon, ""),
        look.word,
    )


@register.simple_tag
def icon(name: str, *, label: str = "") -> SafeString:
    """Return an icon; silent beside words, named by `label` where it stands alone."""
    return draw_icon(static(ICONS), name, label)


@register.simple_tag
def pill(status: object, *, word: str = "") -> SafeString:
    """Return a status as a pill: a tone, an icon and a word, so colour never stands alone."""
    return draw_pill(static(ICONS), str(status), word)


@register.simple_tag
def light(answer: object = "") -> SafeString:
    """Return the capacity light: an answer in its tone, with its word."""
    return draw_light(static(ICONS), str(answer or ""))


@register.simple_tag
@drawn_once
def ring(met: int, total: int, *, size: str = "small") -> SafeString:
    """Return the gate ring: how many of a gate's conditions hold, drawn and in figures."""
    share = round(RING_ROUND * min(met, total) / total) if total else 0
    tone = "good" if total and met >= total else "open"
    return format_html(
        '<span class="ring {} {}"><svg viewBox="0 0 20 20" aria-hidden="true">'
        '<circle class="ring-rest" cx="10" cy="10" r="8"/>'
        '<circle class="ring-done" cx="10" cy="10" r="8" pathLength="{}"'
        ' stroke-dasharray="{} {}" transform="rotate(-90 10 10)"/></svg>'
        '<span><span class="visually-hidden">Conditions met: </span>{}/{}</span></span>',
        size,
        tone,
        RING_ROUND,
        share,
        RING_ROUND,
        met,
        total,
    )
