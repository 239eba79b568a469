"""A number of the process: drawn in Python, since its pages are tables of them."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class Counted(Protocol):
    """A number as it reads, with the address of the list that it counts, and how many are in it."""

    text: str
    url: str
    count: int


@register.simple_tag
def number(one: Counted) -> SafeString:
    """Return a number that opens its list."""
    return format_html('<a href="{}" data-count="{}">{}</a>', one.url, one.count, one.text)
