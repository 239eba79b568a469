"""`throughline alert …`: what was told of costs, and what is done about it."""

import click

from throughline.budgets.actions import asking, deciding
from throughline.budgets.actions.receiving import settle_received
from throughline.budgets.listing import alert_shape
from throughline.budgets.models import Alert
from throughline.budgets.queries import alerts, find_alert, unreadable_words, waiting_alerts
from throughline.budgets.words import Decision
from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.queries import find_engagement
from throughline.playbook.current import current

number_argument = click.argument("number", metavar="N", type=int)


@click.group()
def alert() -> None:
    """See to alerts about costs. N is an alert's number."""


@alert.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are decided, too.")
@replies
def list_alerts(*, every: bool) -> Reply:
    """List the alerts that wait for a decision, and what came in and cannot be read."""
    found = list(alerts() if every else waiting_alerts())
    odd = list(unreadable_words())
    lines = [_line(one) for one in found]
    lines += [f"{one.pk:>6}  cannot be read ({one}): {one.why}" for one in odd]
    document = {
        "alerts": [alert_shape(one) for one in found],
        "unreadable": [
            {"number": one.pk, "source": one.source, "why": one.why, "body": one.body,
             "kept_at": one.kept_at.isoformat()}
            for one in odd
        ],
    }  # fmt: skip
    return Reply(document, lines or ["Nothing waits. Alerts come in by mail, SNS or a provider."])


def _line(one: Alert) -> str:
    last = next(iter(one.crossings.all()), None)
    told = f"{last.get_spend_display()} {last.threshold}" if last else "nothing told"
    owner = one.owner or "nobody"
    return f"{one.pk:>6}  {one.get_state_display():<12}  {one}: {told}; with {owner}"


def _answer(pk: int, words: str) -> Reply:
    found = find_alert(pk)
    return Reply(alert_shape(found), [f"{found}: {words}"])


@alert.command("show")
@number_argument
@replies
def show(number: int) -> Reply:
    """Show an alert with all that was told of it."""
    found = find_alert(number)
    told = [
        f"        {one.budget}: {one.get_spend_display()} {one.threshold}, by"
        f" {one.get_source_display()}, {one.times} times, last on {one.last_at:%Y-%m-%d}"
        for one in found.crossings.all()
    ]
    return Reply(alert_shape(found), [_line(found), *told, f"        Cause: {found.cause or '–'}"])


@alert.command("take")
@number_argument
@by_option
@replies
def take(number: int, by: str | None) -> Reply:
    """See to an alert, by name."""
    return _answer(deciding.take_alert(number, by=operator(by), at=now()).pk, "yours now.")


@alert.command("acknowledge")
@number_argument
@by_option
@replies
def acknowledge(number: int, by: str | None) -> Reply:
    """Say that somebody has seen an alert."""
    found = deciding.acknowledge_alert(number, by=operator(by), at=now())
    return _answer(found.pk, "acknowledged.")


@alert.command("cause")
@number_argument
@click.argument("text")
@by_option
@replies
def cause(number: int, text: str, by: str | None) -> Reply:
    """Write down what made the costs."""
    found = deciding.explain_alert(number, cause=text, by=operator(by), at=now())
    return _answer(found.pk, "the cause is written down.")


@alert.command("decide")
@number_argument
@click.argument("decision", type=click.Choice(Decision.values))
@click.option("--because", required=True, metavar="TEXT", help="Why.")
@by_option
@replies
def decide(number: int, decision: str, because: str, by: str | None) -> Reply:
    """Decide about an alert: expected, reduce or absorb. Nothing else closes it."""
    found = deciding.decide_alert(number, decision=decision, why=because, by=operator(by), at=now())
    return _answer(found.pk, f"{found.get_decision_display().lower()}.")


@alert.command("match")
@number_argument
@click.argument("reference", metavar="E")
@by_option
@replies
def match(number: int, reference: str, by: str | None) -> Reply:
    """Say whose alert it is, where that could not be told."""
    found = deciding.match_alert(number, find_engagement(reference), by=operator(by), at=now())
    return _answer(found.pk, f"about engagement {found.engagement_id}.")


@alert.command("tell")
@number_argument
@click.option("--text", default="", metavar="TEXT", help="What happens next.")
@by_option
@replies
def tell(number: int, text: str, by: str | None) -> Reply:
    """Write to the community's champion, from the playbook's template."""
    found, message = asking.tell_champion(
        number, text=text, playbook=current(), by=operator(by), at=now()
    )
    return _answer(found.pk, f"{message.to[0]} is written to: {message.subject}.")


@alert.command("credit")
@number_argument
@click.argument("amount")
@click.option("--because", required=True, metavar="TEXT", help="Why the community need not pay.")
@by_option
@replies
def credit(number: int, amount: str, because: str, by: str | None) -> Reply:
    """Ask the Sponsor for a credit: a work order on the desk."""
    found, work = asking.ask_credit(
        number, amount=amount, why=because, playbook=current(), by=operator(by), at=now()
    )
    return _answer(found.pk, f"work order {work.pk} waits for the Sponsor.")


@alert.command("settle")
@number_argument
@click.option("--because", required=True, metavar="TEXT", help="What was done about it.")
@by_option
@replies
def settle(number: int, because: str, by: str | None) -> Reply:
    """Say that something which cannot be read has been seen to; N is its number in the list."""
    found = settle_received(number, why=because, by=operator(by), at=now())
    return Reply({"number": found.pk, "state": found.state}, [f"{found}: settled."])
