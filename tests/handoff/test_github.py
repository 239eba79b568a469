"""A handoff makes issues, sub-issues and cards in GitHub, each once, and sees what people do there."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.world import apply, fresh, plan, sweep, verify, with_statement
from throughline.communities.models import Community
from throughline.handoff.models import Outcome
from throughline.handoff.outside.github import SETTLING, client_from_settings, connect_github
from throughline.intake import doctor
from throughline.sales.models import Deal
from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.replies import secondary_limit
from throughline.simulators.github.server import TOKEN
from throughline.simulators.github.world import Access
from throughline.simulators.server import answering, dropping, losing_the_answer

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

REPOSITORY = "2i2c-org/infrastructure"
LATER = NOON + SETTLING + timedelta(minutes=2)
MUCH_LATER = LATER + SETTLING + timedelta(hours=1)


@pytest.fixture
def github(settings):
    with GitHubSimulator() as simulator:
        simulator.add_repository(REPOSITORY)
        simulator.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        settings.GITHUB_URL, settings.GITHUB_TOKEN = simulator.url, TOKEN
        settings.GITHUB_REPOSITORY, settings.GITHUB_PROJECT = REPOSITORY, 7
        settings.BASE_URL = "https://throughline.example"
        yield simulator


@pytest.fixture
def engagement():
    return make_engagement(name="EarthScope 2026")


def issues(github):
    return github.repositories[REPOSITORY].issues


def in_github(outcomes):
    return {one.key: one for one in outcomes if one.system == "github"}


def open_ones(outcomes):
    return {
        key: (str(one.state), one.remedy)
        for key, one in in_github(outcomes).items()
        if one.state != "converged"
    }


def key(engagement, kind, code):
    return f"github.{kind}:{engagement.number}:{code}"


def mark(engagement, code):
    return f"throughline:{key(engagement, 'issue', code)}"


def issue(github, engagement, code):
    return github.issue_marked(mark(engagement, code))


def put_label(github, made, *names):
    """Set the labels of an issue as somebody does in GitHub."""
    known = github.repositories[REPOSITORY].labels
    for name in names:
        known.setdefault(name, (github.number(), "ededed", ""))
    made.labels = list(names)


def move_card(github, made, name):
    """Set the status of an issue's card as somebody does on the board."""
    board = github.boards["2i2c-org", 7]
    card = next(one for one in board.cards if one.number == made.number)
    status = board.field_named("Status")
    card.values[status.id] = next(
        number for number, option in status.options.items() if option == name
    )


def in_github_of_kind(outcomes, kind):
    return [key for key in in_github(outcomes) if key.startswith(f"github.{kind}:")]


def writes(github):
    return sum(count for (method, _path), count in github.calls.items() if method != "GET")


def doubled(github):
    return {name: count for name, count in github.marked().items() if count != 1}


def test_plan_shows_every_issue_with_its_text_and_changes_nothing(github, engagement):
    lines = [line for line in plan(engagement).lines if line.system == "github"]

    assert {line.verb for line in lines} == {"create"}
    assert {line.audience for line in lines} == {"public"}
    shown = next(one for one in lines if one.outcome == key(engagement, "issue", "new-hub:phase-1"))
    assert "The cluster runs in the agreed cloud and region" in shown.preview
    assert writes(github) == 0


def test_handoff_makes_a_parent_issue_sub_issues_and_filled_cards_each_once(github, engagement):
    outcomes = apply(engagement)

    assert open_ones(outcomes) == {}
    assert doubled(github) == {}
    parent = issue(github, engagement, "new-hub")
    children = [issues(github)[number].title for number in parent.children]
    assert [title.partition(": ")[2] for title in children] == [
        "Phase 0: account and information",
        "Phase 1: cluster and staging hub",
        "Phase 2: production hub with authentication and image",
        "Phase 3: hand over and validate",
    ]
    assert {tuple(one.labels) for one in issues(github).values()} == {
        (f"throughline:{engagement.number}",)
    }
    phase = issue(github, engagement, "new-hub:phase-0")
    card = github.boards["2i2c-org", 7].values_of(phase.number)
    due_on = next(
        one.after["Due date"] for one in plan(engagement).lines
        if one.outcome == key(engagement, "card-fields", "new-hub:phase-0")
    )  # fmt: skip
    who = phase.title.partition(": ")[0]
    assert card == {
        "Status": "Todo", "Due date": due_on, "Engagement": f"{engagement.number} {who}",
    }  # fmt: skip


