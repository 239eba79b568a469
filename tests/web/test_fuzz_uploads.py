"""Every address that takes a file, under files that nobody should send: refused, or served safely."""

import random
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.web.fuzzing import all_likely, files, recorded
from tests.web.test_access import address_of, world  # noqa: F401 -- a fixture
from tests.web.test_fuzz_forms import (  # noqa: F401 -- a fixture
    UPLOADS,
    asked,
    everybody,
    rows,
    wrong_with,
)
from throughline.delivery.models import Evidence
from throughline.documents.models import Document
from throughline.sales.models import AgreementCopy

pytestmark = pytest.mark.django_db
SAFELY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
RUN_BY_BROWSERS = {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"}


def served_at():
    """Return the addresses that hand out what was stored last, whatever it was stored as."""
    document = Document.objects.order_by("-pk").first()
    proofs = Evidence.objects.filter(document=document).values_list("pk", flat=True)
    copies = AgreementCopy.objects.filter(document=document).values_list("agreement__deal", "pk")
    return [
        *(reverse("web:evidence-file", args=[pk]) for pk in proofs),
        *(reverse("web:agreement-file", args=pair) for pair in copies),
    ]


def unsafe(answer):
    """Return what is wrong with how a stored file is handed out; "" where nothing is."""
    kind = answer.headers["Content-Type"].split(";")[0]
    if kind in RUN_BY_BROWSERS:
        return f"served as {kind}"
    if not answer.headers.get("Content-Disposition", "").startswith("attachment"):
        return "not as a download"
    return "" if SAFELY.items() <= answer.headers.items() else "without a policy of its own"


def beside_the_file(client, address, monkeypatch):
    """Return what is likely to be sent to an address beside the file."""
    with recorded(monkeypatch) as reading:
        asked(client, "post", address, {})
    return all_likely(reading, random.Random(address))


def test_no_file_breaks_a_page_or_is_served_as_what_a_browser_runs(everybody, world, monkeypatch):  # noqa: F811 -- the fixtures' names
    addresses = {name: address_of(name, world) for name in sorted(UPLOADS)}
    before, problems, stored = rows(), [], 0
    for name, address in addresses.items():
        sent = beside_the_file(everybody, address, monkeypatch)
        for called, content in files().items():
            told = f"{name} of {called[:40]}"

            def served():
                if Document.objects.count() == before["documents_document"]:
                    return []
                return [(where, unsafe(everybody.get(where))) for where in served_at()]

            try:
                with_file = sent | {"file": SimpleUploadedFile(called, content)}
                answer, left, found = asked(everybody, "post", address, with_file, then=served)
            except Exception as error:  # noqa: BLE001 -- the test tells which address broke
                problems.append(f"{told}: {error!r}"[:400])
                continue
            stored += len(found)
            problems += [f"{told}: {wrong}" for _where, wrong in found if wrong]
            if wrong := wrong_with(answer, left, before):
                problems.append(f"{told}: {wrong}")

    assert "\n".join(problems) == ""
    assert stored > 10
    home = Path(settings.HOME)
    kept = {path.parent.parent.name for path in home.rglob("*") if path.is_file()}
    assert kept <= {"documents", home.name, home.parent.name}
