"""The HTML part that is made of a mail's text."""

import re

from throughline.mail.html import html_of

OURS = "https://line.example.org"
LONG = "The agreement with Open Earth ends on 30 June 2026, in sixty days from today, and"


def body(text):
    page = html_of("Subject", text, ours=OURS)
    return re.search(r'640px">\n(.*)\n</div>', page, re.DOTALL).group(1)


def test_paragraphs_are_those_of_the_text():
    assert (
        body("Hello,\n\nall is well.\n \nBye\n") == "<p>Hello,</p>\n<p>all is well.</p>\n<p>Bye</p>"
    )


def test_long_line_goes_on_and_a_short_one_ends_where_it_was_meant_to():
    assert (
        body(f"{LONG}\nnobody has said what comes.") == f"<p>{LONG} nobody has said what comes.</p>"
    )
    assert body("Tier: Premier\nLast day: none") == "<p>Tier: Premier<br>\nLast day: none</p>"


def test_list_is_a_list_and_what_stands_around_it_is_not():
    assert body("You get:\n- a hub\n- help\n  every day\nThat is all.") == (
        "<p>You get:</p>\n<ul><li>a hub</li><li>help<br>\nevery day</li></ul>\n<p>That is all.</p>"
    )


def test_only_addresses_of_ours_and_of_mail_become_links():
    assert body(f"See {OURS}/a/?b=1&c=2. Write to help+x@2i2c.org!") == (
        f'<p>See <a href="{OURS}/a/?b=1&amp;c=2">{OURS}/a/?b=1&amp;c=2</a>.'
        ' Write to <a href="mailto:help+x@2i2c.org">help+x@2i2c.org</a>!</p>'
    )
    assert body(f"{OURS}.evil.example/a and https://evil.example") == (
        f"<p>{OURS}.evil.example/a and https://evil.example</p>"
    )


def test_markup_is_escaped_in_subject_and_text():
    page = html_of("<b>", '<img src=x onerror="go()"> & so on', ours=OURS)

    assert "<title>&lt;b&gt;</title>" in page
    assert "<p>&lt;img src=x onerror=&quot;go()&quot;&gt; &amp; so on</p>" in page
