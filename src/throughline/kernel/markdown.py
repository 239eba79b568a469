"""Words of people in Markdown: they read as they were typed."""

import re

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


def escaped(text: str) -> str:
    """Return a text that Markdown reads as itself."""
    return SPECIAL.sub(r"\\\1", text)