def test_receipt_names_the_issue_and_where_it_is(github, engagement):
    outcomes = in_github(apply(engagement))

    made = issue(github, engagement, "new-hub")
    assert outcomes[key(engagement, "issue", "new-hub")].receipt == {
        "id": made.id,
        "number": made.number,
        "address": f"https://github.com/{REPOSITORY}/issues/{made.number}",
    }


def test_issue_says_what_was_promised_what_is_done_when_and_where_it_is_kept(github, engagement):
    with_statement(engagement, [("Build the tool", ["It builds.", "It is documented."], 4.5, 9)])
    Deal.objects.filter(pk=engagement.pk).update(deliverable_dates={"Build the tool": "2027-03-01"})
    apply(engagement)

    body = issue(github, engagement, "statement-of-work:deliverable-1").body

    assert body == (
        f"<!-- {mark(engagement, 'statement-of-work:deliverable-1')} -->\n"
        "**Promised**: statement of work: Build the tool\n\n"
        "**Due**: 1 March 2027\n\n"
        "**Done when**\n\n"
        "- [ ] It builds.\n"
        "- [ ] It is documented.\n\n"
        f"[Engagement {engagement.number} in Throughline]"
        f"(https://throughline.example/engagements/{engagement.number}/)\n"
        "<!-- /throughline -->"
    )


def test_parent_of_a_new_hub_has_the_tables_of_its_phases_filled_from_the_record(
    github, engagement
):
    community = engagement.deal.community
    Community.objects.filter(pk=community.pk).update(
        community_id="earthscope", id_state="reserved", cloud="aws", region="", website="",
        long_name="EarthScope Consortium", github_org="", logo_url="",
    )  # fmt: skip
    apply(engagement)

    body = issue(github, engagement, "new-hub").body

    assert "### Phase 1: ready\n\n| What | Known |\n| --- | --- |\n" in body
    assert "| Community id | earthscope |\n| Cloud | aws |\n" in body
    assert "| Region | us-west-2 (nobody said) |" in body
    assert "### Phase 2: waits for website, logo, github organisation" in body
    assert "| Full name | EarthScope Consortium |\n| Website | _missing_ |" in body
    contacts = [one.contact for one in plan_people(engagement)]
    assert contacts
    assert [one.email for one in contacts if one.email and one.email in body] == []
    assert [one.full_name for one in contacts if one.full_name in body] == []


def plan_people(engagement):
    from throughline.communities.models import RoleAssignment

    return RoleAssignment.objects.filter(subject=engagement.deal.subject)


def test_second_apply_reads_and_writes_nothing(github, engagement):
    apply(engagement)
    before, sent = dict(github.calls), writes(github)

    outcomes = apply(engagement, at=LATER)

    assert open_ones(outcomes) == {}
    assert writes(github) == sent
    reads = {path: count - before.get(path, 0) for path, count in github.calls.items()}
    assert {path: count for path, count in reads.items() if count} == {
        ("GET", f"/repos/{REPOSITORY}/issues"): 1,
        ("GET", "/orgs/2i2c-org/projectsV2/7/fields"): 1,
        ("GET", "/orgs/2i2c-org/projectsV2/7/items"): 1,
    }


def test_changed_due_date_is_one_change_of_the_issue_and_one_of_its_card(github, engagement):
    with_statement(engagement, [("Build the tool", ["It builds."], 4.5, 9)])
    apply(engagement)
    sent = writes(github)

    Deal.objects.filter(pk=engagement.pk).update(deliverable_dates={"Build the tool": "2027-03-01"})
    outcomes = apply(fresh(engagement), at=LATER)

    assert open_ones(outcomes) == {}
    # The project's last day is the day of its only deliverable: its issue and card say so as well.
    assert writes(github) - sent == 4
    made = issue(github, engagement, "statement-of-work:deliverable-1")
    card = github.boards["2i2c-org", 7].values_of(made.number)
    assert (card["Due date"], "1 March 2027" in made.body) == ("2027-03-01", True)


