"""The library of components shows all there are; what styles are written for is used somewhere."""

import re
from pathlib import Path

import pytest

from throughline.web import __file__ as web
from throughline.web import navigation

WEB = Path(web).parent
STATIC, TEMPLATES = WEB / "static" / "web", WEB / "templates"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)(?=[^;{}]*\{)")
GIVEN_BY_OTHERS = {"htmx-request", "no-print"}  # by htmx; for whoever writes a page


@pytest.fixture
def page(browser):
    """Return the library as BD sees it, with all that is drawn once drawn anew."""
    navigation._draw.cache_clear()
    return browser("BD").get("/design/")


def styles():
    """Return each style sheet's text by its name, without comments."""
    return {path.name: COMMENT.sub("", path.read_text()) for path in STATIC.glob("*.css")}


def test_library_shows_every_component_there_is(page):
    used = {template.name for template in page.templates}
    components = {f"components/{one.name}" for one in (TEMPLATES / "components").glob("*.html")}

    assert components - used == set()


def test_library_shows_every_token_with_its_name(page):
    text, tokens = page.content.decode(), re.findall(r"--([\w-]+):", styles()["tokens.css"])

    assert [name for name in tokens if f"<code>{name}</code>" not in text] == []
    assert text.count('fill="var(--paper)"') == 2  # light and dark


def test_every_token_that_is_used_is_one_and_every_one_is_used():
    sheets = styles()
    local = {name for text in sheets.values() for name in re.findall(r"--([\w-]+):", text)}
    own = set(re.findall(r"--([\w-]+):", sheets["tokens.css"]))
    asked = {name for text in sheets.values() for name in re.findall(r"var\(--([\w-]+)", text)}

    assert (asked - local, own - asked) == (set(), set())


def test_every_class_that_has_a_style_is_used():
    code = [*WEB.rglob("*.html"), *WEB.parent.rglob("*.py"), *STATIC.glob("*.js")]
    written = "\n".join(path.read_text() for path in code)
    words = set(re.findall(r"[\w-]+", written))

    unused = {
        (name, sheet)
        for sheet, text in styles().items()
        for name in CLASS.findall(text)
        if name not in words | GIVEN_BY_OTHERS
    }
    assert unused == set()


def test_colours_are_named_in_one_place_only():
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(")
    found = {name: literal.findall(text) for name, text in styles().items() if name != "tokens.css"}

    assert {name: colours for name, colours in found.items() if colours} == {
        "base.css": ["#fff"],  # paper, where it is printed on
        "components.css": ["rgb("],  # what lies behind a dialog
    }
