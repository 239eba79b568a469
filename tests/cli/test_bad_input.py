"""Bad input: it is told what is wrong and what to do, and nothing is half-written."""

import pytest

from tests.factories import make_deal

GOOD = "1,Coral,,,default,Lead,,"


@pytest.fixture
def refuses(run, rows):
    """Run a command that is refused: exit 1, a reason and a remedy, no row more or less."""

    def told(*words):
        before = rows()
        ran = run(*words, "--json")
        assert (ran.code, set(ran.json)) == (1, {"refused", "remedy"})
        assert ran.json["remedy"] != ""
        assert ran.err.startswith("refused: ")
        assert rows() == before
        return ran.json["refused"]

    return told


@pytest.fixture
def deal(db):
    return make_deal(name="Coral", owner="ada")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2,,,,default,Lead,,", "dealname: is empty."),
        (",Reef,,,default,Lead,,", "id: is empty."),
        ("1,Twice,,,default,Lead,,", "id: '1' stands on line 2 already."),
        ("2,Reef,,,default,,,", "dealstage: is empty."),
        ("2,Reef,,much,default,Lead,,", "amount: 'much' is not an amount."),
        ("2,Reef,,-5,default,Lead,,", "amount: '-5' is less than zero."),
        ("2,Reef,,1e999999999,default,Lead,,", "amount: '1e999999999' is not an amount."),
        ("2,Reef,,,default,Lead,2031-02-30,", "contract_start_date: '2031-02-30' is not a date."),
        ("2,Reef,,,default,Lead,31/12/2031,", "contract_start_date: '31/12/2031' is not a date."),
        (
            "2,Reef,,,default,Lead,2031-02-01,2031-01-01",
            "contract_end_date: 2031-01-01 is before contract_start_date 2031-02-01.",
        ),
        ("2,Reef", "2 cells where the header has 8."),
        ("2,Reef,,,default,Lead,,,more", "9 cells where the header has 8."),
    ],
)
def test_row_that_cannot_be_read_is_named_and_the_others_go_in(run, table, row, reason):
    path = table(GOOD, row, "3,Atoll,,,default,Lead,,")

    ran = run("import", "deals", path, "--json")

    assert (ran.code, ran.json["created"]) == (1, 2)
    assert [one["row"] for one in ran.json["rejected"]] == [3]
    assert ran.json["rejected"][0]["reason"].startswith(reason)
    assert ran.json["rejected"][0]["reason"] != reason  # what to do comes after what is wrong


def test_stage_that_nobody_mapped_is_a_warning_and_the_deal_is_kept(run, table):
    ran = run("import", "deals", table("1,Coral,,,default,Simmering,,"), "--json")

    assert (ran.code, ran.json["created"]) == (0, 1)
    assert [(one["code"], one["deal"]) for one in ran.json["warnings"]] == [("stage_unmapped", "1")]
    assert ran.err.startswith("warning: stage_unmapped: ")
    shown = run("deal", "show", "1", "--json").json
    assert (shown["stage"], shown["stage_elsewhere"]) == (None, "Simmering")


def test_column_that_nobody_knows_is_a_warning_and_kept(run, table):
    path = table("1,Coral,Lead,blue", header="id,dealname,dealstage,colour")

    ran = run("import", "deals", path, "--json")

    assert [(one["code"], one["deal"]) for one in ran.json["warnings"]] == [
        ("column_unknown", None)
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "line 1: the column id, dealname, dealstage is missing."),
        (b"id,dealname\n1,Coral\n", "line 1: the column dealstage is missing."),
        (b"id,id,dealname,dealstage\n", "line 1: the column id stands twice."),
        (b"id,dealname,dealstage\n1,caf\xe9,Lead\n", "is not UTF-8 (byte 27)."),
        (b'id,dealname,dealstage\n1,"Coral,Lead\n', "line 2: unexpected end of data."),
    ],
)
def test_file_that_is_no_export_is_refused_whole(refuses, tmp_path, content, reason):
    path = tmp_path / "deals.csv"
    if content is not None:
        path.write_bytes(content)

    assert refuses("import", "deals", path).endswith(reason)


@pytest.mark.parametrize("what", ["deals", "sow"])
def test_folder_in_the_place_of_a_file_is_refused(refuses, tmp_path, what):
    assert refuses("import", what, tmp_path) == f"{tmp_path} cannot be read: Is a directory."


