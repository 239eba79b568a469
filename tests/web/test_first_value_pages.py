"""The page of the time to first value of all engagements: a picture, and its numbers as a table."""

import pytest

from tests.delivery.test_first_values import look, ordered
from throughline.delivery.first_values import first_values
from throughline.playbook.loader import shipped
from throughline.web.delivery.first_values_chart import specification

pytestmark = pytest.mark.django_db


def test_page_draws_and_lists_every_engagement_that_was_ordered(browser):
    look(ordered(1, came=9))
    ordered(2)
    client = browser("Lead")

    text = client.get("/engagements/first-value/").content.decode()
    picture = client.get("/engagements/first-value/dark.svg")

    assert '<td class="num">9</td>' in text
    assert ("nobody has looked yet" in text, "1 came to be of value" in text) == (True, True)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    assert client.get("/engagements/first-value/pink.svg").status_code == 404


def test_page_says_what_would_be_there(browser):
    text = browser("BD").get("/engagements/first-value/").content.decode()

    assert "Nothing was ordered yet" in text


def test_picture_has_a_dot_for_each_and_the_median(playbook):
    made = ordered(1, came=9)
    look(made)
    found = first_values(playbook=shipped(), on=made.deal.order.at.date())

    spec = specification(found, theme="light")

    points = [layer["data"]["values"] for layer in spec["layer"]]
    assert points == [[{"days": 9.0}], [{"ordered": "2026-03-02", "days": 9}], []]
