"""What runs without agreement, remembered until something is done that may change it: for pages."""

from datetime import date

from throughline.journal.remembering import Acts, remembered
from throughline.playbook.model import Playbook
from throughline.renewals.lapse import Running, running_without_agreement

# What can change whether an agreement covers what runs, who pays for it, and what watches it.
COVERING = Acts((
    "billing.account.", "budgets.account.", "communities.", "delivery.cluster.",
    "delivery.engagement.", "infrastructure.", "intake.", "renewals.", "sales.",
))  # fmt: skip


def running_as_known(*, on: date, playbook: Playbook) -> list[Running]:
    """Return what runs without an agreement in force on a day."""
    return remembered(
        ("running", on, playbook.sha256), COVERING,
        lambda: running_without_agreement(on=on, playbook=playbook),
    )  # fmt: skip
