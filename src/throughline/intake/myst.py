"""MyST Markdown as a list of sections: headings, the blocks below them, and their plain words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

Node = SyntaxTreeNode

DIRECTIVE = re.compile(r"(?P<fence>`{3,}|~{3,}|:{3,})\s*\{\s*(?P<name>[\w:.+-]+)\s*\}")
# What these hold is not Markdown: a list in a diagram is no list of ours.
OPAQUE = {"mermaid", "code", "code-block", "code-cell", "math", "literalinclude", "raw", "figure"}
FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE
)
FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
ROLE = re.compile(r"\{[\w:+-]+\}$")
PLACEHOLDER_TAG = re.compile(r"<[A-Z][A-Z0-9_ -]*>")
LISTS = ("bullet_list", "ordered_list")
BLOCKS = {*LISTS, "list_item", "paragraph", "directive", "blockquote", "table", "root"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its level and line (0 and 1 before the first heading), and what is below."""

    level: int
    heading: str
    line: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A text's front-matter title, and its sections in order."""

    front_title: str
    sections: tuple[Section, ...]


def read_document(text: str) -> Document:
    """Return a MyST text's title and sections; lines are counted in the text as given."""
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    if found := FRONT_MATTER.match(clean):
        title = _front_title(found["yaml"])
        # Blank lines in its place keep every line number true.
        clean = "\n" * found.group().count("\n") + clean[found.end() :]
    root = Node(_reader().parse(clean))
    return Document(title, tuple(_sections(root)))


def line_of(node: Node) -> int:
    """Return the line, from 1, on which a block starts."""
    return node.map[0] + 1 if node.map else 1


def plain(node: Node) -> str:
    """Return a block's words in one line, without any markup."""
    return " ".join(_words(node).split())


def plain_lines(node: Node) -> list[str]:
    """Return a block's words without any markup, line by line as written."""
    return [" ".join(line.split()) for line in _words(node).split("\n")]


def list_items(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the items of the lists that stand directly in a section."""
    for node in nodes:
        if node.type in LISTS:
            yield from node.children


def _front_title(front: str) -> str:
    try:
        values = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError, RecursionError):
        # A front matter that is no YAML yet (a half-filled template) may still have a title.
        found = re.search(r"^title:[ \t]*(.*)$", front, re.MULTILINE)
        return found[1].strip().strip("\"'") if found else ""
    title = values.get("title") if isinstance(values, dict) else None
    return " ".join(str(title).split()) if title is not None else ""


def _sections(root: Node) -> Iterator[Section]:
    level, heading, line, nodes = 0, "", 1, list[Node]()
    for node in root.children:
        if node.type == "heading":
            yield Section(level, heading, line, tuple(nodes))
            level, heading, line, nodes = int(node.tag[1]), plain(node), line_of(node), []
        else:
            nodes.append(node)
    yield Section(level, heading, line, tuple(nodes))


def _words(node: Node) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    if node.type == "html_inline":
        return _tag_words(node.content)
    if node.type == "html_block":
        return ""
    if not node.children:
        return "" if node.type in BLOCKS else FOOTNOTE.sub("", node.content)
    return ("\n" if node.type in BLOCKS else "").join(_children_words(node))


def _children_words(node: Node) -> Iterator[str]:
    for child in node.children:
        words = _words(child)
        after = child.next_sibling
        if child.type == "text" and after is not None and after.type == "code_inline":
            words = ROLE.sub("", words)
        yield words


def _tag_words(tag: str) -> str:
    """Return nothing for HTML, but keep a placeholder such as <DATE>, which only looks like it."""
    if PLACEHOLDER_TAG.fullmatch(tag):
        return tag
    return "\n" if tag.lower().startswith("<br") else ""


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    # Before "code": a directive indented by four spaces is still a directive to its author.
    reader.block.ruler.before(
        "code", "directive", _directive, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    return reader


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 -- markdown-it calls it so
    """Read a MyST directive, whatever its fence, as a block that holds Markdown."""
    opening = DIRECTIVE.match(_line(state, start))
    if opening is None or (opening["name"].lower() in OPAQUE and opening["fence"][0] != ":"):
        return False
    last = _closing(state, start, end, opening["fence"])
    name = opening["name"].lower()
    if last is None and name != "estimate-table":
        return False
    if not silent:
        opened = _push(state, start, end if last is None else last, name)
        opened.meta["closed"] = last is not None
        state.line = end if last is None else last + 1
    return True


def _closing(state: StateBlock, start: int, end: int, fence: str) -> int | None:
    for number in range(start + 1, end):
        line = _line(state, number).rstrip()
        if line and state.sCount[number] < state.blkIndent:
            return None
        if len(line) >= len(fence) and set(line) == {fence[0]}:
            return number
    return None


def _push(state: StateBlock, start: int, last: int, name: str) -> Token:
    before = state.parentType, state.lineMax, state.blkIndent
    opening = state.push("directive_open", "div", 1)
    opening.info, opening.map = name, [start, last]
    indents = [state.sCount[n] for n in range(start + 1, last) if _line(state, n).strip()]
    if indents and name not in OPAQUE:
        state.parentType, state.lineMax, state.blkIndent = "container", last, min(indents)
        state.md.block.tokenize(state, start + 1, last)
    state.parentType, state.lineMax, state.blkIndent = before
    closing = state.push("directive_close", "div", -1)
    closing.map = [start, last]
    return opening


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
