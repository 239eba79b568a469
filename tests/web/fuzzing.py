"""Finding the fields that an address reads, and filling them with what nobody should send."""

import io
import random
import zipfile
from collections.abc import Callable
from contextlib import contextmanager

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

NASTY = (
    "", " ", "x" * 70_000, "-1", "0", "99999999999999999999999", "1e400", "NaN",
    "-Infinity", "0.000000001", "👩‍👩‍👧‍👦" * 40, "\u202eevil\u202c مرحبا", "\ud7ff\uffff\U0010ffff", "0001-01-01",
    "9999-12-31", "2026-02-30", "12026-01-01", "<script>alert(1)</script>", "'; DROP TABLE sales_deal; --",
    "../../../etc/passwd", "{{ 7|add:7 }}%s%n", "[]", '{"a": [null]}', "null", "true", "\r\nSet-Cookie: a=b",
    "javascript:alert(1)", "https://[", "http://10.0.0.1:99999/", "a@b@c", "999999999999999999.999",
    "²", "٣", "1,000.00", "2026-W99", "2026-13", "0000-00", "-0",
)  # fmt: skip


def zipped(**files: bytes) -> bytes:
    """Return an archive of some files."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return kept.getvalue()


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BOMB_SIZE = 80_000_000  # bytes that a few kilobytes become


def files() -> dict[str, bytes]:
    """Return what people, and those who are none, may choose in a file field."""
    blank = b" " * BOMB_SIZE
    bomb = zipped(**{"[Content_Types].xml": blank, "xl__workbook.xml": blank})
    chance = random.Random(7)
    return {
        "nothing.csv": b"",
        "noise.pdf": chance.randbytes(3000),
        "noise.csv": chance.randbytes(3000),
        "page.html": HTML,
        "page.md": HTML,
        "drawing.svg": SVG,
        "drawing.png": SVG,
        "page.pdf": b"%PDF-1.7\n" + HTML + b"\n%%EOF",
        "picture.png": b"\x89PNG\r\n\x1a\n" + HTML,
        "bomb.xlsx": bomb,
        "bomb.docx": bomb,
        "wrong.xlsx": zipped(a=b"b"),
        "../../../../tmp/passwd.txt": b"root",
        "..\\..\\boot.ini": b"x",
        "a" * 300 + ".txt": b"x",
        "rtl\u202egpj.exe": b"MZ\x90\x00",
        "list.csv": b"a,b,c\n1,2\n\x00,,\n",
        "deep.toml": b"a = " + b"[" * 5000,
        "rows.csv": b"name,roles,weekly_hours\n" + b"x,y,z\n" * 2000,
        "bytes.md": b"\xff\xfe\x00\x00# Title",
    }


class Reading:
    """What an address looked up in what it was sent: names, and the fields of its forms."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.fields: dict[str, forms.Field] = {}


@contextmanager
def recorded(monkeypatch):
    """Note every name that is looked up in a request, and every form that is judged."""
    reading = Reading()

    def noting(look: Callable[..., object]) -> Callable[..., object]:
        def looked(self, key, *more, **ways):
            if isinstance(key, str) and isinstance(self, QueryDict):
                reading.names.add(key)
            return look(self, key, *more, **ways)

        return looked

    clean = forms.BaseForm.full_clean

    def full_clean(self):
        for name, field in self.fields.items() if self.is_bound else ():
            reading.fields[self.add_prefix(name)] = field
        clean(self)

    with monkeypatch.context() as patch:
        for name in ("get", "getlist", "__getitem__"):
            patch.setattr(MultiValueDict, name, noting(getattr(MultiValueDict, name)))
        patch.setattr(forms.BaseForm, "full_clean", full_clean)
        yield reading


# What somebody might well send, by kind of field; the first that fits counts.
LIKELY: tuple[tuple[type[forms.Field], tuple[str, ...]], ...] = (
    (forms.ModelChoiceField, ("1",)),
    (forms.BooleanField, ("on", "")),
    (forms.DateField, ("2026-03-09", "2026-07-01", "2027-03-31")),
    (forms.IntegerField, ("1", "3", "40")),  # decimals, too
    (forms.EmailField, ("ada@example.org",)),
    (forms.URLField, ("https://example.org/",)),
    (forms.Field, ("ada", "Something that was said.", "1")),
)


def plausible(field: forms.Field | None, chance: random.Random) -> object:
    """Return what somebody might well send for a field; None is one that no form describes."""
    if isinstance(field, forms.FileField):
        return SimpleUploadedFile("proof.txt", b"It works.")
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return chance.choice([str(value) for value, _label in field.choices] or [""])
    found = field or forms.Field()
    return chance.choice(next(values for kind, values in LIKELY if isinstance(found, kind)))


def all_nasty(reading: Reading, chance: random.Random) -> dict[str, object]:
    """Return something nasty for every field that is known."""
    return {name: chance.choice(NASTY) for name in sorted({*reading.names, *reading.fields})}


def all_likely(reading: Reading, chance: random.Random) -> dict[str, object]:
    """Return something likely for every field that is known."""
    names = sorted({*reading.names, *reading.fields})
    return {name: plausible(reading.fields.get(name), chance) for name in names}


def one_nasty(reading: Reading, chance: random.Random) -> dict[str, object]:
    """Return something likely for every field that is known, but for one."""
    sent = all_likely(reading, chance)
    if sent:
        nasty = chance.choice(NASTY)
        sent[chance.choice(list(sent))] = chance.choice([nasty, nasty, nasty, [nasty, "1"]])
    return sent
