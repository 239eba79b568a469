"""Files of an agreement: what they are, who confirmed them, and what they make executed."""

import io
import zipfile
from datetime import date
from hashlib import sha256

import pytest

from tests.factories import BD, SPONSOR, make_person
from tests.sales.agreements_world import (
    CSS,
    OTHER_PDF,
    PDF,
    UNIVERSITY,
    acts,
    amend,
    confirm,
    executed,
    how,
    make_agreed,
    make_executed,
    move,
    states,
    upload,
)
from throughline.documents.actions import path_of
from throughline.documents.models import Document
from throughline.documents.reading import DOCX, ODT, content_of, sniffed
from throughline.documents.reading import PDF as PDF_TYPE
from throughline.kernel.errors import Refused
from throughline.people.words import RoleName
from throughline.sales.actions.copies import reject_copy
from throughline.sales.models import Agreement, AgreementCopy, Signatory
from throughline.sales.words import CopyRole, SigningState

pytestmark = pytest.mark.django_db
HASH = sha256(PDF).hexdigest()
SIGNED_ON_PAPER = {CSS: date(2026, 2, 20), UNIVERSITY: date(2026, 2, 27)}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, PDF_TYPE),
        (b"%PDF-1.4 cut off", "application/octet-stream"),
        (b"<html>" + PDF, "application/octet-stream"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (archive(word__document_xml="<w/>"), DOCX),
        (archive(mimetype=ODT), ODT),
        (archive(readme="no text"), "application/octet-stream"),
        (b"PK\x03\x04 broken", "application/octet-stream"),
    ],
)
def test_file_is_what_it_holds_whatever_its_name_says(content, kind):
    assert sniffed(content) == kind


def test_copy_signed_on_paper_counts_once_a_second_person_confirms_it():
    deal = make_agreed()

    upload(deal, signed=SIGNED_ON_PAPER)
    assert (executed(deal), states(deal)) == (False, ["to_send", "to_send"])
    copy = confirm(deal, HASH)

    assert executed(deal)
    assert (copy.added_by, copy.confirmed_by) == (SPONSOR, BD)
    assert list(Signatory.objects.order_by("position").values_list("signed_on", "way")) == [
        (date(2026, 2, 20), "wet_ink"), (date(2026, 2, 27), "wet_ink"),
    ]  # fmt: skip


def test_one_person_cannot_upload_and_confirm():
    deal = make_agreed()
    upload(deal, signed=SIGNED_ON_PAPER, by="ada")

    with pytest.raises(Refused) as refused:
        confirm(deal, HASH, by=" ADA ")

    assert refused.value.message == (
        "An executed copy needs two persons, and ada did the first part."
    )
    assert not executed(deal)


def test_somebody_of_ps_cannot_confirm_what_they_may_not_read():
    make_person("pia", RoleName.PS)
    deal = make_agreed()
    upload(deal, signed=SIGNED_ON_PAPER)

    with pytest.raises(Refused) as refused:
        confirm(deal, HASH, by="pia")

    assert refused.value.message == "pia may not confirm an executed copy."


@pytest.mark.parametrize("told", ["", "abc", HASH[:11], "0" * 64, f"{HASH}0"])
def test_copy_is_confirmed_by_its_own_hash_only(told):
    deal = make_agreed()
    upload(deal, signed=SIGNED_ON_PAPER)

    with pytest.raises(Refused) as refused:
        confirm(deal, told)

    assert refused.value.message == "That is not the hash of the copy that waits."
    assert AgreementCopy.objects.get().confirmed_at is None


def test_copy_that_lacks_a_signature_is_refused():
    deal = make_agreed()
    move(deal, CSS, SigningState.SIGNED)

    with pytest.raises(Refused) as refused:
        upload(deal)

    assert refused.value.message == (
        "An executed copy bears every signature; that of University is missing."
    )
    assert (AgreementCopy.objects.count(), Document.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "role", "message"),
    [
        (b"MZ\x90\x00", CopyRole.EXECUTED, "a.pdf is not what its name says."),
        (archive(word__document_xml="<w/>"), CopyRole.EXECUTED, "a.pdf is not what its name says."),
        (b"<script>", CopyRole.TO_SIGN, "a.pdf is not what its name says."),
        (b"", CopyRole.TO_SIGN, "a.pdf is empty."),
        (
            PDF + b" " * (25 * 1024 * 1024) + b"%%EOF",
            CopyRole.TERMS,
            "a.pdf is larger than 25 MiB.",
        ),
    ],
    ids=["programme", "word", "script", "empty", "large"],
)
def test_file_that_it_should_not_be_is_refused_and_nothing_is_kept(content, role, message):
    deal = make_executed() if role == CopyRole.EXECUTED else make_agreed()

    with pytest.raises(Refused) as refused:
        upload(deal, content, role)

    assert (refused.value.message, AgreementCopy.objects.count()) == (message, 0)


def test_same_file_again_is_the_same_copy():
    deal = make_executed()

    assert upload(deal) == upload(deal, name="again.pdf")

    assert AgreementCopy.objects.count() == 1


def test_second_copy_waits_until_the_first_is_confirmed_or_rejected():
    deal = make_executed()
    upload(deal)

    with pytest.raises(Refused) as refused:
        upload(deal, OTHER_PDF)
    assert refused.value.message == "Another copy waits: sol has uploaded it."

    reject_copy(deal.pk, why="A page is missing.", **how())
    upload(deal, OTHER_PDF)
    confirm(deal, sha256(OTHER_PDF).hexdigest())
    assert acts(deal)[-3:] == ["sales.copy.rejected", "sales.copy.added", "sales.copy.confirmed"]


def test_confirmed_copy_is_not_replaced():
    deal = make_executed()
    upload(deal)
    confirm(deal, HASH)

    with pytest.raises(Refused) as refused:
        upload(deal, OTHER_PDF)

    assert refused.value.message == "The executed copy is here: ada has confirmed it."


def test_version_to_be_signed_is_not_changed_after_execution():
    deal = make_executed()

    with pytest.raises(Refused) as refused:
        upload(deal, OTHER_PDF, CopyRole.TO_SIGN)

    assert refused.value.message == (
        "Service Agreement Agreement is executed and no longer changes."
    )


def test_copy_of_the_agreement_is_kept_while_its_amendment_is_being_signed():
    deal = make_executed()
    first = Agreement.objects.get()
    amend(deal, scope="A second hub.")

    upload(deal, of=first.pk)

    assert AgreementCopy.objects.get().agreement == first
    with pytest.raises(Refused):
        upload(deal, OTHER_PDF, of=first.pk + 1000)


def test_copy_that_waits_is_rejected_with_a_reason_only():
    deal = make_executed()

    with pytest.raises(Refused) as refused:
        reject_copy(deal.pk, why="x", **how())
    assert refused.value.message == f"No executed copy of {deal} waits to be confirmed."
    upload(deal)
    with pytest.raises(Refused):
        reject_copy(deal.pk, why=" ", **how())

    assert AgreementCopy.objects.count() == 1


def test_stored_file_that_was_tampered_with_is_not_handed_out():
    document = upload(make_executed()).document
    assert content_of(document) == PDF

    path_of(document.sha256).write_bytes(OTHER_PDF)
    with pytest.raises(Refused) as changed:
        content_of(document)
    path_of(document.sha256).unlink()
    with pytest.raises(Refused) as gone:
        content_of(document)

    assert changed.value.message == "a.pdf no longer has the content that was stored."
    assert gone.value.message == "a.pdf is not where it was stored: No such file or directory."