def test_what_people_write_tick_and_set_beside_our_text_survives_an_update(github, engagement):
    with_statement(engagement, [("Build the tool", ["It builds.", "It runs."], 4.5, 9)])
    apply(engagement)
    made = issue(github, engagement, "statement-of-work:deliverable-1")
    made.body = "Read this first.\r\n\r\n" + made.body.replace("- [ ] It runs", "- [x] It runs")
    made.body = made.body.replace("\n", "\r\n").replace("\r\r", "\r") + "\r\n\r\nOur notes: @ada"
    put_label(github, made, *made.labels, "urgent")
    made.assignees.append("ada")
    move_card(github, made, "In Progress")

    assert open_ones(verify(engagement, at=LATER)) == {}

    Deal.objects.filter(pk=engagement.pk).update(deliverable_dates={"Build the tool": "2027-03-01"})
    assert open_ones(apply(fresh(engagement), at=LATER)) == {}
    assert made.body.startswith("Read this first.\r\n\r\n<!-- throughline:")
    assert made.body.endswith("<!-- /throughline -->\r\n\r\nOur notes: @ada")
    assert "- [ ] It builds.\n- [x] It runs.\n" in made.body
    assert "1 March 2027" in made.body
    assert made.labels == [f"throughline:{engagement.number}", "urgent"]
    assert made.assignees == ["ada"]
    assert github.boards["2i2c-org", 7].values_of(made.number)["Status"] == "In Progress"


def test_closing_as_completed_is_how_work_ends_and_giving_up_is_drift(github, engagement):
    apply(engagement)
    done = issue(github, engagement, "new-hub:phase-0")
    dropped = issue(github, engagement, "new-hub:phase-1")
    done.state, done.state_reason = "closed", "completed"
    dropped.state, dropped.state_reason = "closed", "not_planned"

    differing = open_ones(verify(engagement, at=LATER))

    assert {name: state for name, (state, _remedy) in differing.items()} == {
        key(engagement, "issue", "new-hub:phase-1"): "drifted"
    }
    apply(engagement, at=LATER)
    assert (dropped.state, dropped.state_reason) == ("open", "reopened")
    assert done.state == "closed"


def test_edited_title_and_text_are_drift_and_can_be_restored(github, engagement):
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    title, body = made.title, made.body
    made.title = "Something else"
    made.body = made.body.replace("The cloud account exists", "No account is needed")

    (found,) = [one for one in verify(engagement, at=LATER) if one.state == "drifted"]

    assert found.key == key(engagement, "issue", "new-hub:phase-0")
    assert found.seen["title"] == "Something else"
    assert "No account is needed" in found.seen["text"]
    apply(engagement, at=LATER)
    assert (made.title, made.body) == (title, body)


def test_sub_issue_that_was_moved_under_another_parent_is_put_back(github, engagement):
    apply(engagement)
    parent = issue(github, engagement, "new-hub")
    child = issue(github, engagement, "new-hub:phase-0")
    parent.children.remove(child.number)
    child.parent = issue(github, engagement, "new-hub:phase-1").number
    issues(github)[child.parent].children.append(child.number)

    apply(engagement, at=LATER)

    assert child.parent == parent.number
    assert child.number in parent.children


def test_issue_whose_label_was_taken_is_known_by_its_number_and_labelled_again(github, engagement):
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    put_label(github, made, "urgent")
    move_card(github, made, "In Progress")
    with client_from_settings() as client:
        copy = client.create_issue("A copy", made.body, [f"throughline:{engagement.number}"])

    outcomes = apply(engagement, at=LATER)

    assert open_ones(outcomes) == {}
    assert made.labels == [f"throughline:{engagement.number}", "urgent"]
    assert issues(github)[copy.number].title == "A copy"
    assert github.boards["2i2c-org", 7].values_of(made.number)["Status"] == "In Progress"
    assert len(issues(github)) == len(in_github_of_kind(outcomes, "issue")) + 1


def test_deleted_issue_is_made_again_where_a_person_applies(github, engagement):
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    made.is_deleted = True

    (found,) = [
        one for one in verify(engagement, at=LATER)
        if one.state == "drifted" and ".issue:" in one.key
    ]  # fmt: skip
    assert found.seen is None
    assert open_ones(apply(engagement, at=MUCH_LATER)) == {}

    again = issue(github, engagement, "new-hub:phase-0")
    assert again.number != made.number
    assert again.parent == issue(github, engagement, "new-hub").number


