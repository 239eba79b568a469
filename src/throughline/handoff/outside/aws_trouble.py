"""Whether AWS lets us see to the budgets of our accounts, and if not, what to do."""

from throughline.budgets.accounts import AWS
from throughline.budgets.queries import paid_clusters
from throughline.handoff.outside.aws import connect_aws
from throughline.handoff.wanted import WaitsForPerson
from throughline.kernel.errors import Transient


def aws_accounts() -> list[str]:
    """Return the AWS accounts that we pay for."""
    found = paid_clusters().filter(account__provider=AWS).order_by("account__identifier")
    return list(found.values_list("account__identifier", flat=True).distinct())


def trouble_with_aws(accounts: list[str]) -> list[str]:
    """Return what a person has to mend before handoffs reach these accounts; nothing if they may.

    It reads only: whether a budget may be made shows when one is. One account that refuses is no
    word about the others; where AWS itself does not answer, no other is asked.
    """
    system = connect_aws()
    if system is None:
        return []
    found = []
    for one in accounts:
        try:
            system.reach(one)
        except WaitsForPerson as error:
            found.append(str(error))
        except Transient as error:
            return [*found, f"AWS does not answer: try again later. {error}"]
    return found