def test_byte_order_mark_is_no_part_of_the_first_column(run, tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(b"\xef\xbb\xbfid,dealname,dealstage\r\n1,Coral,Lead\r\n")

    assert run("import", "deals", path, "--json").json["created"] == 1


@pytest.mark.parametrize("is_file", [True, False])
def test_infrastructure_without_a_folder_is_refused(refuses, tmp_path, is_file):
    path = tmp_path / "clusters"
    if is_file:
        path.write_text("name: coral\n")

    assert refuses("import", "infrastructure", path) == f"{path} is not a folder."


def test_infrastructure_of_an_empty_folder_is_refused(refuses, tmp_path):
    assert refuses("import", "infrastructure", tmp_path) == (
        f"{tmp_path} holds neither cluster files nor *.tfvars."
    )


def test_one_broken_cluster_file_is_a_warning_and_the_others_go_in(run, tmp_path):
    (tmp_path / "broken.yaml").write_text("name: [\n")
    (tmp_path / "coral.yaml").write_text("name: coral\nprovider: kubeconfig\nhubs: []\n")

    ran = run("import", "infrastructure", tmp_path, "--json")

    assert (ran.code, ran.json["created"]) == (0, 1)
    assert [one["code"] for one in ran.json["warnings"]] == ["file_unreadable"]


def test_text_that_is_no_statement_of_work_is_refused_by_line(refuses, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n")

    assert refuses("import", "sow", path) == "Line 1: there is no heading 'Deliverables'."


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("{", "--value is not JSON: "),
        ("[]", "--value is not a JSON object."),
        ("{}", "deal.owner: owner: Field required."),
        ('{"owner": ""}', "deal.owner: owner: String should have at least 1 character."),
        ('{"owner": 5}', "deal.owner: owner: Input should be a valid string."),
        ('{"ower": "ada"}', "deal.owner: owner: Field required; ower: "),
        ('{"owner": "a\\u0000"}', "deal.owner: owner: "),
    ],
)
def test_value_that_does_not_fit_is_refused_with_the_fields(refuses, deal, value, reason):
    told = refuses("deal", "record", deal.pk, "deal.owner", "--value", value)

    assert told.startswith(reason)


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        (("2031-02-30", "2031-12-31"), "dates.agreed: start_on: "),
        (("2031-12-31", "2031-01-01"), "The end 2031-01-01 is before the start 2031-12-31."),
        (("0009-01-01", "2031-12-31"), "dates.agreed: start_on: "),
        (("2031-01-01", "9999-12-31"), "dates.agreed: end_on: "),
    ],
)
def test_dates_that_cannot_be_are_refused(refuses, deal, term, reason):
    value = f'{{"start_on": "{term[0]}", "end_on": "{term[1]}"}}'

    assert refuses("deal", "record", deal.pk, "dates.agreed", "--value", value).startswith(reason)


def test_ceiling_that_no_column_holds_is_refused_and_the_deal_can_still_be_read(refuses, deal, run):
    value = '{"title": "Agreement", "ceiling": 1e30}'

    refuses("deal", "record", deal.pk, "agreement.artefact", "--value", value)

    assert run("deal", "gate", deal.pk).code == 0


@pytest.mark.parametrize("wrong", ["Coral Lab", "coral2", "CORAL", "hub", "reef", "köln"])
def test_community_id_that_breaks_the_rule_or_is_taken_is_refused(refuses, deal, record, wrong):
    other = make_deal(name="Reef")
    record(other.pk, "community.named", short_name="Reef")
    record(other.pk, "community.id", community_id="reef")
    record(deal.pk, "community.named", short_name="Coral")

    told = refuses(
        "deal", "record", deal.pk, "community.id", "--value", f'{{"community_id": "{wrong}"}}'
    )

    assert told.startswith(repr(wrong))


def test_unknown_code_is_refused_with_the_nearest_one(run, deal):
    ran = run("deal", "record", deal.pk, "deal.ower", "--json")

    assert ran.json == {
        "refused": "No fact is called 'deal.ower'.",
        "remedy": "Did you mean 'deal.owner'?",
    }


@pytest.mark.parametrize(
    "words",
    [
        ("deal", "show", "77"),
        ("deal", "gate", "77"),
        ("deal", "advance", "77", "Proposal"),
        ("deal", "record", "77", "deal.owner"),
        (
            "deal",
            "waive",
            "77",
            "deal.owner",
            "--by",
            "a",
            "--reason",
            "b",
            "--until",
            "2199-01-01",
        ),
        ("order", "77"),
        ("deal", "show", "99999999999999999999999"),
        ("deal", "show", "seventy"),
    ],
)
def test_deal_that_does_not_exist_is_refused(refuses, words):
    reference = words[2] if words[0] == "deal" else words[1]

    assert refuses(*words) == f"There is no deal {reference}."


