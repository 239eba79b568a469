"""`throughline search`: everything by its words."""

import click

from throughline.cli.reply import Reply, now, replies, watched
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.search.actions.asking import Answer, ask
from throughline.search.actions.following import start_anew
from throughline.search.jobs import steps
from throughline.search.shapes import found_shape
from throughline.search.words import EVERYTHING, Kind

ENOUGH = 1_000_000  # steps: until nothing is left


@click.command()
@click.argument("words", nargs=-1)
@click.option("--kind", type=click.Choice(Kind.values), help="Only things of one kind.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@click.option("--rebuild", is_flag=True, help="Make the index anew first.")
@replies
def search(words: tuple[str, ...], kind: str | None, limit: int, *, rebuild: bool) -> Reply:
    """Find deals, people, clusters and all else by words, ids or addresses.

    Every thing has all WORDS, the last of which may go on. Amounts are not searched.
    """
    text = " ".join(words).strip()
    if not text and not rebuild:
        raise Refused("Nothing is asked for.", remedy="Give words: throughline search earthscope.")
    if rebuild:
        start_anew()
    taken = steps(playbook=current(), at=now(), most=ENOUGH)
    left = 0
    for left in watched(taken, what="index"):  # noqa: B007 -- the last one counts
        pass
    answer = ask(
        text,
        sight=EVERYTHING,
        kind=Kind(kind) if kind else None,
        part=slice(0, limit),
        by_kind=False,
        playbook=current(),
        at=now(),
    )
    document = {
        "count": answer.findings.count,
        "behind": left,
        "items": [found_shape(one) for one in answer.findings.found],
    }
    behind = [f"{left} changes are not in the index yet."] if left else []
    return Reply(document, _lines(answer, rebuild=rebuild), behind)


def _lines(answer: Answer, *, rebuild: bool) -> list[str]:
    if not answer.asked.whole:
        return ["The index is made anew."] if rebuild else []
    lines = []
    for one in answer.findings.found:
        shape = found_shape(one)
        about = f"  ({shape['about']})" if shape["about"] else ""
        lines.append(f"{shape['kind']:>13} {shape['number']:>6}  {shape['title']}{about}")
        if shape["quotation"]:
            lines.append(f"{'':22}{shape['quotation']}")
    more = answer.findings.count - len(answer.findings.found)
    if more > 0:
        lines.append(f"{more} more: ask for a kind with --kind, or raise --limit.")
    return lines or ["Nothing goes by that. Try fewer words, or the beginning of one."]
