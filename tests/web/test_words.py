"""One word, one thing: what CONTEXT.md says that we do not say stands on no page and in no answer."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "throughline"
LIST = (ROOT / "CONTEXT.md").read_text().partition("## Words that we do not say")[2]
FORBIDDEN = {
    word.strip(): instead.strip()
    for words, instead in re.findall(r"^- ([^:]+): (.+)$", LIST, re.MULTILINE)
    for word in words.split(",")
}
# Where another's word is said because it is theirs.
THEIRS = re.compile(
    r"customer number|customer or project n|client (secret|of your)|The client at your provider"
    r"|a new customer|customer_id|throughline billing customer| is customer |email or github_id"
    r"|\{\"email\": |\bcolor:"
)
PATTERN = re.compile(
    rf"(?<![\w/._-])(?:{'|'.join(map(re.escape, FORBIDDEN))})(?![\w/.]\w|[\w=-])", re.I
)
NOT_SHOWN = re.compile(
    r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<script.*?</script>|\{%(?!\s*include).*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
SHOWN_VALUES = re.compile(r'\b(?:aria-label|placeholder|title|alt|text|label|remedy)="([^"]*)"')
ROOMS = (
    "web", "api", "cli", "intake", "handoff", "renewals", "budgets", "billing", "delivery", "sales",
    "capacity", "communities", "infrastructure", "mail", "people", "documents",
)  # fmt: skip


def said_by_template(text):
    """Return what a template shows: its text, and the values of attributes that are read out."""
    shown = NOT_SHOWN.sub(" ", text)
    values = SHOWN_VALUES.findall(text)
    return [*re.split(r"[.\n]", re.sub(r"<[^>]*>", "\n", shown)), *values]


def said_by_code(text):
    """Return what code may show: its texts of several words, without docstrings."""
    tree = ast.parse(text)
    holders = (ast.Module, ast.FunctionDef, ast.ClassDef)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and " " in node.value.strip()
        and id(node) not in documents
    ]


def forbidden_in(texts):
    """Return the words in some texts that we do not say."""
    said = (THEIRS.sub(" ", text) for text in texts)
    return [found.group(0).lower() for text in said for found in PATTERN.finditer(text)]


def test_templates_say_the_words_of_the_glossary():
    found = {
        path.relative_to(SOURCE).as_posix(): words
        for path in SOURCE.rglob("*.html")
        if (words := forbidden_in(said_by_template(path.read_text())))
    }

    assert found == {}


def test_answers_refusals_and_sentences_say_the_words_of_the_glossary():
    files = (path for room in ROOMS for path in (SOURCE / room).rglob("*.py"))
    found = {
        path.relative_to(SOURCE).as_posix(): words
        for path in files
        if "migrations" not in path.parts
        and (words := forbidden_in(said_by_code(path.read_text())))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Please log in</p>", ["please", "log in"]),
        ('<img alt="Our client">', ["client"]),
        ('<p class="email">{{ one.email }}</p>', []),
        ("<p>The Sponsor's customer number</p>", []),
    ],
)
def test_the_look_for_words_sees_what_is_shown_and_nothing_else(text, words):
    assert forbidden_in(said_by_template(text)) == words
