import pytest

from tests.factories import NOON
from throughline.search.actions.asking import ask
from throughline.search.actions.following import catch_up, waiting
from throughline.search.words import EVERYTHING


@pytest.fixture
def search(db, playbook):
    """Ask for some words, and return `{kind: [titles]}`."""

    def find(text, *, sight=EVERYTHING, **how):
        answer = ask(text, sight=sight, playbook=playbook, at=NOON, **how)
        return {
            group.kind.value: [one.thing.title for one in group.found]
            for group in answer.findings.groups
        }

    return find


@pytest.fixture
def filled(db, playbook):
    """Bring the index up to date, whatever there is."""

    def fill():
        while waiting():
            catch_up(most=1000, playbook=playbook, at=NOON)

    return fill
