"""Reading stored files back: whole, unchanged, and for what they are."""

import hashlib
import io
import zipfile

from throughline.documents.actions import path_of
from throughline.documents.models import Document
from throughline.kernel.errors import Refused

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
UNKNOWN = "application/octet-stream"
PDF_START, PDF_END = b"%PDF-", b"%%EOF"
TAIL = 2048  # bytes in which a PDF says that it ends
ZIP_START = b"PK\x03\x04"


def sniffed(content: bytes) -> str:
    """Return what a file is by what it holds: its name and what a browser says may be wrong."""
    # From the first byte on, although readers forgive: what begins otherwise may be two things.
    if content.startswith(PDF_START) and PDF_END in content[-TAIL:]:
        return PDF
    if not content.startswith(ZIP_START):
        return UNKNOWN
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names:
                return DOCX
            is_odt = "mimetype" in names and archive.getinfo("mimetype").file_size == len(ODT)
            return ODT if is_odt and archive.read("mimetype") == ODT.encode() else UNKNOWN
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return UNKNOWN


def content_of(document: Document) -> bytes:
    """Return the bytes of a stored file.

    Raises:
        Refused: they are gone, or no longer those that were stored.
    """
    try:
        content = path_of(document.sha256).read_bytes()
    except OSError as error:
        raise Refused(
            f"{document.name} is not where it was stored: {error.strerror}.",
            remedy="Bring it back from a backup, or upload the same file again.",
        ) from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Refused(
            f"{document.name} no longer has the content that was stored.",
            remedy="Do not use it. Bring it back from a backup, or upload the same file again.",
        )
    return content
