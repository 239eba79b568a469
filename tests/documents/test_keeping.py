"""Stored files: the same bytes once, whole or not at all."""

import hashlib

import pytest

from tests.factories import NOON
from throughline.documents.actions import LARGEST, keep_document, path_of, write_atomically
from throughline.documents.models import Document
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


def keep(content=b"signed", name="agreement.pdf"):
    return keep_document(content, name=name, by="ada", at=NOON)


def test_file_is_kept_under_its_hash_with_what_it_is(home):
    found = keep()

    sha256 = hashlib.sha256(b"signed").hexdigest()
    assert (found.sha256, found.name, found.media_type, found.size) == (
        sha256, "agreement.pdf", "application/pdf", 6,
    )  # fmt: skip
    assert path_of(sha256) == home / "documents" / sha256[:2] / sha256
    assert path_of(sha256).read_bytes() == b"signed"
    assert Entry.objects.about(found).get().facts == {"name": "agreement.pdf", "sha256": sha256}


def test_same_bytes_again_are_the_same_document():
    first = keep()

    assert keep(name="copy.pdf") == first
    assert (Document.objects.get().name, Entry.objects.count()) == ("agreement.pdf", 1)


def test_name_loses_the_folders_before_it():
    assert keep(name="../../etc/passwd").name == "passwd"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.pdf is empty. Choose the file again."),
        (b"x" * (LARGEST + 1), "a.pdf is larger than 25 MiB. Store it elsewhere and link to it."),
    ],
)
def test_file_that_is_empty_or_too_large_is_refused_and_nothing_is_written(home, content, message):
    with pytest.raises(Refused) as refused:
        keep(content, name="a.pdf")

    assert str(refused.value) == message
    assert (Document.objects.count(), list(home.iterdir())) == (0, [])


def test_largest_file_is_kept():
    assert keep(b"x" * LARGEST).size == LARGEST


def test_file_written_anew_is_whole_and_leaves_no_parts(tmp_path):
    path = tmp_path / "deep" / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")

    assert (path.read_bytes(), [one.name for one in path.parent.iterdir()]) == (b"new", ["file"])


def test_file_that_cannot_be_written_keeps_the_old_one_and_leaves_no_parts(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")

    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")

    assert (path.read_bytes(), [one.name for one in tmp_path.iterdir()]) == (b"old", ["file"])
