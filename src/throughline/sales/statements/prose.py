"""Markdown that people wrote, in the one harmless spelling that we keep and publish.

Headings, HTML, directives, roles, images and unsafe links lose their power here: a text cannot
change the document around it, wherever it is shown. Writing a kept text again changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node = SyntaxTreeNode

MARKDOWN = MarkdownIt("commonmark").enable("table")
SAFE_LINK = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_ -]*>")  # <DATE> is no HTML to whoever writes it
LANGUAGE = re.compile(r"\{?\s*([\w+#.-]*)\s*\}?")
TAGS = re.compile(r"<!--.*?(?:-->|$)|</?[A-Za-z][^>]*>|<[?!][^>]*>", re.DOTALL)
ROLE = re.compile(r"\{[\w:+-]+\}$")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
SPECIAL = re.compile(
    r"[\\`*\[\]<{~$|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!$"  # an underscore within a word is one
)
LINE_START = re.compile(
    r"(?=#{1,6}(?:\s|$)|[-+](?:\s|$)|=+\s*$|-[-\s]*$|:{3,}|%|\+\+\+|>|\([^)\s]+\)=)"
)
NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
LARGEST_START = 99_999_999  # of an ordered list; a marker has at most nine digits
ROUNDS = 4
SILENT = {"html_block", "html_inline", "softbreak", "hardbreak"}


def tidy(text: str) -> str:
    """Return a Markdown text in the spelling that we keep; "" where it says nothing."""
    return markdown_of(parsed(text))


def parsed(text: str) -> Sequence[Node]:
    """Return the blocks of a Markdown text."""
    return Node(MARKDOWN.parse(text.replace("\r\n", "\n").replace("\r", "\n"))).children


def markdown_of(nodes: Sequence[Node]) -> str:
    """Return blocks as Markdown in the spelling that we keep."""
    text = _blocks(nodes)
    for _round in range(ROUNDS):
        again = _blocks(parsed(text))
        if again == text:
            return text
        text = again
    # Emphasis within emphasis and the like may not settle; the words alone always do.
    return "\n\n".join(paragraph for node in nodes if (paragraph := _bare(node)))


def escaped(text: str) -> str:
    """Return a text as one line of Markdown that says just that, wherever the line stands."""
    return _line(_escape(" ".join(UNPRINTABLE.sub("", text).split())))


def _blocks(nodes: Iterable[Node]) -> str:
    return "\n\n".join(block for node in nodes if (block := _block(node)))


def _block(node: Node) -> str:
    if node.type == "heading":
        words = _line(_escape(_words(node)))
        return f"**{words}**" if words else ""
    return BLOCKS[node.type](node) if node.type in BLOCKS else ""


def _paragraph(node: Node) -> str:
    return _lines("".join(_inline(child) for child in node.children))


def _lines(text: str) -> str:
    lines = (_line(" ".join(line.split())) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _line(line: str) -> str:
    """Return a line that starts no heading, list, quote or directive."""
    return NUMBERED.sub(r"\1\\\2", line, count=1) if NUMBERED.match(line) else _marked(line)


def _marked(line: str) -> str:
    return f"\\{line}" if LINE_START.match(line) else line


def _list(node: Node) -> str:
    start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    start = 1 if start is not None and start > LARGEST_START else start
    items = [text for item in node.children if (text := _item(item))]
    lines = []
    for number, text in enumerate(items):
        marker = "- " if start is None else f"{start + number}. "
        lines.append(marker + _indented(text, " " * len(marker)))
    return "\n".join(lines)


def _item(node: Node) -> str:
    text, before = "", ""
    for child in node.children:
        block = _block(child)
        if not block:
            continue
        is_close = before == "paragraph" and (child.type == "bullet_list" or _starts_at_one(child))
        text += ("\n" if is_close else "\n\n") + block if text else block
        before = child.type
    return text


def _starts_at_one(node: Node) -> bool:
    return node.type == "ordered_list" and int(node.attrs.get("start", 1)) == 1


def _indented(text: str, by: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(f"{by}{line}" if line else "" for line in rest)])


def _quote(node: Node) -> str:
    text = _blocks(node.children)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""


def _code(node: Node) -> str:
    content = node.content.rstrip("\n")
    if not content.strip():
        return ""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    named = LANGUAGE.fullmatch(node.info.strip()) if node.type == "fence" else None
    return f"{fence}{named[1] if named else ''}\n{UNPRINTABLE.sub('', content)}\n{fence}"


def _table(node: Node) -> str:
    rows = [
        [_cell(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(node: Node) -> str:
    text = " ".join("".join(_inline(child) for child in node.children).split())
    # The words have their strokes escaped; code has not, and a table would split at it.
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _html(node: Node) -> str:
    return escaped(TAGS.sub(" ", node.content))


BLOCKS: dict[str, Callable[[Node], str]] = {
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "directive": _quote,  # as the reader of whole documents finds them
    "fence": _code,
    "code_block": _code,
    "table": _table,
    "html_block": _html,
}


def _inline(node: Node, within: frozenset[str] = frozenset()) -> str:
    if node.type in {"em", "strong"}:
        return _emphasis(node, within)
    if node.type in INLINES:
        return INLINES[node.type](node)
    return "".join(_inline(child, within) for child in node.children)


def _emphasis(node: Node, within: frozenset[str]) -> str:
    inner = "".join(_inline(child, within | {node.type}) for child in node.children)
    mark = "*" if node.type == "em" else "**"
    # Marks around marks of their own kind, or around nothing, would say something else.
    return inner if node.type in within or not inner.strip() else f"{mark}{inner}{mark}"


def _text(node: Node) -> str:
    after = node.next_sibling
    is_role = after is not None and after.type == "code_inline"
    words = ROLE.sub("", node.content) if is_role else node.content
    return _escape(re.sub(r"[ \t]+", " ", UNPRINTABLE.sub("", words)))


def _escape(text: str) -> str:
    return SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _span_of_code(node: Node) -> str:
    content = UNPRINTABLE.sub("", node.content)
    if not content.strip():
        return ""
    runs = {len(run) for run in re.findall(r"`+", content)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    gap = " " if content[0] in "` " or content[-1] in "` " else ""
    return f"{fence}{gap}{content}{gap}{fence}"


def _link(node: Node) -> str:
    address = str(node.attrs.get("href", node.attrs.get("src", "")))
    words = "".join(_inline(child) for child in node.children) or _escape(node.content)
    if not SAFE_LINK.fullmatch(address):
        return words
    if node.markup == "autolink":
        return f"<{address}>"
    address = re.sub(r"&(?=#?\w+;)", "&amp;", address)
    target = f"<{address}>" if re.search(r"[()]", address) else address
    return f"[{' '.join(words.split()) or _escape(address)}]({target})"


def _tag(node: Node) -> str:
    if PLACEHOLDER.fullmatch(node.content):
        return _escape(node.content)
    return "\n" if node.content.lower().startswith("<br") else ""


INLINES: dict[str, Callable[[Node], str]] = {
    "text": _text,
    "text_special": _text,
    "code_inline": _span_of_code,
    "link": _link,
    "image": _link,
    "html_inline": _tag,
    "softbreak": lambda _node: "\n",
    "hardbreak": lambda _node: "\n",
}


def _words(node: Node) -> str:
    """Return what a block says, in one line without any markup."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: Node) -> Iterator[str]:
    if node.type in SILENT or (not node.children and not node.content):
        yield " "
    elif node.children:
        yield from (piece for child in node.children for piece in _pieces(child))
        yield " " if node.type in BLOCKS else ""
    else:
        yield UNPRINTABLE.sub("", node.content)


def _bare(node: Node) -> str:
    return escaped(_words(node))
