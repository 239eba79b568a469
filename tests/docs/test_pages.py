"""Every page can be found, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip("# ").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_somewhere(page):
    broken = []
    for link in links(page):
        path, _, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        headings = (
            {anchor(line) for line in target.read_text().splitlines() if line.startswith("#")}
            if target.suffix == ".md" and target.exists()
            else set()
        )
        if not target.exists() or (part and part not in headings):
            broken.append(link)

    assert broken == []


def test_every_page_is_named_in_the_index():
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}

    unnamed = [page for page in ROOT.glob("docs/**/*.md") if page != index and page not in named]

    assert unnamed == []


def test_decisions_are_numbered_without_a_gap():
    names = sorted(page.name for page in (ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_names_no_folder_of_one_machine(page):
    found = re.findall(r"(?<![\w.])/(?:home|root|work|Users)/\S+", page.read_text(encoding="utf-8"))

    assert found == []
