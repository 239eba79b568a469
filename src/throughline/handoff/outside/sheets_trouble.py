"""Whether the Google spreadsheet can be read as the settings have it, and if not, what to do."""

from throughline.handoff.outside.sheets import connect_sheets
from throughline.handoff.wanted import WaitsForPerson
from throughline.kernel.errors import Transient


def trouble_with_sheets() -> str:
    """Return what a person has to mend before handoffs reach Google Sheets; "" if it can be read.

    It reads only: whether the service account may write shows when something is made.
    """
    system = connect_sheets()
    if system is None:
        return ""
    try:
        system.reach()
    except WaitsForPerson as error:
        return str(error)
    except Transient as error:
        return f"Google Sheets does not answer: try again later. {error}"
    return ""
