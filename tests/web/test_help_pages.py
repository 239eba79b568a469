"""Help: every page leads to the document that fits it, and every document reads well inside."""

import re

import pytest

from tests.web.every_page import NOT_PAGES
from tests.web.test_access import EXPECTED, SIGNED_IN
from throughline.web.help.fitting import FITTING, fitting
from throughline.web.help.manual import (
    FOLDER,
    INDEX,
    WORDS,
    address_of,
    document,
    documents,
    glossary,
)

DOORS = {"sign-in", "password-forgot", "password-set", "unsubscribe"}  # nobody is signed in there
BY_LINK = {"champion", "data-question", "own-record", "scope", "signed-link", "work-link"}
WITHOUT = {"help", "help-page"}
PAGES = sorted(
    name
    for name, (method, _who) in EXPECTED.items()
    if method == "get" and name not in NOT_PAGES | DOORS | BY_LINK | WITHOUT
)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_document_that_helps_with_it(name):
    slug, _, part = fitting(name).partition("#")

    assert slug in documents()
    assert not part or part in document(slug).anchors


def test_every_document_that_helps_is_there():
    assert {one.partition("#")[0] for one in FITTING.values()} - set(documents()) == set()


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "Begin the day"),
        ("/pipeline/", "Stages and gates"),
        ("/capacity/", "Keep the team's hours"),
        ("/verification/", "Verify a delivery"),
        ("/billing/", "Bill the cloud"),
        ("/budgets/", "Watch budgets"),
        ("/renewals/", "Renew, extend or end"),
        ("/communities/", "Keep a community's record"),
    ],
)
def test_page_links_its_help_beside_its_title(browser, address, title):
    client = browser("Admin")
    text = client.get(address).content.decode()
    links = re.findall(
        r'<a class="page-help[^"]*" href="([^"]+)" rel="help">.*?Help: ([^<]+)</a>', text
    )

    assert [words.replace("&#x27;", "'") for _url, words in links] == [title]
    assert client.get(links[0][0]).status_code == 200


def test_links_within_the_documents_lead_to_pages_and_parts_that_are_there(browser):
    client = browser("stranger")
    broken = []
    for slug in documents():
        for link in re.findall(r'href="(/[^"]*)"', document(slug).html):
            path, _, part = link.partition("#")
            target = INDEX if path == "/help/" else path.removeprefix("/help/").rstrip("/")
            found = document(target)
            if found is None or (part and part not in found.anchors):
                broken.append((slug, link))
    answers = {client.get(address_of(slug)).status_code for slug in documents()}

    assert (broken, answers) == ([], {200})


def test_document_shows_its_own_html_as_text_and_links_to_nothing_outside_the_manual():
    for slug in documents():
        html = str(document(slug).html)
        assert not re.search(r"<(script|style|iframe|img|form|input)\b", html), slug
        assert ".md" not in "".join(re.findall(r'href="([^"]*)"', html)), slug


def test_contents_name_every_document(browser):
    text = browser("Sponsor").get("/help/").content.decode()

    missing = [slug for slug in documents() if f'href="{address_of(slug)}' not in text]
    assert missing == []


def test_each_word_of_the_glossary_can_be_linked_to():
    words = document(WORDS)

    assert len(glossary()) > 60
    assert [word for word, where in glossary() if where not in words.anchors] == []
    assert ("Gate", "gate") in document("how-to/settle-a-gate-that-was-bypassed").words


def test_document_that_is_not_there_is_not_found_and_no_path_leads_out(browser):
    client = browser("BD")
    wanted = ["nothing", "../README", "how-to/../../pyproject", "/etc/passwd", "words/x"]

    assert {client.get(f"/help/{slug}/").status_code for slug in wanted} == {404}


def test_documents_are_the_ones_of_the_repository_and_not_a_copy():
    assert (FOLDER / "docs").resolve() == FOLDER.parents[2] / "docs"
    assert EXPECTED["help"][1] == SIGNED_IN
