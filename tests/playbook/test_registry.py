"""A code has one home."""

from collections.abc import Callable

import pytest

from throughline.playbook.registry import RegisteredTwice, Registry, UnknownCode


def says_yes():
    return True


def says_no():
    return False


@pytest.fixture
def conditions():
    return Registry[Callable[[], bool]]("condition")


def test_register_keeps_the_function_and_leaves_it_as_it_is(conditions):
    assert conditions.register("deal.owner")(says_yes) is says_yes

    assert conditions.get("deal.owner") is says_yes
    assert conditions.codes() == {"deal.owner"}
    assert list(conditions) == ["deal.owner"]
    assert ("deal.owner" in conditions, "lost.reason" in conditions) == (True, False)


def test_register_a_code_twice_is_an_error_that_names_both(conditions):
    conditions.register("deal.owner")(says_yes)

    with pytest.raises(RegisteredTwice) as caught:
        conditions.register("deal.owner")(says_no)

    assert str(caught.value) == (
        "The condition 'deal.owner' is registered twice:"
        f" by {__name__}.says_yes and by {__name__}.says_no. Give one of them another code."
    )
    assert conditions.get("deal.owner") is says_yes


def test_get_an_unknown_code_names_the_nearest(conditions):
    conditions.register("capacity.answered")(says_yes)

    with pytest.raises(UnknownCode) as refused:
        conditions.get("capacity.answerd")

    assert str(refused.value) == (
        "Nobody knows the condition 'capacity.answerd'. Did you mean 'capacity.answered'?"
    )
