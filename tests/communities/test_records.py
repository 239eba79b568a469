"""What is written down about a community and its people."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, TODAY
from throughline.communities.actions import (
    Person,
    Told,
    answer_question,
    assign_role,
    describe_community,
    name_community,
)
from throughline.communities.models import Community, Contact, ContextAnswer, RoleAssignment
from throughline.communities.queries import missing_fields, roles_by_subject
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def earthscope():
    return name_community(" EarthScope ", by=BD, at=NOON)


@pytest.fixture
def assign(playbook):
    def _assign(person, role="buyer", subject="deal:1", on=TODAY):
        return assign_role(
            person, role=role, subject=subject, from_on=on, playbook=playbook, by=BD, at=NOON
        )

    return _assign


def describe(community, **facts):
    return describe_community(community.pk, facts=facts, by=BD, at=NOON)


def test_community_named_again_is_the_same(earthscope):
    assert name_community("EARTHSCOPE", by=BD, at=NOON) == earthscope
    assert earthscope.short_name == "EarthScope"
    assert Entry.objects.count() == 1


def test_community_without_a_name_is_refused():
    with pytest.raises(Refused, match="A community needs a short name"):
        name_community("  ", by=BD, at=NOON)


def test_description_changes_what_it_names_and_says_what_was_before(earthscope):
    describe(earthscope, cloud="aws", region="us-west-2")

    describe(earthscope, cloud="gcp", region="us-west-2")

    found = Community.objects.get()
    assert (found.cloud, found.region) == ("gcp", "us-west-2")
    entry = Entry.objects.order_by("-pk").first()
    assert (entry.act, entry.facts) == (
        "communities.community.described", {"before": {"cloud": "aws"}, "after": {"cloud": "gcp"}},
    )  # fmt: skip


def test_description_that_changes_nothing_writes_nothing(earthscope):
    describe(earthscope, cloud="aws")
    describe(earthscope, cloud="aws")

    assert Entry.objects.filter(act="communities.community.described").count() == 1


def test_description_of_an_unknown_field_is_refused(earthscope):
    with pytest.raises(Refused, match="A community has no field age, colour"):
        describe(earthscope, colour="red", age="X", cloud="aws")
    assert Community.objects.get().cloud == ""


@pytest.mark.parametrize("address", ["earth", "ftp://x.org", "javascript:alert(1)", "http://"])
@pytest.mark.parametrize("field", ["website", "logo_url"])
def test_address_that_is_none_is_refused(earthscope, field, address):
    with pytest.raises(Refused) as refused:
        describe(earthscope, **{field: address})

    assert str(refused.value) == (
        f"{field}: {address!r} is not a web address. Write it with https:// in front."
    )


def test_record_lacks_what_is_empty_and_a_reason_stands_for_the_cloud(earthscope, playbook):
    wanted = playbook.community_record
    assert missing_fields(earthscope, wanted=wanted) == (
        "long_name", "community_id", "website", "cloud",
    )  # fmt: skip

    found = describe(earthscope, cloud_unknown_because="their IT decides")

    assert missing_fields(found, wanted=wanted) == ("long_name", "community_id", "website")


@pytest.mark.parametrize(("text", "state"), [("Much.", "answered"), ("  ", "asked")])
def test_question_is_answered_or_was_asked(earthscope, playbook, text, state):
    answer_question(
        earthscope.pk, "goals", told=Told(text, "call"), playbook=playbook, by=BD, at=NOON
    )

    assert ContextAnswer.objects.values_list("question", "state", "source").get() == (
        "goals", state, "call",
    )  # fmt: skip


def test_person_is_known_once_by_address_whatever_its_case(assign):
    assign(Person("Bo Buyer", email="Bo@Example.org"))
    assign(Person("Bo B.", email=" bo@example.org "), role="champion")

    assert list(Contact.objects.values_list("full_name", "first_name", "email")) == [
        ("Bo Buyer", "Bo", "bo@example.org"),
    ]  # fmt: skip
    assert RoleAssignment.objects.count() == 2


def test_person_without_an_address_is_known_by_github(assign):
    assign(Person("Tay", github_id="tay"))
    assign(Person("Tay", github_id="tay"), subject="deal:2")

    assert Contact.objects.count() == 1


def test_person_who_cannot_be_reached_is_refused(assign):
    with pytest.raises(Refused) as refused:
        assign(Person("Bo Buyer"))

    assert str(refused.value) == (
        "Bo Buyer has neither e-mail nor GitHub id. Give one, so that they can be reached."
    )
    assert RoleAssignment.objects.count() == 0


def test_role_given_twice_is_held_once(assign):
    person = Person("Bo", email="bo@example.org")
    first = assign(person)

    assert assign(person, on=TODAY + timedelta(days=1)) == first
    assert Entry.objects.filter(act="communities.role.assigned").count() == 1


def test_role_holds_from_its_first_day_to_the_day_before_its_end(assign):
    held = assign(Person("Bo", email="bo@example.org"))
    end = TODAY + timedelta(days=10)
    RoleAssignment.objects.filter(pk=held.pk).update(to_on=end)

    days = [TODAY - timedelta(days=1), TODAY, end - timedelta(days=1), end]
    assert [len(roles_by_subject(["deal:1"], on=day)) for day in days] == [0, 1, 1, 0]


def test_roles_of_many_deals_take_one_query(assign, django_assert_num_queries):
    for number in range(5):
        assign(Person("Bo", email="bo@example.org"), subject=f"deal:{number}")

    with django_assert_num_queries(1):
        found = roles_by_subject([f"deal:{number}" for number in range(4)], on=TODAY)
        names = {subject: [one.contact.full_name for one in held]
                 for subject, held in found.items()}  # fmt: skip

    assert names == {f"deal:{number}": ["Bo"] for number in range(4)}