@pytest.mark.parametrize("verb", ["plan", "apply", "verify", "drift", "accept"])
def test_deal_without_an_engagement_is_refused_with_what_to_do(refuses, run, deal, verb):
    assert refuses("handoff", verb, deal.pk) == f"{deal} has no engagement yet."
    assert "throughline order" in run("handoff", verb, deal.pk).err


@pytest.mark.parametrize("words", [("done",), ("verify",), ("return", "--because", "x")])
def test_deliverable_that_does_not_exist_is_refused(refuses, words):
    assert refuses("deliverable", words[0], "77", *words[1:]) == "There is no deliverable 77."


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("-5", "The amount is negative."),
        ("much", "'much' is not an amount."),
        ("NaN", "'NaN' is not an amount."),
        ("1e999999999", "'1e999999999' is not an amount."),
        ("1e-999999999", "'1e-999999999' is not an amount."),
        ("999999999999.999", "'999999999999.999' is not an amount."),
    ],
)
def test_amount_that_money_does_not_come_in_is_refused(refuses, amount, reason):
    assert refuses("deal", "create", "Coral", "--amount", amount) == reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (" ", "A deal needs a name."),
        ("x" * 256, "The name has 256 characters."),
        ("caf\udce9", "name is not UTF-8."),
    ],
)
def test_deal_without_a_name_that_can_be_kept_is_refused(refuses, name, reason):
    assert refuses("deal", "create", name) == reason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("deal", "list", "--stage", "Nope"), "There is no stage 'Nope'."),
        (("rehearse", "--on", "soon"), "'soon' is not a date."),
        (("rehearse", "--on", ""), "--on needs a day."),
        (("renewals", "list", "--on", "2031-02-30"), "'2031-02-30' is not a date."),
        (("reconcile", "infrastructure", "--on", "x"), "'x' is not a date."),
        (("run-due", "--at", "noon"), "'noon' is not an instant."),
        (("run-due", "--at", "0001-01-01T00:00:00+14:00"), "'0001-01-01T00:00:00+14:00' is not an instant."),
        (("user", "add", " ", "--role", "bd"), "A user needs a name."),
    ],
)  # fmt: skip
def test_word_that_means_nothing_is_refused(refuses, words, reason):
    assert refuses(*words) == reason


@pytest.mark.parametrize(
    ("code", "until", "limit", "reason"),
    [
        ("deal.owner", "2020-01-01", "", "2020-01-01 is over."),
        ("deal.owner", "soon", "", "'soon' is not a date."),
        ("deal.ownr", "2199-01-01", "", "No gate has a condition 'deal.ownr'."),
        ("agreement.executed", "2199-01-01", "", "agreement.executed cannot be waived."),
        ("order.early_start", "2199-01-01", "", "An early start needs a money limit."),
        ("order.early_start", "2199-01-01", "-4", "An early start needs a money limit."),
    ],
)
def test_waiver_that_cannot_be_is_refused(refuses, deal, code, until, limit, reason):
    words = ("--by", "lea", "--reason", "x", "--until", until, "--limit", limit)

    assert refuses("deal", "waive", deal.pk, code, *words) == reason


def test_waiver_by_the_deals_owner_or_without_a_reason_is_refused(refuses, deal):
    until = ("--until", "2199-01-01")

    assert refuses(
        "deal", "waive", deal.pk, "deal.owner", "--by", "Ada", "--reason", "x", *until
    ).startswith("A waiver needs two persons")
    assert refuses(
        "deal", "waive", deal.pk, "deal.owner", "--by", "lea", "--reason", " ", *until
    ) == ("A waiver needs a reason.")


def test_playbook_that_cannot_be_read_is_refused_by_every_command(refuses, settings, tmp_path):
    settings.PLAYBOOK = str(tmp_path / "nowhere.toml")

    assert refuses("deal", "list") == (
        f"{tmp_path}/nowhere.toml cannot be read: No such file or directory."
    )


def test_error_that_nobody_foresaw_leaves_nothing_of_an_import(run, table, rows, monkeypatch):
    from throughline.intake import actions

    def breaks(**_rest):
        raise RuntimeError("the disk is on fire")

    before = rows()
    monkeypatch.setattr(actions, "open_imported", breaks)
    with pytest.raises(RuntimeError):
        run("import", "deals", table(GOOD))

    assert rows() == before
