"""What the repository holds and what it does not: secrets, and dependencies without a hash."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECRETS = {
    "a private key": re.compile(
        rb"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]"
    ),
    "an AWS key": re.compile(rb"\bAKIA[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(rb"\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{36,}"),
    "a HubSpot token": re.compile(rb"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}"),
    "an Airtable token": re.compile(rb"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b"),
    "a Slack token": re.compile(rb"\bxox[abp]-\d{8,}"),
    "a Google key": re.compile(rb"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a token of ours": re.compile(rb"\btl_(?!(.)\1{20})[A-Za-z0-9_-]{40,}"),
    "a webhook's secret": re.compile(rb"\bwhsec_[A-Za-z0-9+/]{32,}"),
}
# Documented by others as examples that open nothing.
EXAMPLES = re.compile(rb"AKIAIOSFODNN7EXAMPLE")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git repository")
    return [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]


def found_in(content):
    plain = EXAMPLES.sub(b"", content)
    return [name for name, pattern in SECRETS.items() if pattern.search(plain)]


def test_nothing_that_looks_like_a_secret_is_tracked():
    found = {
        str(path.relative_to(ROOT)): found_in(path.read_bytes())
        for path in tracked()
        if path.is_file() and not path.is_symlink()
    }

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"-----BEGIN PRIVATE KEY-----\n" + b"MIIE", "a private key"),
        (b"AKIA" + b"ABCDEFGHIJKLMNOP", "an AWS key"),
        (b"ghp_" + b"a1" * 18, "a GitHub token"),
        (b"tl_" + b"aB3" * 14, "a token of ours"),
        (b"whsec_" + b"aB3/" * 10, "a webhook's secret"),
    ],
)
def test_look_for_secrets_sees_them(content, what):
    assert found_in(content) == [what]


@pytest.mark.parametrize("name", ["build.txt", "run.txt", "dev.txt"])
def test_every_pin_has_a_version_and_a_hash_and_names_no_index(name):
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

    assert pins
    assert [one for one in pins if "==" not in one or "--hash=sha256:" not in one] == []
