"""What is read without the grammar of all of HCL is read as with it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.intake import tfvars
from throughline.intake.plain_variables import NotPlain, plain_variables
from throughline.kernel.errors import Refused

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"

PLAIN = [
    "",
    "\n\n# nothing\n",
    'cluster_name = "one"',
    'cluster_name="one" // here\n\n/* and\nthere */\ndefault_budget_alert = {\n  "enabled" : false\n}\n',
    "default_budget_alert = { enabled = true, threshold = -120 }\r\n",
    'budget_alerts = {\n  a = { max = 3 }, "b c" : { max = 4, to = ["x", "y",] }\n  c = {}\n}\n',
    "budget_alerts = [\n  { max = 3 },\n\n  { max = 4 },\n]\nbudget_alert_enabled = true\n",
]
NOT_PLAIN = [
    'name = "${var.other}"',
    'name = "100 %{ if a }x%{ endif }"',
    'name = "a\\"b"',
    "name = null",
    "name = 1.5",
    "name = 007",
    "name = [for each in [1]: each]",
    "name = upper(name)",
    "name = <<END\ntext\nEND\n",
    'block "label" {\n}\n',
    'name = "one" other = "two"',
    "name = [1 2]",
    "name = { a = 1 b = 2 }",
    "name = 1\nname = 2\n",
    'name = "open',
    "name =",
    "{",
]


def with_grammar(text, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(tfvars, "plain_variables", tfvars.parse_hcl)
        return tfvars.read_tfvars(text.encode(), file="a.tfvars")


@pytest.mark.parametrize("text", PLAIN)
def test_plain_variables_are_what_the_whole_grammar_says(text, monkeypatch):
    plain_variables(text)

    assert tfvars.read_tfvars(text.encode(), file="a.tfvars") == with_grammar(text, monkeypatch)


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_anything_else_is_left_to_the_whole_grammar(text):
    with pytest.raises(NotPlain):
        plain_variables(text)


def test_lists_without_end_are_refused_in_words():
    with pytest.raises(Refused, match="not readable as Terraform variables"):
        tfvars.read_tfvars(b"name = " + b"[" * 5000, file="a.tfvars")


names = st.from_regex(r"[a-z][a-z_0-9]{0,5}", fullmatch=True).filter(
    lambda name: name not in {"true", "false", "null", "for", "if", "in", "else", "endif", "endfor"}
)
literals = st.one_of(
    st.booleans().map(lambda one: str(one).lower()),
    st.integers(-999, 999).map(str),
    st.from_regex(r'"[a-z0-9 .:/#=,\[\]{}-]{0,8}"', fullmatch=True),
)
values = st.recursive(
    literals,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: "[" + ", ".join(each) + "]"),
        st.dictionaries(names, inner, max_size=3).map(
            lambda each: "{\n" + "".join(f"  {key} = {one}\n" for key, one in each.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@given(st.dictionaries(names, values, max_size=3))
def test_made_up_variables_are_what_the_whole_grammar_says(variables):
    text = "".join(f"{name} = {value}\n" for name, value in variables.items())

    plain = {name: tfvars._plain(value) for name, value in plain_variables(text).items()}
    whole = {name: tfvars._plain(value) for name, value in tfvars.parse_hcl(text).items()}

    assert plain == whole


@pytest.mark.skipif(not REAL.exists(), reason="../shared/real is not beside the repository")
def test_real_variables_are_what_the_whole_grammar_says(monkeypatch):

    plain = 0
    for path in sorted(REAL.rglob("*.tfvars")):
        text = path.read_text()
        try:
            plain_variables(text)
        except NotPlain:
            continue
        plain += 1
        assert tfvars.read_tfvars(text.encode(), file="a.tfvars") == with_grammar(text, monkeypatch)
    assert plain
