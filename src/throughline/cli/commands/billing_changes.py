"""Commands that say whose a cost is, and that correct one."""

import click

from throughline.billing.actions.correcting import Counts, Target
from throughline.billing.actions.correcting import correct as book_correction
from throughline.billing.actions.counting import count_users
from throughline.billing.actions.mapping import assign_named, find_account, set_split
from throughline.billing.words import EntryKind, SplitMethod
from throughline.billing.written import amount_in, part_in
from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.queries import find_engagement
from throughline.kernel.errors import Refused
from throughline.kernel.money import shown
from throughline.kernel.months import month_text, parse_month
from throughline.sales.actions.payers import known_cluster


@click.command("assign")
@click.argument("name", metavar="ACCOUNT")
@click.option("--cluster", default="", help="What it is for.")
@click.option("--ours", default="", metavar="WHY", help="It is our own cost, and why.")
@by_option
@replies
def assign(name: str, cluster: str, ours: str, by: str | None) -> Reply:
    """Say what an account is for, or which cluster a name in a file of users means. Remembered."""
    if bool(cluster) == bool(ours):
        raise click.UsageError("Give either --cluster or --ours.")
    to = known_cluster(cluster) if cluster else None
    line = assign_named(name, to, why=ours, by=operator(by), at=now())
    return Reply({"name": name, "cluster": to.name if to else None, "ours": ours}, [line])


@click.command("split")
@click.argument("account")
@click.option("--method", type=click.Choice(SplitMethod.values), default=SplitMethod.FIXED.value)
@click.option(
    "--part", "parts", multiple=True, required=True, metavar="E[@CLUSTER][=NUMBER]",
    help="An engagement's part; “ours” for our own. Without numbers: by each cluster's users.",
)  # fmt: skip
@click.option("--from", "from_month", required=True, metavar="MONTH")
@click.option("--why", default="")
@by_option
@replies
def split(
    account: str, method: str, parts: tuple[str, ...], from_month: str, why: str, by: str | None
) -> Reply:
    """Say how a shared account's bill is split, to the cent, from a month on."""
    found = find_account(account)
    rule = set_split(
        found,
        SplitMethod(method),
        [part_in(text) for text in parts],
        from_month=parse_month(from_month),
        why=why,
        by=operator(by),
        at=now(),
    )
    document = {
        "account": found.identifier,
        "version": rule.version,
        "from_month": month_text(rule.from_month),
        "method": rule.method,
    }
    return Reply(document, [f"{found.identifier}: split {rule.version} from {from_month}."])


@click.command("correct", context_settings={"ignore_unknown_options": True})
@click.argument("month", metavar="MONTH")
@click.argument("amount")
@click.option("--account", default="", help="Shared as its bill is.")
@click.option("--engagement", default="", metavar="E")
@click.option("--cluster", default="", help="Of the engagement.")
@click.option("--of", "of_month", default="", metavar="MONTH", help="The month that it is of.")
@click.option("--credit", is_flag=True, help="It is a credit.")
@click.option("--usage", is_flag=True, help="It is a usage fee whose users came late.")
@click.option("--why", required=True)
@by_option
@replies
def correct(month: str, amount: str, by: str | None, **said: str | bool) -> Reply:
    """Book a correction or a credit in a month that was not sent: AMOUNT is the difference."""
    counts_in = parse_month(month)
    of_month = str(said["of_month"])
    entry = book_correction(
        Target(
            account=find_account(str(said["account"])) if said["account"] else None,
            engagement=find_engagement(str(said["engagement"])) if said["engagement"] else None,
            cluster=known_cluster(str(said["cluster"])) if said["cluster"] else None,
        ),
        amount_in(amount),
        Counts(counts_in, parse_month(of_month) if of_month else counts_in),
        kind=_kind(is_credit=bool(said["credit"]), is_usage=bool(said["usage"])),
        why=str(said["why"]),
        by=operator(by),
        at=now(),
    )
    document = {
        "month": month_text(entry.month),
        "of_month": month_text(entry.of_month),
        "kind": entry.kind,
        "amount": shown(entry.amount),
    }
    return Reply(document, [f"{entry.get_kind_display()} {shown(entry.amount)} in {month}."])


def _kind(*, is_credit: bool, is_usage: bool) -> EntryKind:
    if is_credit and is_usage:
        raise click.UsageError("Give --credit or --usage, not both.")
    return EntryKind.CREDIT if is_credit else EntryKind.USAGE if is_usage else EntryKind.CORRECTION


@click.command("count")
@click.argument("cluster")
@click.argument("month", metavar="MONTH")
@click.argument("users")
@click.option("--why", required=True, help="Where the number comes from.")
@by_option
@replies
def count(cluster: str, month: str, users: str, why: str, by: str | None) -> Reply:
    """Write down by hand how many used a cluster in a month; USERS may be “unknown”."""
    if users != "unknown" and not (users.isascii() and users.isdecimal() and len(users) < 9):  # noqa: PLR2004 -- more than there are people
        raise Refused(f"{users!r} is no number of people.", remedy="Write a number, or “unknown”.")
    known = known_cluster(cluster)
    made = count_users(
        known.name, parse_month(month), None if users == "unknown" else int(users), why=why,
        by=operator(by), at=now(),
    )  # fmt: skip
    return Reply(
        {"cluster": known.name, "month": month, "users": made.users},
        [f"{known.name} in {month}: {users} active users."],
    )
