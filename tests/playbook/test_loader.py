"""A playbook with a mistake is refused, and the message names the line and the way out."""

from hashlib import sha256

import pytest

from tests.playbook.mistakes import MISTAKES
from throughline.playbook import loader
from throughline.playbook.loader import PlaybookError


def broken(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def line_of(text, marker):
    assert marker in text
    return text[: text.index(marker)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "marker", "message", "remedy"),
    [mistake[1:] for mistake in MISTAKES],
    ids=[mistake[0].replace(" ", "-") for mistake in MISTAKES],
)
def test_parse_a_mistake_names_its_line_and_the_way_out(
    shipped_text, old, new, marker, message, remedy
):
    text = broken(shipped_text, old, new)
    line = line_of(text, marker)

    with pytest.raises(PlaybookError) as refused:
        loader.parse(text, name="ours.toml")

    assert (refused.value.message, refused.value.remedy, refused.value.line) == (
        f"ours.toml, line {line}: {message}",
        remedy,
        line,
    )


def test_parse_a_missing_mail_says_that_it_is_sent(shipped_text):
    before, _, after = shipped_text.partition('[[mails]]\ncode = "accepted"')
    text = before + after[after.index("# ── Where") :]

    with pytest.raises(PlaybookError) as refused:
        loader.parse(text, name="ours.toml")

    assert refused.value.message == (
        f"ours.toml, line {line_of(text, '[[mails]]')}: there is no mail 'accepted'."
    )


def test_parse_an_unknown_condition_names_the_nearest_that_is_known(shipped_text):
    text = shipped_text.replace('"capacity.answered"', '"capacity.answerd"')
    known = {condition.code for stage in loader.shipped().stages for condition in stage.conditions}

    with pytest.raises(PlaybookError) as refused:
        loader.parse(text, name="shipped.toml", known_conditions=known)

    assert str(refused.value) == (
        f"shipped.toml, line {line_of(text, 'capacity.answerd')}: stage 'negotiation' names the"
        " condition 'capacity.answerd', which nobody knows. Did you mean 'capacity.answered'?"
    )


def test_parse_an_unknown_evidence_names_the_nearest_that_is_known(shipped_text):
    text = shipped_text.replace('"users.active", "repr', '"user.active", "repr')
    line = line_of(text, 'evidence = ["issue.closed", "user.active"')
    known = {
        "issue.closed", "hub.answers", "users.active", "budget.armed", "billing.column", "manual",
        "representative.seen",
    }  # fmt: skip

    with pytest.raises(PlaybookError) as refused:
        loader.parse(text, name="shipped.toml", known_evidence=known)

    assert str(refused.value) == (
        f"shipped.toml, line {line}:"
        " deliverable 'phase-3' names the evidence 'user.active', which nobody knows."
        " Did you mean 'users.active'?"
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('name = "x"\nversion 1\n', 2, "Expected '=' after a key in a key/value pair"),
        ('name = "x"\n[organisation\n', 2, "Expected ']' at the end of a table declaration"),
        ('name = "x"\nname = "y"\n', 2, "Cannot overwrite a value"),
        ('name = "x"\ntext = """\nnever ends', 3, "Unterminated string"),
    ],
)
def test_parse_what_is_not_toml_names_the_line(text, line, reason):
    with pytest.raises(PlaybookError) as refused:
        loader.parse(text, name="ours.toml")

    assert refused.value.message == f"ours.toml, line {line}: this is not TOML: {reason}."


def test_parse_brackets_without_end_are_refused_in_words():
    with pytest.raises(PlaybookError) as refused:
        loader.parse("a = " + "[" * 5000, name="ours.toml")

    assert refused.value.message == (
        "ours.toml, line 1: brackets are nested far deeper than in any playbook."
    )


def test_load_returns_the_same_rules_with_the_hash_of_the_file(tmp_path, shipped_text, playbook):
    path = tmp_path / "ours.toml"
    path.write_text(shipped_text, encoding="utf-8")

    assert loader.load(path) == playbook
    assert playbook.sha256 == sha256(path.read_bytes()).hexdigest()


def test_load_a_file_with_one_more_remark_has_another_hash(tmp_path, shipped_text, playbook):
    path = tmp_path / "ours.toml"
    path.write_text(shipped_text + "# more\n", encoding="utf-8")

    changed = loader.load(path)

    assert changed.sha256 == sha256(path.read_bytes()).hexdigest()
    assert changed.sha256 != playbook.sha256
    assert changed.stages == playbook.stages


def test_load_a_file_saved_on_windows_reads_it_and_keeps_the_lines(tmp_path, shipped_text):
    path = tmp_path / "ours.toml"
    text = broken(shipped_text, 'zone = "UTC"', 'zonne = "UTC"')
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    with pytest.raises(PlaybookError) as refused:
        loader.load(path)

    assert refused.value.line == line_of(text, "zonne")


def test_load_a_file_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "none.toml"

    with pytest.raises(PlaybookError) as refused:
        loader.load(path)

    assert str(refused.value) == (
        f"{path} cannot be read: No such file or directory. Check the path."
    )


def test_load_a_file_that_is_not_utf8_names_the_line(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_bytes(b'name = "x"\nversion = "\xff"\n')

    with pytest.raises(PlaybookError) as refused:
        loader.load(path)

    assert str(refused.value) == "ours.toml, line 2: this is not UTF-8. Save it as UTF-8."
