"""What people bring to show that something is done: under their name, as words, link or file."""

import pytest

from tests.factories import BD, NOON, PS, make_deliverable, make_engagement, make_person
from throughline.delivery.actions.deliverables import give_evidence, mark_done
from throughline.delivery.actions.proofs import ProofFile
from throughline.delivery.models import Deliverable, Evidence
from throughline.delivery.queries import deliverables_of
from throughline.delivery.shapes import evidence_shape
from throughline.documents.actions import LARGEST
from throughline.documents.models import Document
from throughline.documents.reading import content_of
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n and the rest"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def promised(db):
    return make_deliverable(make_engagement())


def give(deliverable, *, text="", link="", file=None, by=PS):
    return give_evidence(deliverable.pk, text=text, link=link, file=file, by=by, at=NOON)


def test_file_is_kept_once_by_its_content_with_who_brought_it(promised):
    first = give(promised, text="The login.", file=ProofFile(PNG, "login.png"))
    second = give(promised, file=ProofFile(PNG, "again.png"), by=BD)

    assert (first.document, Document.objects.count()) == (second.document, 1)
    assert content_of(first.document) == PNG
    assert (second.by, second.at, second.kind, second.state) == (BD, NOON, "manual", "found")
    assert evidence_shape(first)["file"] == {
        "name": "login.png", "sha256": first.document.sha256, "bytes": len(PNG),
    }  # fmt: skip
    assert Deliverable.objects.get().state == "planned"
    given = Entry.objects.filter(act="delivery.evidence.given").order_by("pk")
    assert [one.facts for one in given] == [
        {"text": "The login.", "link": "", "file": "login.png"},
        {"text": "", "link": "", "file": "login.png"},
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0"), ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("a.gif", b"GIF89a"), ("demo.mp4", b"\x00\x00\x00\x18ftypmp42"),
        ("demo.webm", b"\x1a\x45\xdf\xa3"), ("a.pdf", b"%PDF-1.7\n%%EOF"),
        ("users.csv", "name,when\nÜna,today\n".encode()),
    ],
)  # fmt: skip
def test_what_can_show_something_is_taken_by_what_it_holds(name, content, promised):
    assert give(promised, file=ProofFile(content, name)).document.name == name


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<script>1</script>", "page.html is no file that shows something."),
        ("logo.svg", b"<svg/>", "logo.svg is no file that shows something."),
        ("run.png", b"MZ\x90", "run.png is no file that shows something."),
        ("notes.txt", b"\xff\xfe\x00", "notes.txt is no file that shows something."),
        ("empty.png", b"", "empty.png is empty."),
        ("big.png", PNG + bytes(LARGEST), "big.png is larger than 25 MiB."),
    ],
)
def test_file_that_shows_nothing_is_refused_and_nothing_is_kept(name, content, said, promised):
    with pytest.raises(Refused) as refused:
        mark_done(promised.pk, evidence="", link="", file=ProofFile(content, name), by=PS, at=NOON)

    assert refused.value.message == said
    promised.refresh_from_db()
    assert (promised.state, Evidence.objects.count(), Document.objects.count()) == ("planned", 0, 0)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x.org", "x", "https://"])
def test_link_that_leads_nowhere_or_runs_something_is_refused(link, promised):
    with pytest.raises(Refused, match="is no link"):
        give(promised, link=link)


def test_evidence_needs_something_and_somebody_who_may(promised):
    with pytest.raises(Refused, match="What shows it"):
        give(promised, text=" ")
    make_person("lee", RoleName.SPONSOR)
    with pytest.raises(NotEntitled):
        give(promised, text="It runs.", by="lee")
    Deliverable.objects.update(state="dropped")
    with pytest.raises(Refused, match="took “Phase 1” out"):
        give(promised, text="It runs.")


def test_files_cost_no_query_more_for_three_than_for_one(promised, django_assert_num_queries):
    engagement = promised.project.engagement

    def looked():
        [one] = deliverables_of(engagement)
        return [evidence_shape(each)["file"] for each in one.evidence.all()]

    give(promised, file=ProofFile(PNG, "1.png"))
    with django_assert_num_queries(5):
        assert len(looked()) == 1
    give(promised, file=ProofFile(PNG + b"2", "2.png"))
    give(promised, file=ProofFile(PNG + b"3", "3.png"))
    with django_assert_num_queries(5):
        assert len(looked()) == 3
