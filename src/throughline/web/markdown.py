"""Notes that people wrote in Markdown, as safe HTML: no HTML of theirs, no images, no headings."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, _env: Any
) -> str:
    """Return a link that lends nobody our good name."""
    tokens[index].attrSet("rel", "nofollow noopener")
    return renderer.renderToken(tokens, index, options, _env)


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "heading", "lheading"])
_MARKDOWN.add_render_rule("link_open", _link_open)


def rendered(text: str) -> SafeString:
    """Return a note as HTML: what it says in HTML is shown as text, and links are plain."""
    # The renderer escapes all text and drops addresses such as javascript:.
    html: SafeString = mark_safe(_MARKDOWN.render(text))  # noqa: S308 -- see above
    return html
