"""What was asked for, and where it stands in a text."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from throughline.search.folding import clean, exact, words_in, words_of
from throughline.search.words import Thing

LONGEST_QUERY: Final = 200  # characters; nobody types more, and what is pasted begins with it
MOST_WANTED: Final = 12  # words
QUOTED: Final = 180  # characters of a text
PARAGRAPHS: Final = re.compile(r"\n\s*\n")
BEFORE: Final = 60  # of them, before the first word that was asked for


class Part(NamedTuple):
    """A piece of a text, and whether it was asked for."""

    text: str
    is_hit: bool


Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query: its words, the last of which may go on, and the whole of it as an id."""

    text: str
    words: tuple[str, ...]
    whole: str

    def is_one(self, word: str) -> bool:
        """Return whether a word of a text was asked for."""
        return word in self.words or (bool(self.words) and word.startswith(self.words[-1]))

    def found_in(self, thing: Thing) -> bool:
        """Return whether a thing, as its rows have it now, is what was asked for."""
        if self.whole and self.whole in map(exact, thing.ids):
            return True
        if not self.words:
            return False
        there = set(words_of(clean(thing.title)))
        there.update(words_of(clean(thing.searched)))
        *before, last = self.words
        return there.issuperset(before) and any(word.startswith(last) for word in there)


def wanted(text: str) -> Wanted:
    """Return what a text asks for. Any text will do: nothing in it is an operator."""
    asked = " ".join(clean(text[:LONGEST_QUERY]).split())
    words = tuple(dict.fromkeys(words_of(text[:LONGEST_QUERY])))[:MOST_WANTED]
    return Wanted(asked, words, exact(text[:LONGEST_QUERY]))


def marked(text: str, asked: Wanted) -> Parts:
    """Return a text in pieces, those that were asked for marked."""
    parts, done = [], 0
    for word, begin, end in words_in(text):
        if asked.is_one(word):
            if done < begin:
                parts.append(Part(text[done:begin], is_hit=False))
            parts.append(Part(text[begin:end], is_hit=True))
            done = end
    if done < len(text):
        parts.append(Part(text[done:], is_hit=False))
    return tuple(parts)


def quoted(text: str, asked: Wanted) -> Parts:
    """Return the piece of a text around the first word that was asked for; () where none is."""
    paragraphs = (" ".join(one.split()) for one in PARAGRAPHS.split(clean(text)))
    plain = " · ".join(one for one in paragraphs if one)
    first = next((begin for word, begin, _end in words_in(plain) if asked.is_one(word)), None)
    if first is None:
        return ()
    begin = _at_a_word(plain, max(0, first - BEFORE))
    end = min(len(plain), begin + QUOTED)
    piece = plain[begin:end]
    if end < len(plain):
        piece = piece.rpartition(" ")[0] or piece
    before, after = "… " if begin else "", " …" if end < len(plain) else ""
    return marked(f"{before}{piece}{after}", asked)


def _at_a_word(text: str, place: int) -> int:
    """Return where a word begins at or after a place."""
    return place if not place else text.find(" ", place) + 1
