"""The calls of docs/how-to/use-the-api.md are made, one after the other, and answered as it says."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_deal, make_person
from throughline.people.actions_tokens import issue_token
from throughline.people.words import RoleName, Scope

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "use-the-api.md"
EXAMPLE = re.compile(r"```http\n(.*?)```\n\n```json\n(\d{3})\n(.*?)```", re.DOTALL)
SECRET = "tl_" + "s" * 40


def call(request):
    head, _, body = request.partition("\n\n")
    line, *headers = head.strip().splitlines()
    method, path = line.split(" ", 1)
    named = dict(one.replace("$TOKEN", SECRET).split(": ", 1) for one in headers)
    send = getattr(Client(headers=named), method.lower())
    if method == "GET":
        return send(path)
    return send(path, body.strip(), content_type="application/json")


def says(shown, said):
    """Return whether an answer is what the page shows; "…" stands for what is not shown."""
    if isinstance(shown, dict):
        wanted = {key: value for key, value in shown.items() if key != "…"}
        whole = "…" in shown or set(wanted) == set(said)
        return whole and all(key in said and says(wanted[key], said[key]) for key in wanted)
    if isinstance(shown, list):
        return len(shown) == len(said) and all(map(says, shown, said))
    return shown == said


@pytest.mark.django_db
def test_every_call_of_the_page_is_answered_as_it_says():
    make_deal(pk=1, name="Lighthouse", amount="17500")
    issue_token(
        SECRET, user=make_person("ada", RoleName.BD), name="docs",
        scopes=frozenset({Scope.READ, Scope.SALES}), valid_for=timedelta(days=1), by="ada",
        at=timezone.now(),
    )  # fmt: skip
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))

    wrong = []
    for request, status, shown in examples:
        answer = call(request)
        if (str(answer.status_code), says(json.loads(shown), answer.json())) != (status, True):
            wrong.append((request, answer.status_code, answer.json()))

    assert (len(examples), wrong) == (6, [])


def test_comparison_sees_what_it_looks_for():
    assert says({"a": 1, "…": "…"}, {"a": 1, "b": 2})
    assert [says({"a": 1}, {"a": 1, "b": 2}), says({"a": 1, "…": "…"}, {"a": 2}), says([1], [])] == [
        False, False, False,
    ]  # fmt: skip
