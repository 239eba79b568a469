"""Whether GitHub can be read as the settings have it, and if not, what to do."""

from throughline.connectors.github.client import GitHub
from throughline.handoff.outside.github import client_from_settings
from throughline.handoff.outside.github_board import BoardSeen
from throughline.handoff.outside.github_remedies import no_board, waiting
from throughline.handoff.outside.github_wanted import Place, place_from_settings
from throughline.kernel.errors import Permanent, Transient


def trouble_with_github() -> str:
    """Return what a person has to mend before handoffs reach GitHub; "" if all can be read.

    It reads only: whether the token may write shows when something is made.
    """
    client, place = client_from_settings(), place_from_settings()
    if client is None:
        return ""
    with client:
        try:
            client.issues(place.label)
        except Permanent as error:
            return str(waiting(error, place))
        except Transient as error:
            return f"GitHub does not answer: try again later. {error}"
        return _trouble_with_board(client, place)


def _trouble_with_board(client: GitHub, place: Place) -> str:
    if place.board is None:
        return ""
    try:
        fields = {one.name: one for one in client.board_fields(place.board)}
    except Permanent as error:
        return str(no_board(error, place))
    except Transient as error:
        return f"The board does not answer: try again later. {error}"
    lacking = BoardSeen(place.board_name, fields, {}).in_the_way(place.status)
    return str(lacking) if lacking else ""