def test_transferred_issue_waits_for_a_person_and_is_not_made_again(github, engagement):
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    made.moved_to = "2i2c-org/elsewhere#9"
    count = len(issues(github))

    differing = open_ones(apply(engagement, at=LATER))

    assert {state for state, _remedy in differing.values()} == {"waiting"}
    assert sorted(differing) == sorted(
        key(engagement, kind, "new-hub:phase-0")
        for kind in ("issue", "sub-issue", "card", "card-fields")
    )
    (_state, remedy) = differing[key(engagement, "issue", "new-hub:phase-0")]
    assert remedy.startswith(
        f"Issue {REPOSITORY}#{made.number} was transferred to another repository: transfer it back"
    )
    assert len(issues(github)) == count


def test_copy_of_an_issue_is_not_taken_for_ours(github, engagement):
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    with client_from_settings() as client:
        copy = client.create_issue("A copy", made.body, made.labels)

    assert open_ones(apply(engagement, at=LATER)) == {}
    assert issues(github)[copy.number].title == "A copy"


@pytest.mark.parametrize("fault", [losing_the_answer(), dropping(), answering(502)])
def test_issue_whose_answer_was_lost_is_looked_up_and_never_doubled(github, engagement, fault):
    name = key(engagement, "issue", "new-hub:phase-0")
    at = _calls_before(engagement, name)
    _fail_call(github, at, fault)

    first = in_github(apply(engagement))
    assert first[name].state == "unknown"

    sweep(LATER)
    sweep(MUCH_LATER)
    found = in_github(Outcome.objects.all())

    assert {one.state for one in found.values()} == {"converged"}
    assert doubled(github) == {}
    made = issue(github, engagement, "new-hub:phase-0")
    assert found[name].receipt["number"] == made.number  # known, though no answer ever said so


def _calls_before(engagement, name):
    """Return how many writes a first apply makes before an outcome's."""
    lines = [line for line in plan(engagement).lines if line.system == "github"]
    return [line.outcome for line in lines].index(name)


def _fail_call(github, place, fault):
    """Let the write at a place fail, and all others go well."""
    performing, count = github.take, iter(range(10_000))

    def take(call):
        if call.method != "GET" and next(count) == place:
            github.fail_next(fault)
        return performing(call)

    github.take = take


def test_lagging_list_makes_no_doubles(github, engagement):
    github.lag = 10_000
    apply(engagement)
    made = len(issues(github))

    apply(engagement, at=NOON + timedelta(minutes=1))
    github.lag = 0
    sweep(LATER)
    outcomes = apply(engagement, at=MUCH_LATER)

    assert open_ones(outcomes) == {}
    assert len(issues(github)) == made
    assert doubled(github) == {}


def test_board_without_a_field_waits_for_a_person_and_the_issues_go_on(github, engagement):
    board = github.boards["2i2c-org", 7]
    board.field_named("Due date").name = "Deadline"

    remedy = (
        "The board 2i2c-org/7 has no field “Due date”: add one of the type date, or rename it "
        "back. It has Deadline, Engagement, Status, Title."
    )

    differing = open_ones(apply(engagement))

    assert {name.partition(":")[0] for name in differing} == {"github.card-fields"}
    assert set(differing.values()) == {("waiting", remedy)}
    board.field_named("Deadline").name = "Due date"
    assert open_ones(apply(engagement, at=LATER)) == {}


def test_board_without_the_option_names_those_it_has(github, engagement, settings):
    settings.GITHUB_STATUS = "To do"

    ((_state, remedy),) = set(open_ones(apply(engagement)).values())

    assert remedy == (
        "The field “Status” of the board 2i2c-org/7 has no option “To do”: add it, or set "
        "THROUGHLINE_GITHUB_STATUS to one of Todo, In Progress, Done."
    )


def test_board_that_is_not_there_stops_its_cards_and_nothing_else(github, engagement, settings):
    settings.GITHUB_PROJECT = 8

    differing = open_ones(apply(engagement))

    assert {name.partition(":")[0] for name in differing} == {"github.card", "github.card-fields"}
    (remedy,) = {remedy for _state, remedy in differing.values()}
    assert remedy.startswith("There is no board 2i2c-org/8, or the token may not see it:")


def test_without_a_board_there_are_no_cards(github, engagement, settings):
    settings.GITHUB_PROJECT = 0

    outcomes = in_github(apply(engagement))

    kinds = {name.partition(":")[0] for name in outcomes}
    assert kinds == {"github.label", "github.issue", "github.sub-issue"}
    assert {path for _method, path in github.calls if "projectsV2" in path} == set()


