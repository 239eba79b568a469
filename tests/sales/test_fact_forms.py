"""Every form refuses what does not fit, names the field, says what fits, and writes nothing."""

import pytest

from tests.factories import make_deal, make_ready, tell
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.registry import UnknownCode
from throughline.sales.actions.facts import FieldProblem
from throughline.sales.actions.record import FACTS, describe_form, parse_value
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

CODES_WITHOUT_A_FORM = {"delivery.requested"}  # the order is an action of its own


def refused(deal, code, value, *, of=Refused):
    """Return the refusal of a fact, and check that nothing was written."""
    before = Deal.objects.values().get(), Entry.objects.count()
    with pytest.raises(of) as caught:
        tell(deal, code, **value)
    assert (Deal.objects.values().get(), Entry.objects.count()) == before
    return caught.value


def test_every_condition_of_the_playbook_has_a_form_but_the_order(playbook):
    conditions = {item.code for stage in playbook.stages for item in stage.conditions}

    assert set(FACTS) == conditions - CODES_WITHOUT_A_FORM


@pytest.mark.parametrize("code", sorted(FACTS))
def test_form_with_a_field_that_nobody_knows_is_refused_with_the_fields_there_are(code):
    required = {"deal.owner": {"owner": "ada"}, "lost.reason": {"reason": "x"}}.get(code, {})

    problem = refused(make_deal(), code, required | {"colour": "red"}, of=FieldProblem)

    assert "colour: Extra inputs are not permitted" in problem.message
    assert problem.remedy == f"Its fields: {describe_form(FACTS[code].form)}."


@pytest.mark.parametrize(
    ("code", "value", "message"),
    [
        ("deal.owner", {}, "owner: Field required"),
        ("deal.owner", {"owner": " "}, "owner: String should have at least 1 character"),
        ("deal.owner", {"owner": 7}, "owner: Input should be a valid string"),
        ("community.named", {}, "short_name: Field required"),
        ("community.named", {"short_name": "x" * 81},
         "short_name: String should have at most 80 characters"),
        ("community.id", {"community_id": 1}, "community_id: Input should be a valid string"),
        ("cloud.preference", {"cloud": ["aws"]}, "cloud: Input should be a valid string"),
        ("ps.reviewed", {"question": "?", "needed_by": "soon"},
         "needed_by: Input should be a valid date or datetime, input is too short"),
        ("ps.reviewed", {"question": "?", "kind": "gossip"},
         "kind: Input should be 'input', 'estimate', 'sow' or 'call'"),
        ("capacity.answered", {}, "answer: Field required"),
        ("capacity.answered", {"answer": "maybe"},
         "answer: Input should be 'yes', 'yes_from', 'only_if' or 'no'"),
        ("capacity.answered", {"answer": "only_if", "only_if": "more people"},
         "only_if: Input should be a valid list"),
        ("sow.signed_off", {}, "role: Field required"),
        ("verbal.closed", {"said_by": "Bo", "version": "v1"}, "said_on: Field required"),
        ("verbal.closed", {"said_by": "Bo", "version": "v1", "said_on": "2026-02-30"},
         "said_on: Input should be a valid date or datetime, day value is outside expected range"),
        ("service.tier", {"tier": None}, "tier: Input should be a valid string"),
        ("dates.agreed", {"start_on": "2026-04-01"}, "end_on: Field required"),
        ("dates.agreed", {"start_on": "1 April", "end_on": "2027-03-31"},
         "start_on: Input should be a valid date or datetime, input is too short"),
        ("dates.agreed",
         {"start_on": "2026-04-01", "end_on": "2027-03-31", "deliverables": {"Hub": "May"}},
         "deliverables.Hub: Input should be a valid date or datetime, input is too short"),
        ("agreement.artefact", {}, "title: Field required"),
        ("agreement.artefact", {"title": "A", "kind": "handshake"},
         "kind: Input should be 'service_agreement' or 'purchase_order'"),
        ("agreement.artefact", {"title": "A", "ceiling": 0},
         "ceiling: Input should be greater than 0"),
        ("agreement.artefact", {"title": "A", "signatories": [{"party": "CS&S"}]},
         "signatories.0.name: Field required"),
        ("community.record", {"repositories": "https://x.example"},
         "repositories: Input should be a valid list"),
        ("community.people", {}, "people: Field required"),
        ("community.people", {"people": []},
         "people: List should have at least 1 item after validation, not 0"),
        ("community.people", {"people": [{"role": "buyer", "full_name": "Bo", "email": "bo"}]},
         "people.0.email: String should match pattern '^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$'"),
        ("community.context", {"answers": [{"text": "x"}]}, "answers.0.question: Field required"),
        ("legal.involved", {"needed_because": "x" * 251},
         "needed_because: String should have at most 250 characters"),
        ("agreement.executed", {"signed": [{"party": "CS&S"}]}, "signed.0.signed_on: Field required"),
        ("invoicing.prepared", {}, "receipt: Field required"),
        ("lost.reason", {"reason": ""}, "reason: String should have at least 1 character"),
    ],
)  # fmt: skip
def test_form_with_a_wrong_field_is_refused_by_the_fields_name(code, value, message):
    problem = refused(make_deal(), code, value, of=FieldProblem)

    assert problem.message == f"{code}: {message}."
    assert problem.remedy == f"Its fields: {describe_form(FACTS[code].form)}."


