"""What holds of every page, whoever reads it: rendered from the demonstration, and parsed."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.web.every_page import named_pages, tell_demonstration
from throughline.people.models import User
from throughline.web.middleware import POLICY


class Inspector(HTMLParser):
    """Notes what a strict content security policy would not let work, and what breaks a page."""

    def __init__(self):
        super().__init__()
        self.problems, self.ids, self.headings = [], [], 0
        self.fields, self.labelled = [], set()
        self.within_labels = 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "style" or "style" in given or "hx-on" in given:
            self.problems.append(f"<{tag}> has a style of its own")
        if tag == "script" and not given.get("src"):
            self.problems.append("a script without an address")
        self.problems += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        if str(given.get("href", "")).startswith("javascript:"):
            self.problems.append("a link that is a script")
        self.headings += tag == "h1"
        self.ids += [given["id"]] if "id" in given else []
        self.within_labels += tag == "label"
        if tag == "label" and given.get("for"):
            self.labelled.add(given["for"])
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            names_itself = given.get("aria-label") or given.get("aria-labelledby")
            if not names_itself and not self.within_labels:
                self.fields.append(given.get("id"))

    def handle_endtag(self, tag):
        self.within_labels -= tag == "label"

    def found(self):
        """Return all problems, those of the whole page as well."""
        twice = {one for one in self.ids if self.ids.count(one) > 1}
        bare = [one for one in self.fields if one not in self.labelled]
        aimless = sorted(self.labelled - set(self.ids))
        return [
            *self.problems,
            *(f"the label for {one} is of no field" for one in aimless),
            *(f"the id {one} is given twice" for one in sorted(twice)),
            *(f"the field {one} has no label" for one in bare),
            *([] if self.headings == 1 else [f"{self.headings} headings of the first level"]),
        ]


def inspected(text):
    inspector = Inspector()
    inspector.feed(text)
    return inspector.found()


@pytest.fixture
def demonstration(db):
    tell_demonstration()


def test_every_page_obeys_its_own_policy_and_is_sound(demonstration):
    client = Client()
    client.force_login(User.objects.get(username="admin"))

    problems = {}
    for address in [
        *(address for _name, address in named_pages()),
        "/engagements/?view=all",
        "/renewals/?view=all",
        "/nothing/",
        "/renewals/?pretend=2031-01-01",
    ]:
        response = client.get(address)
        found = inspected(response.content.decode())
        if response.status_code != (404 if address == "/nothing/" else 200):
            found.append(f"status {response.status_code}")
        if response.headers["Content-Security-Policy"] != POLICY:
            found.append("no policy")
        if found:
            problems[address] = found

    assert problems == {}


def test_pages_for_those_who_are_not_signed_in_are_sound(db):
    client = Client()
    found = {
        address: inspected(client.get(address).content.decode())
        for address in ("/sign-in/", "/?token=wrong", "/s/wrong/", "/sign-in/?token=wrong")
    }

    assert {address: problems for address, problems in found.items() if problems} == {}


def test_page_of_a_broken_server_needs_nothing_but_itself(db, monkeypatch, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "nothing-was-collected"
    hashed = {"BACKEND": "throughline.web.static_files.HashedFiles"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
    monkeypatch.setattr("throughline.web.people.views.connection", None)

    response = Client(raise_request_exception=False).get("/healthz")

    assert (response.status_code, inspected(response.content.decode())) == (500, [])
    assert "Something broke here" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('<h1>x</h1><p style="color: red">', "<p> has a style of its own"),
        ("<h1>x</h1><script>x</script>", "a script without an address"),
        ('<h1>x</h1><a onclick="x">', "<a onclick>"),
        ('<h1>x</h1><a href="javascript:x">', "a link that is a script"),
        ('<h1 id="a">x</h1><p id="a">', "the id a is given twice"),
        ('<h1>x</h1><input id="a">', "the field a has no label"),
        ('<h1>x</h1><label>n</label><input id="a">', "the field a has no label"),
        ("<p>", "0 headings of the first level"),
    ],
)
def test_inspector_sees_what_it_looks_for(text, problem):
    assert inspected(text) == [problem]
