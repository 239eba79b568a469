"""What goes over the wire: pages compressed, static files hashed, compressed and kept for good."""

import gzip
import re

import pytest
from django.core.management import call_command
from django.test import Client

GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}


def test_page_is_compressed_for_those_who_can_read_it(browser):
    client = browser("BD")
    plain, packed = client.get("/playbook/"), client.get("/playbook/", **GZIP)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b"<h1" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2


def test_length_of_the_same_page_differs_so_that_nobody_can_guess_by_it(db):
    client = Client()
    lengths = {len(client.get("/sign-in/", **GZIP).content) for _ in range(30)}

    assert len(lengths) > 5


def test_form_token_is_another_one_in_each_answer(db):
    client = Client()
    token = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
    tokens = {token.search(client.get("/sign-in/").content).group(1) for _ in range(3)}

    assert len(tokens) == 3


@pytest.fixture
def collected(settings, tmp_path):
    """Lay the static files out as a start does, and serve them from there."""
    settings.STATIC_ROOT = tmp_path / "static"
    hashed = {"BACKEND": "throughline.web.static_files.HashedFiles"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    call_command("collectstatic", verbosity=0, interactive=False)


def test_static_files_have_hashed_names_and_are_kept_for_good(collected, db):
    client = Client()  # its middleware is made now, and looks at what was laid out
    page = client.get("/sign-in/").content.decode()
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page)

    assert len(addresses) > 2
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", address), address
        answer = client.get(address, **GZIP)
        body = b"".join(answer.streaming_content)
        assert "immutable" in answer.headers["Cache-Control"]
        assert (answer.headers["Content-Encoding"], body[:2]) == ("gzip", b"\x1f\x8b")