def test_form_with_several_wrong_fields_names_them_all():
    problem = refused(make_deal(), "dates.agreed", {"start_on": "x"}, of=FieldProblem)

    assert problem.message == (
        "dates.agreed: start_on: Input should be a valid date or datetime, input is too short;"
        " end_on: Field required."
    )


@pytest.mark.parametrize(
    ("code", "value", "message", "remedy"),
    [
        ("cloud.preference", {}, "Give either the cloud or why it is unknown.",
         "One of cloud, unknown_because."),
        ("cloud.preference", {"cloud": "aws", "unknown_because": "x"},
         "Give either the cloud or why it is unknown.", "One of cloud, unknown_because."),
        ("ps.reviewed", {}, "Ask, answer, or say why not: one of the three.",
         "Give one of question, answer, not_needed_because."),
        ("ps.reviewed", {"question": "?", "answer": "!"},
         "Ask, answer, or say why not: one of the three.",
         "Give one of question, answer, not_needed_because."),
        ("ps.reviewed", {"answer": "Yes."}, "PS was not asked anything.",
         "BD asks first: give a question."),
        ("sow.signed_off", {"role": "Janitor"}, "'Janitor' signs no statement of work off.",
         "Use head_of_product (Head of Product), tech_lead (Tech Lead), bd_lead (BD Lead)."),
        ("sow.signed_off", {"role": "tech_lead"}, "There is no statement of work.",
         "Write one: `throughline sow new`; or import it: `throughline import sow`."),
        ("verbal.closed", {"said_by": "Bo", "said_on": "2026-03-03", "version": "v1"},
         "2026-03-03 is still to come.", "Give the day of the yes."),
        ("service.tier", {}, "Give either the tier or why there is none.", "Choose one of them."),
        ("service.tier", {"tier": "gold"}, "There is no tier 'gold'.",
         "Use one of Essential, Advanced, Premier."),
        ("dates.agreed", {"start_on": "2026-04-02", "end_on": "2026-04-01"},
         "The end 2026-04-01 is before the start 2026-04-02.", "Correct one of them."),
        ("dates.agreed",
         {"start_on": "2026-04-01", "end_on": "2027-03-31", "deliverables": {"Hub": "2026-05-01"}},
         "The statement of work has no deliverable Hub.", "It has: none."),
        ("community.record", {}, "No field was given.",
         "Name at least one field of the record."),
        ("community.record", {"website": "earthscope"},
         "website: 'earthscope' is not a web address.", "Write it with https:// in front."),
        ("community.people", {"people": [{"role": "king", "full_name": "Bo", "email": "b@x.org"}]},
         "There is no role 'king'.",
         ("Use one of buyer, champion, representative, technical_lead, technical_contact,"
         " pr_submitter.")),
        ("community.people", {"people": [{"role": "buyer", "full_name": "Bo"}]},
         "Bo has neither e-mail nor GitHub id.", "Give one, so that they can be reached."),
        ("legal.involved", {}, "Flag the need or answer it.", "Give needed_because or answer."),
        ("legal.involved", {"answer": "Fine."}, "The Sponsor was not asked.", "Ask first."),
        ("agreement.executed", {"signed": []}, "There is no agreement.",
         "Record agreement.artefact first."),
        ("capacity.answered", {"answer": "yes_from"}, "“Yes, from” needs a day.",
         "Give start_on as YYYY-MM-DD."),
        ("capacity.answered", {"answer": "only_if"}, "“Only if” needs a condition.",
         "Say in only_if what must happen."),
    ],
)  # fmt: skip
def test_fact_that_its_rule_forbids_is_refused_with_a_remedy(code, value, message, remedy):
    deal = make_ready(make_deal(), "qualified", without=("deal.owner",))

    problem = refused(deal, code, value)

    assert (problem.message, problem.remedy) == (message, remedy)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("community.id", {}),
        ("cloud.preference", {"cloud": "aws"}),
        ("community.record", {"long_name": "X"}),
        ("community.context", {"answers": [{"question": "goals"}]}),
    ],
)
def test_fact_about_a_community_before_it_is_named_is_refused(code, value):
    deal = make_deal()

    problem = refused(deal, code, value)

    assert (problem.message, problem.remedy) == (
        f"A deal ({deal.pk}) names no community.", "Record community.named first.",
    )  # fmt: skip


def test_context_question_that_is_none_is_refused_with_the_nearest():
    deal = make_ready(make_deal(), "qualified")

    problem = refused(deal, "community.context", {"answers": [{"question": "gols"}]})

    assert (type(problem), problem.remedy) == (UnknownCode, "Did you mean 'goals'?")


def test_fact_that_nobody_knows_is_refused_with_the_nearest():
    problem = refused(make_deal(), "deal.ownr", {})

    assert (problem.message, problem.remedy) == (
        "No fact is called 'deal.ownr'.", "Did you mean 'deal.owner'?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ("--value is not JSON: Expecting property name enclosed in double quotes"
              " at character 2.")),
        ("[]", "--value is not a JSON object."),
        ("7", "--value is not a JSON object."),
        ("", "--value is not JSON: Expecting value at character 1."),
    ],
)  # fmt: skip
def test_value_that_is_no_json_object_is_refused(text, message):
    with pytest.raises(Refused) as caught:
        parse_value(text)

    assert caught.value.message == message
    assert caught.value.remedy != ""