def revoke(github):
    github.tokens.clear()


def let_it_only_read(github):
    github.tokens[TOKEN] = Access("reader", may_write=False, may_board=False)


def archive(github):
    github.repositories[REPOSITORY].is_archived = True


def switch_issues_off(github):
    github.repositories[REPOSITORY].has_issues = False


def take_it_away(github):
    github.repositories.clear()


def rename(github):
    github.repositories[REPOSITORY].renamed_to = "2i2c-org/hubs"


STOPS_WRITING_ALONE = (let_it_only_read, archive)  # looking still works


@pytest.mark.parametrize(
    ("harm", "remedy"),
    [
        (revoke, "GitHub does not take our token any more: make a new one"),
        (let_it_only_read, "The token may not do this: give it “Issues: read and write” for"),
        (archive, f"{REPOSITORY} is archived: unarchive it, or name another repository in"),
        (switch_issues_off, f"Issues are switched off in {REPOSITORY}: switch them on"),
        (take_it_away, f"GitHub shows no {REPOSITORY}, or not this part of it: check"),
        (rename, f"{REPOSITORY} has another name now: set THROUGHLINE_GITHUB_REPOSITORY"),
    ],
)
def test_refusal_waits_for_a_person_with_the_remedy_and_our_own_outcomes_go_on(
    github, engagement, harm, remedy
):
    harm(github)

    outcomes = apply(engagement)

    label = in_github(outcomes)[f"github.label:{engagement.number}"]
    assert (label.state, label.remedy[: len(remedy)]) == ("waiting", remedy)
    others = [one for key, one in in_github(outcomes).items() if key != label.key]
    refused = [one for one in others if one.state == "waiting"]
    in_line = [one for one in others if one.state == "wanted"]  # for what they belong to
    assert len(refused) + len(in_line) == len(others)
    assert bool(in_line) == (harm in STOPS_WRITING_ALONE)
    assert [one.key + one.remedy for one in refused if not one.remedy.startswith(remedy)] == []
    assert [
        one.key + one.remedy for one in in_line if not one.next_at
    ] == []  # they go on by themselves
    assert "converged" in {one.state for one in outcomes if one.system == "delivery"}
    assert github.marked() == {}


def test_answer_of_unknown_shape_waits_for_a_person_and_is_not_sent_again(github, engagement):
    _fail_call(github, 1, answering(201, {"id": "new"}))

    first = in_github(apply(engagement))[key(engagement, "issue", "new-hub")]

    assert first.state == "waiting"
    assert first.remedy.startswith("GitHub answers in a form that this version does not know")


def test_secondary_limit_lets_everything_wait_as_long_as_github_says(github, engagement):
    _fail_call(github, 3, secondary_limit("240"))

    first = in_github(apply(engagement))
    sent = writes(github)

    assert {"wanted", "converged"} == {str(one.state) for one in first.values()}
    sweep(NOON + timedelta(minutes=3))
    assert writes(github) == sent
    sweep(LATER)
    sweep(MUCH_LATER)
    assert {one.state for one in in_github(Outcome.objects.all()).values()} == {"converged"}
    assert doubled(github) == {}


def test_without_settings_nothing_is_wanted_in_github(engagement):
    assert connect_github() is None
    assert in_github(apply(engagement)) == {}


def test_doctor_says_what_is_wrong_with_github_before_a_handoff_does(github, settings):
    def told():
        check = doctor.github()
        return check.is_well, check.remedy

    assert told() == (True, "")
    assert doctor.github().message == f"Issues are made in {REPOSITORY}, cards on board 7."
    github.boards["2i2c-org", 7].field_named("Engagement").kind = "number"
    assert told() == (
        False,
        (
            "The field “Engagement” of the board 2i2c-org/7 is of the type number: rename it, and add"
            " one of the type text."
        ),
    )
    settings.GITHUB_PROJECT = 8
    assert told()[1].startswith("There is no board 2i2c-org/8")
    settings.GITHUB_PROJECT = 0
    assert told() == (True, "")
    github.fail_next(answering(503))
    assert told()[1].startswith("GitHub does not answer: try again later.")
    github.tokens.clear()
    assert told()[1].startswith("GitHub does not take our token any more")
    assert writes(github) == 0
    settings.GITHUB_REPOSITORY = ""
    assert doctor.github().message == "GitHub is not connected."
