"""`GET /api/v1/search`."""

import pytest

from tests.factories import make_deal
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/search"


def test_things_come_the_best_first_in_parts(bd):
    make_deal(name="Another hub", buyer="Lighthouse Inc")
    make_deal(name="Lighthouse")

    first = bd.get(ADDRESS, {"q": "LIGHT", "limit": 1}).json()
    second = bd.get(ADDRESS, {"q": "LIGHT", "limit": 1, "offset": 1}).json()

    assert (first["count"], first["limit"], first["offset"], first["behind"]) == (2, 1, 0, 0)
    assert [one["items"][0]["title"] for one in (first, second)] == ["Lighthouse", "Another hub"]
    assert second["items"][0]["quotation"] == "Lighthouse Inc"


def test_kind_narrows_and_one_that_is_none_is_refused(bd):
    make_deal(name="Lighthouse")

    assert bd.get(ADDRESS, {"q": "lighthouse", "kind": "mail"}).json()["items"] == []
    assert bd.get(ADDRESS, {"q": "lighthouse", "kind": "deal"}).json()["count"] == 1
    assert bd.get(ADDRESS, {"q": "lighthouse", "kind": "nothing"}).status_code == 422


def test_sponsor_finds_no_deal(signed_in):
    make_deal(name="Lighthouse")

    assert signed_in(RoleName.SPONSOR).get(ADDRESS, {"q": "lighthouse"}).json()["count"] == 0


@pytest.mark.parametrize("text", ['"', "*", "AND", "NEAR(", "🎉", "…", "' OR 1=1"])
def test_any_text_is_looked_for(bd, text):
    assert bd.get(ADDRESS, {"q": text}).status_code == 200


def test_text_that_is_too_long_or_missing_is_refused_in_words(bd):
    assert bd.get(ADDRESS, {"q": "x" * 10_000}).status_code == 422
    assert bd.get(ADDRESS).status_code == 422
