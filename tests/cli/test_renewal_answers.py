"""What the commands of renewals answer: one document on stdout, exactly these keys, this exit code."""

from tests.factories import BD
from tests.renewals.endings import make_running

COURSE = {
    "engagement", "course", "end_on", "why", "successor", "awaited", "amendment", "hubs_that_end",
    "by", "at", "following",
}  # fmt: skip
RUNNING = {
    "subject", "state", "deal", "name", "hubs", "since_on", "days", "kept_until_on", "decide_on",
    "must_be_decided", "decommission_on", "tokens", "ball", "remedy",
}  # fmt: skip
CHECK_LIST = {
    "deal", "end_on", "hubs", "clusters", "final_users", "keep_until_on", "others", "over", "steps",
}  # fmt: skip
PACK = {
    "engagement", "deal", "name", "on", "start_on", "end_on", "days_left", "items", "promises",
    "people", "months", "invoices",
}  # fmt: skip


def test_renewing_answers_with_the_course_and_how_the_next_term_follows(ask):
    engagement = make_running("2026-06-30", hubspot_id="700")

    course = ask("renewals", "renew", "700", "--from", "2026-07-11", "--by", BD)

    assert set(course) == COURSE
    assert (course["engagement"], course["course"]) == (engagement.number, "renew")
    assert (course["following"]["gap_days"], course["following"]["overlap_days"]) == (10, 0)


def test_what_runs_is_allowed_and_decided_by_the_name_it_is_listed_with(ask):
    make_running("2020-06-30", start_on="2019-01-01", hubspot_id="700")
    (listed,) = ask("renewals", "running", "--on", "2020-07-01")

    assert set(listed) == RUNNING
    assert (listed["state"], listed["days"], listed["hubs"]) == ("lapsed", 1, ["tide/prod"])
    decided = ask("renewals", "decide", listed["subject"], "decommission", "--why", "Over.")
    assert decided == {
        "subject": listed["subject"], "verdict": "decommission", "until_on": None,
    }  # fmt: skip
    (planned,) = ask("renewals", "running")
    assert (planned["ball"], planned["must_be_decided"]) == ("PS", False)


def test_ending_begins_a_check_list_and_its_lines_are_said_to_be_done(ask):
    make_running("2026-06-30", hubspot_id="700")

    ended = ask("renewals", "end", "700", "--why", "Over.", "--by", BD)
    lines = ask("renewals", "done", "700", "data", "--note", "They wrote it.", "--by", BD)

    assert set(ended) == COURSE
    assert set(lines) == CHECK_LIST
    assert [one["code"] for one in lines["steps"] if one["done"]] == ["data"]


def test_the_pack_answers_with_thirteen_items_and_writes_a_pdf(ask, tmp_path):
    make_running("2026-06-30", hubspot_id="700")
    file = tmp_path / "pack.pdf"

    pack = ask("renewals", "pack", "700", "--on", "2026-05-01", "--pdf", str(file))

    assert set(pack) == PACK
    assert (len(pack["items"]), pack["days_left"], pack["invoices"]) == (13, 60, None)
    assert file.read_bytes()[:5] == b"%PDF-"
