"""Five months of cloud bills: one is sent, one reviewed, and something is wrong in the last."""

from datetime import date
from decimal import Decimal

from throughline.billing.actions.mapping import assign_named
from throughline.billing.actions.months import review_month, send_month
from throughline.billing.told import Source
from throughline.cli.demonstration.people import ADA, BEN, NOOR, SAM
from throughline.cli.demonstration.scene import Scene
from throughline.delivery.queries import engagements
from throughline.handoff.passes import apply_handoff
from throughline.handoff.wanted import Doing
from throughline.intake.bills import take_in_costs, take_in_users
from throughline.kernel.months import last_day, month_of, month_text, months_later

MONTHS = 5
MANAGEMENT = "Harbour Commons management"
# Account, name, and what it costs each month; the last one is for nobody knows what.
ACCOUNTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("000000000301", "tidewrack", ("812.4471", "836.9028", "829.1157", "901.5502", "887.3319")),
    ("000000000303", "lichenatlas", ("214.0018", "209.7744", "221.3501", "218.9920", "216.4407")),
    (
        "000000000305",
        "saltmarsh",
        ("", "", "", "118.2040", "1401.7737"),
    ),
    ("000000000401", "quarrystone", ("402.1180", "398.5531", "411.0094", "405.6628", "553.9016")),
    ("000000000403", "oldriver", ("188.2204", "190.0417", "187.5533", "191.2280", "189.9961")),
    ("000000000404", "thistledown", ("96.3302", "91.7745", "84.2018", "80.5523", "77.1190")),
    ("000000000205", "cobblewood", ("", "", "", "", "132.4471")),
    ("000000000001", MANAGEMENT, ("41.2200", "41.2200", "43.0071", "43.0071", "43.5108")),
    ("000000000777", "sandbox", ("", "", "", "12.4033", "88.9174")),
)
USERS: dict[str, tuple[str, ...]] = {
    "tidewrack": ("112", "118", "109", "121", "120"),
    "lichenatlas": ("31", "28", "35", "33", "30"),
    "saltmarsh": ("0", "0", "0", "12", "N/A"),
    "saltmarshnorth": ("0", "0", "0", "7", "88"),
    "fernglow": ("22", "25", "21", "24", "26"),
    "oldriver": ("14", "12", "15", "13", "12"),
    "thistledown": ("6", "5", "4", "4", "3"),
    "cobblewood": ("0", "0", "0", "0", "41"),
    "quarrystone": ("57", "55", "61", "58", "60"),
}


def bills_came_in(scene: Scene) -> None:
    """Import the bills and users of the last months, assign what is our own, and send the first."""
    newest = months_later(month_of(scene.day(0)), -1)
    months = [months_later(newest, -back) for back in range(MONTHS - 1, -1, -1)]
    costs = Source(_costs(months).encode(), f"costs-{month_text(newest)}.csv")
    take_in_costs(costs, "aws", rate=None, playbook=scene.playbook, by=NOOR, at=scene.at)
    users = Source(_users(months).encode(), f"mau-{month_text(newest)}.csv")
    take_in_users(users, by=NOOR, at=scene.at)
    assign_named(MANAGEMENT, None, why="It pays for the others.", by=NOOR, at=scene.at)
    review_month(months[0], playbook=scene.playbook, by=ADA, at=scene.at)
    send_month(months[0], playbook=scene.playbook, by=SAM, at=scene.at)
    review_month(months[1], playbook=scene.playbook, by=BEN, at=scene.at)


def columns_followed(scene: Scene) -> None:
    """Write the months into the billing columns that handoffs made, as a worker would by now."""
    for engagement in engagements().filter(outcomes__isnull=False).distinct():
        apply_handoff(
            engagement,
            playbook=scene.playbook,
            holder="demonstration",
            doing=Doing(by=NOOR, at=scene.at),
        )
    scene.post(0)


def _costs(months: list[date]) -> str:
    """Return the file as Cost Explorer writes it."""
    rows = [
        ["Linked account", *(number for number, _name, _costs in ACCOUNTS), "Total costs($)"],
        ["Linked account name", *(f"{name}($)" for _n, name, _costs in ACCOUNTS), "Total costs($)"],
    ]
    columns = [list(costs) for _number, _name, costs in ACCOUNTS]
    sums = [_sum(column) for column in columns]
    rows.append(["Linked account total", *sums, _sum(sums)])
    for index, month in enumerate(months):
        cells = [column[index] for column in columns]
        rows.append([month.isoformat(), *cells, _sum(cells)])
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


def _sum(cells: list[str]) -> str:
    return str(sum((Decimal(cell) for cell in cells if cell), Decimal(0)))


def _users(months: list[date]) -> str:
    lines = [
        f"{cluster},{last_day(month)},{counts[index]}"
        for index, month in enumerate(months)
        for cluster, counts in USERS.items()
    ]
    return "\n".join(["cluster,date,unique_users", *lines]) + "\n"
