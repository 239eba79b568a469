"""The documents as pages: found beside the program, rendered safely, their links leading to each other."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

import throughline

# Links to docs/ and CONTEXT.md: there is one text of each, and a wheel carries it along.
FOLDER: Final = Path(throughline.__file__).parent / "manual"
WORDS, INDEX = "words", "index"
FILES: Final = {WORDS: "CONTEXT.md", INDEX: "docs/README.md"}
REMARK = re.compile(r"<!--.*?-->\s*", re.DOTALL)  # for those who edit the file
ELSEWHERE = re.compile(r"[a-z]+:")


@dataclass(frozen=True, slots=True)
class Document:
    """One document, ready to be shown."""

    slug: str  # "how-to/import-your-deals"
    title: str
    html: SafeString
    anchors: frozenset[str]
    words: tuple[tuple[str, str], ...] = ()  # of the glossary that it uses, with their anchors


@lru_cache(maxsize=1)
def documents() -> Mapping[str, Path]:
    """Return where each document is, by the name that addresses use."""
    docs = FOLDER / "docs"
    found = {
        path.relative_to(docs).with_suffix("").as_posix(): path
        for path in sorted(docs.rglob("*.md"))
    }
    found.pop("README", None)
    return found | {slug: FOLDER / file for slug, file in FILES.items()}


def document(slug: str) -> Document | None:
    """Return a document as a page; None where there is none of that name."""
    path = documents().get(slug)
    return _read(slug, path.stat().st_mtime_ns) if path is not None else None


@lru_cache(maxsize=256)
def _read(slug: str, _changed_at: int) -> Document:
    text = REMARK.sub("", documents()[slug].read_text(encoding="utf-8"))
    tokens = _MARKDOWN.parse(text)
    title = _take_title(tokens)
    anchors = _give_anchors(tokens, of_words=slug == WORDS)
    _align_by_class(tokens)
    _lead_inside(tokens, slug)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    # The renderer escapes all text, and the documents' own HTML is text to it.
    safe: SafeString = mark_safe(html)  # noqa: S308 -- see above
    return Document(slug, title, safe, frozenset(anchors), () if slug == WORDS else words_in(text))


@lru_cache(maxsize=1)
def glossary() -> tuple[tuple[str, str], ...]:
    """Return each word of the glossary with its anchor there."""
    text = (FOLDER / FILES[WORDS]).read_text(encoding="utf-8")
    heads = re.findall(r"^(\*\*.+?\*\*)(?=[:,])", text, flags=re.MULTILINE)
    return tuple((head.strip("*"), anchor(head)) for head in heads)


def words_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of the glossary that a text uses, in the glossary's order."""
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return tuple(
        (word, where)
        for word, where in glossary()
        if re.search(rf"\b{re.escape(word.partition(' (')[0])}s?\b", plain, flags=re.IGNORECASE)
    )


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as the documents' own links say it."""
    return re.sub(r"[^\w\- ]", "", heading.strip("# ").lower()).replace(" ", "-")


def _take_title(tokens: list[Token]) -> str:
    """Return the first heading's text, and take it out: a page has its own heading."""
    if len(tokens) > 1 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title = "".join(one.content for one in tokens[1].children or ())
        del tokens[:3]
        return title
    return "Help"


def _give_anchors(tokens: Sequence[Token], *, of_words: bool) -> set[str]:
    found = set()
    for opened, inline in pairwise(tokens):
        name = ""
        if opened.type == "heading_open":
            name = anchor(inline.content)
        elif of_words and opened.type == "paragraph_open" and inline.content.startswith("**"):
            name = anchor(inline.content[2:].partition("**")[0])
        if name:
            opened.attrSet("id", name)
            found.add(name)
    return found


def _align_by_class(tokens: Sequence[Token]) -> None:
    """Align figures in tables by a class: pages may have no styles of their own."""
    for token in tokens:
        if token.type in {"th_open", "td_open"} and (style := token.attrs.pop("style", None)):
            token.attrs |= {"class": "num"} if "right" in str(style) else {}


def _lead_inside(tokens: Sequence[Token], slug: str) -> None:
    """Make links between documents lead to their pages; what is no page here is only words."""
    for inline in tokens:
        waiting: list[bool] = []
        for token in inline.children or ():
            if token.type == "link_open":
                waiting.append(_lead(token, slug))
            elif token.type == "link_close" and not waiting.pop():
                token.tag = "span"


def _lead(token: Token, slug: str) -> bool:
    """Return whether a link is one still."""
    href = str(token.attrGet("href") or "")
    if ELSEWHERE.match(href):
        token.attrSet("rel", "noopener")
        return True
    path, _, part = href.partition("#")
    target = _target(path, slug) if path else slug
    if target is None:
        token.tag, token.attrs = "span", {}
        return False
    token.attrSet("href", f"{address_of(target)}{f'#{part}' if part else ''}")
    return True


def _target(path: str, slug: str) -> str | None:
    """Return which document a link in another one means; None where it is none of them."""
    here = FILES.get(slug, f"docs/{slug}.md")
    wanted = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    by_file = {file: name for name, file in FILES.items()}
    name = by_file.get(wanted, wanted.removeprefix("docs/").removesuffix(".md"))
    return name if name in documents() else None


def address_of(slug: str) -> str:
    """Return the address of a document's page."""
    return reverse("web:help") if slug == INDEX else reverse("web:help-page", args=[slug])


def _table_open(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any
) -> str:
    return '<div class="table-wrap" role="region" aria-label="Table" tabindex="0"><table class="table">'


def _table_close(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any
) -> str:
    return "</table></div>\n"


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Return code that can be scrolled by keyboard, too."""
    code = renderer.code_block(tokens, index, options, env)
    return code.replace("<pre>", '<pre tabindex="0">', 1)


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_MARKDOWN.add_render_rule("table_open", _table_open)
_MARKDOWN.add_render_rule("table_close", _table_close)
_MARKDOWN.add_render_rule("fence", _fence)
