"""A community reads the scope by a link, and comments on it or accepts it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories import BD, NOON, make_deal, make_person, make_statement
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.sales.actions.scope import comment_on_scope, issue_scope_link, open_scope
from throughline.sales.models import ScopeComment

pytestmark = pytest.mark.django_db

TOKEN = "s" * 43


@pytest.fixture
def deal():
    made = make_deal(name="Coral hub")
    make_statement(made, "A hub")
    return made


@pytest.fixture
def link(deal):
    return issue_scope_link(deal.pk, TOKEN, issued_to=" Cam ", by=BD, at=NOON)


def comment(version=1, text="Add a GPU.", *, accepts=False, at=NOON):
    return comment_on_scope(TOKEN, version=version, text=text, accepts=accepts, at=at)


def test_comment_is_kept_under_the_name_of_the_link_with_the_version_that_was_read(deal, link):
    made = comment()

    assert (made.said_by, made.text, made.statement.version) == ("Cam", "Add a GPU.", 1)
    entry = Entry.objects.about(deal).get(act="sales.scope.commented")
    assert (entry.by, entry.facts) == ("Cam", {"version": 1, "accepts": False, "comment": made.pk})


def test_comment_on_a_version_that_is_no_longer_the_newest_is_refused(deal, link):
    make_statement(deal, "A hub", "Training")

    with pytest.raises(Refused, match=r"newer version \(2\)"):
        comment(version=1, accepts=True)

    assert not ScopeComment.objects.exists()
    assert open_scope(TOKEN, at=NOON)[1].version == 2
    assert comment(version=2, text="", accepts=True).accepts


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_comment_that_says_nothing_or_too_much_is_refused_and_not_kept(link, text):
    with pytest.raises(Refused):
        comment(text=text)

    assert not ScopeComment.objects.exists()


def test_row_that_says_nothing_is_refused_by_the_database(deal, link):
    statement = deal.statements_of_work.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        ScopeComment.objects.create(
            statement=statement, said_by="Cam", text="", accepts=False, at=NOON
        )


def test_link_opens_nothing_once_it_is_over(link):
    with pytest.raises(Refused, match="expired"):
        comment(at=NOON + timedelta(days=30))


@pytest.mark.parametrize(("name", "why"), [(" ", "Nobody is named"), ("Ada", "has an account")])
def test_link_for_nobody_or_for_somebody_who_signs_in_is_refused(deal, name, why):
    make_person("ada")

    with pytest.raises(Refused, match=why):
        issue_scope_link(deal.pk, TOKEN, issued_to=name, by=BD, at=NOON)


def test_link_to_a_deal_without_a_statement_of_work_is_refused():
    with pytest.raises(Refused, match="There is no statement of work"):
        issue_scope_link(make_deal().pk, TOKEN, issued_to="Cam", by=BD, at=NOON)
