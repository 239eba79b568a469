"""Letters that a person sends from their own mail program: the address of a link is kept nowhere."""

from urllib.parse import quote, urlencode


def letter_with(address: str, *, about: str, to: str = "") -> str:
    """Return a mailto: address that opens a letter with a link in it, ready to be sent."""
    text = f"Hello,\n\nwill you have a look at this page, and tell us there what you think?\n\n{address}\n"
    about = " ".join(about.split())
    return f"mailto:{quote(to, safe='@')}?{urlencode({'subject': about, 'body': text}, quote_via=quote)}"
