"""What a file may be that shows something: pictures, recordings, documents, plain text."""

from pathlib import PurePath
from typing import Final

from throughline.documents.reading import UNKNOWN, sniffed

TEXT: Final = "text/plain"
TEXT_NAMES: Final = frozenset({".txt", ".md", ".csv", ".log", ".json", ".yaml", ".yml"})
ACCEPTED: Final = (
    "PNG, JPEG, GIF or WebP pictures, MP4 or WebM recordings, PDF, Word or OpenDocument texts,"
    " and plain text"
)
STARTS: Final = {  # what a kind begins with, from a byte on
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/gif": (0, b"GIF8"),
    "image/webp": (8, b"WEBP"),
    "video/mp4": (4, b"ftyp"),
    "video/webm": (0, b"\x1a\x45\xdf\xa3"),
}


def kind_of_proof(content: bytes, name: str) -> str:
    """Return what a file is by what it holds; "" where it may not be stored as something that shows.

    Text is told by its name, too: what a browser would run is none.
    """
    for kind, (place, start) in STARTS.items():
        if content[place : place + len(start)] == start:
            return kind
    found = sniffed(content)
    if found != UNKNOWN:
        return found
    return TEXT if PurePath(name).suffix.casefold() in TEXT_NAMES and _is_text(content) else ""


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
