"""GitHub's refusals in words that a person can act upon."""

from throughline.connectors.github.failures import Forbidden, Gone, Invalid, Moved, Unauthorised
from throughline.connectors.http import NotFound, NotSendable, UnknownShape
from throughline.handoff.outside.github_wanted import Place
from throughline.handoff.wanted import WaitsForPerson
from throughline.kernel.errors import Permanent

# What a refusal is, a word in it (where that tells), and what to do. The first that fits counts.
REMEDIES: tuple[tuple[type[Permanent], str, str], ...] = (
    (
        Unauthorised,
        "",
        (
            "GitHub does not take our token any more: make a new one, or renew the App's key, and set "
            "THROUGHLINE_GITHUB_TOKEN or THROUGHLINE_GITHUB_APP_KEY."
        ),
    ),
    (
        Forbidden,
        "archived",
        (
            "{repository} is archived: unarchive it, or name another repository in "
            "THROUGHLINE_GITHUB_REPOSITORY."
        ),
    ),
    (
        Forbidden,
        "",
        (
            "The token may not do this: give it “Issues: read and write” for {repository} and, for the "
            "board, “Projects: read and write” for its organisation."
        ),
    ),
    (Gone, "disabled", "Issues are switched off in {repository}: switch them on in its settings."),
    (Gone, "", "It was deleted in {repository} a moment ago: apply again to make a new one."),
    (
        NotFound,
        "",
        (
            "GitHub shows no {repository}, or not this part of it: check "
            "THROUGHLINE_GITHUB_REPOSITORY, and that the token may see it."
        ),
    ),
    (
        Moved,
        "",
        "{repository} has another name now: set THROUGHLINE_GITHUB_REPOSITORY to it.",
    ),
    (
        Invalid,
        "",
        "GitHub refuses what is in the request: change the text that it names, and apply again.",
    ),
    (
        NotSendable,
        "",
        "The call cannot be made: check THROUGHLINE_GITHUB_URL and the token or the App's key.",
    ),
    (
        UnknownShape,
        "",
        "GitHub answers in a form that this version does not know: update Throughline.",
    ),
)
NOBODY_KNOWS = "GitHub refuses, and nobody here knows why: read its words."


def waiting(error: Permanent, place: Place) -> WaitsForPerson:
    """Return what a person has to do about a refusal; GitHub's own words are at its end."""
    told = str(error)
    remedy = next(
        (
            words
            for kind, sign, words in REMEDIES
            if isinstance(error, kind) and sign in told.lower()
        ),
        NOBODY_KNOWS,
    )
    return WaitsForPerson(f"{remedy.format(repository=place.repository)} GitHub: {told}")


def no_board(error: Permanent, place: Place) -> WaitsForPerson:
    """Return what a person has to do where the board cannot be read."""
    if isinstance(error, NotFound):
        return WaitsForPerson(
            f"There is no board {place.board_name}, or the token may not see it: check "
            "THROUGHLINE_GITHUB_PROJECT, and give the token “Projects: read and write”. "
            f"GitHub: {error}"
        )
    return waiting(error, place)


def transferred(number: int, error: Moved, place: Place) -> WaitsForPerson:
    """Return what a person has to do about an issue that lives elsewhere now."""
    return WaitsForPerson(
        f"Issue {place.repository}#{number} was transferred to another repository: transfer it "
        f"back, or delete it there and a new one is made here. GitHub: {error}"
    )
