"""The page of the time to first value of all engagements: a picture, and its numbers as a table."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.delivery.test_first_values import look, ordered
from throughline.delivery.first_values import first_values
from throughline.delivery.models import UserDay
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


def send(client, made, text):
    file = SimpleUploadedFile("activity.csv", text.encode())
    return client.post(f"/engagements/{made.pk}/activity/", {"file": file})


def test_activity_is_taken_in_from_a_file_on_the_page(browser):
    made, client = ordered(1), browser("PS")
    begin = made.deal.order.at.date()
    rows = "".join(f"hub1.example.org,{name},{begin}\n" for name in "abcde")

    good = send(client, made, f"hub,user,date\n{rows}")
    bad = send(client, made, f"hub,user,date\nhub1.example.org,f,{begin}\nelsewhere,g,{begin}\n")
    none = send(client, made, "what\n1\n")

    assert good.headers["Location"] == f"/engagements/{made.pk}/value/"
    assert UserDay.objects.filter(on=begin).count() == 6
    assert (bad.status_code, "Line 3" in bad.content.decode()) == (422, True)
    assert (none.status_code, "Not taken in." in none.content.decode()) == (422, True)


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
