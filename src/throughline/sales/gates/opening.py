"""Conditions up to Negotiation: who, for whom, where, and whether PS can deliver it."""

from throughline.capacity.models import CapacityAnswer
from throughline.capacity.queries import team_changes
from throughline.capacity.words import AnswerWord
from throughline.communities.words import IdState
from throughline.sales.gates.finding import CONDITIONS, Finding, Question, met, stale, unmet
from throughline.sales.queries import capacity_basis

SHOWN_CHANGES = 3
_BASIS_WORDS = {
    "start_on": "the start date",
    "end_on": "the end date",
    "low_h": "the low estimate",
    "high_h": "the high estimate",
    "due": "the deliverables' due dates",
}


@CONDITIONS.register("deal.owner")
def deal_has_an_owner(asked: Question) -> Finding:
    """Pass once somebody of BD has the deal."""
    owner = asked.facts.deal.owner
    if owner:
        return met(f"{owner} has the deal.")
    return unmet("Nobody has the deal.", "Write down who of BD owns it.")


@CONDITIONS.register("community.named")
def community_is_named(asked: Question) -> Finding:
    """Pass once the deal names the community that it serves."""
    community = asked.facts.deal.community
    if community:
        return met(f"The deal serves {community.short_name}.")
    return unmet("The deal names no community.", "Give the community's short name.")


@CONDITIONS.register("community.id")
def community_id_is_held(asked: Question) -> Finding:
    """Pass while the community's id is reserved or in use; an older id counts too (E7)."""
    community = asked.facts.deal.community
    if community is None:
        return unmet("There is no community to have an id.", "Name the community first.")
    if community.id_state == IdState.USED:
        return met(f"The id {community.community_id} is in use.")
    if community.id_state == IdState.RESERVED:
        until = community.id_reserved_until
        if until is None or until >= asked.on:
            return met(f"The id {community.community_id} is reserved until {until}.")
        return stale(
            f"The id {community.community_id} was reserved until {until}.", "Reserve it again."
        )
    if aliases := [alias.alias for alias in community.aliases.all()]:
        return met(f"The community goes by its older id {aliases[0]}.")
    return unmet("No community_id is reserved.", "Reserve one: a single lowercase word.")


@CONDITIONS.register("cloud.preference")
def cloud_is_asked_for(asked: Question) -> Finding:
    """Pass once cloud and region were asked for: an answer, or "unknown, because …"."""
    community = asked.facts.deal.community
    if community is None:
        return unmet("There is no community to ask.", "Name the community first.")
    if community.cloud:
        return met(f"Prefers {community.cloud} {community.region}".strip() + ".")
    if community.cloud_unknown_because:
        return met(f"Unknown, because {community.cloud_unknown_because}.")
    return unmet(
        "Nobody has asked for cloud and region.",
        "Write down the cloud, or why it is unknown: data and hub should be close to each other.",
    )


@CONDITIONS.register("capacity.answered")
def capacity_is_answered(asked: Question) -> Finding:
    """Pass while PS's answer is fresh and not "no"."""
    answer = asked.facts.capacity
    remedy = "Ask PS for a capacity answer: `throughline capacity ask`."
    if answer is None:
        return unmet("PS has not said whether this can be delivered.", remedy)
    if answer.answer == AnswerWord.NO:
        return unmet(
            f"{answer.by} answered no.", "Change scope or dates with PS and ask for a new answer."
        )
    if answer.expires_on < asked.on:
        return stale(f"{answer.by}'s answer expired on {answer.expires_on}.", remedy)
    if changed := _what_changed(asked, answer):
        return stale(f"Since {answer.by} answered, {changed} changed.", remedy)
    return met(f"{answer.by} answered “{_in_words(answer)}”, good until {answer.expires_on}.")


def _what_changed(asked: Question, answer: CapacityAnswer) -> str:
    now = capacity_basis(asked.facts)
    changed = [words for name, words in _BASIS_WORDS.items() if answer.basis.get(name) != now[name]]
    # The same hours for other work, or by other roles, is another question. Older answers do not
    # say which work they were given for.
    if answer.basis.get("work", now["work"]) != now["work"]:
        changed.append("what is to be done")
    team = team_changes(answer.basis.get("team", now["team"]), now["team"])
    if team:
        shown = ", ".join(team[:SHOWN_CHANGES]) + (" …" if len(team) > SHOWN_CHANGES else "")
        changed.append(f"the team ({shown})")
    return " and ".join(changed)


def _in_words(answer: CapacityAnswer) -> str:
    match answer.answer:
        case AnswerWord.YES_FROM:
            return f"yes, from {answer.start_on}"
        case AnswerWord.ONLY_IF:
            return f"only if {'; '.join(answer.only_if)}"
        case other:
            return other
