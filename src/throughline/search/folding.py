"""Words as they are compared: without case and accents, the same in every database."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from throughline.handoff.outside.github_texts import AMOUNT
from throughline.kernel.money import HIDDEN, without_amounts

LONGEST_WORD: Final = 64
MOST_WORDS: Final = 4000  # of one thing; what comes after is not searched
# A run of letters and digits with what is written above them. Chinese and Japanese put no spaces
# between words, so there each sign is one.
SIGNS: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD: Final = re.compile(rf"[{SIGNS}]|(?:[^\W_{SIGNS}]|[\u0300-\u036f])+")
PLAIN: Final = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Beside what names its currency: figures with thousands or many digits, and cents.
BARE: Final = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d{3,})\.\d{2}(?![\d.]*\d)")


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """Return a word without case and accents: "Zürich" and "ZURICH" are one."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return bare.translate(PLAIN)[:LONGEST_WORD]


def clean(text: str) -> str:
    """Return a text without control characters, composed as people type it, and without amounts."""
    composed = unicodedata.normalize("NFC", CONTROL.sub(" ", text))
    return BARE.sub(HIDDEN, AMOUNT.sub(HIDDEN, without_amounts(composed)))


def words_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of a text, folded, with where it begins and ends."""
    for found in WORD.finditer(text):
        if word := folded(found.group()):
            yield word, found.start(), found.end()


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in order; at most as many as are searched."""
    found = []
    for word, _start, _end in words_in(text.replace(HIDDEN, " ")):
        found.append(word)
        if len(found) == MOST_WORDS:
            break
    return found


def exact(text: str) -> str:
    """Return an id or an address as it is compared: without case, ends and repeated spaces."""
    plain = " ".join(CONTROL.sub(" ", text).split()).casefold()
    return plain.removeprefix("https://").removeprefix("http://").rstrip("/")[:250]
