"""GitHub's official description, and what it says of a call and its answer.

Only the operations in use are looked at: checking the whole file takes half a minute.
"""

import functools
import gzip
import json
import re
from pathlib import Path

import pytest
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from throughline.simulators.github import GitHubSimulator

SPECIFICATION = (
    Path(__file__).resolve().parents[4] / "shared" / "specs" / "github" / "api.github.com.json.gz"
)
needs_specification = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="../shared/specs is not beside the repository"
)
ROOT = "https://api.github.com/description"


def _null_is_allowed(check):
    """Return a check that takes null wherever the description says "nullable".

    The description says so beside `enum` and `oneOf` that do not list null, and GitHub means it.
    """

    def checked(validator, value, instance, schema):
        if instance is None and schema.get("nullable"):
            return
        yield from check(validator, value, instance, schema)

    return checked


# An issue fits the description of a draft as well: of "one of", any is enough.
CHECKS = OAS30Validator.VALIDATORS
Validator = extend(
    OAS30Validator,
    {"enum": _null_is_allowed(CHECKS["enum"]), "oneOf": _null_is_allowed(CHECKS["anyOf"])},
)


class Recorded(GitHubSimulator):
    """A simulator that keeps every call with its reply."""

    def __init__(self):
        super().__init__()
        self.exchanges = []

    def answer(self, call):
        reply = super().answer(call)
        self.exchanges.append((call, reply))
        return reply


@functools.cache
def description():
    with gzip.open(SPECIFICATION) as file:
        return json.load(file)


@functools.cache
def registry():
    return Registry().with_resource(ROOT, Resource(description(), DRAFT4))


@functools.cache
def routes():
    return [
        (re.compile(re.sub(r"\{[^}]+\}", r"([^/]+)", path)), path)
        for path in description()["paths"]
    ]


def operation(method, path):
    """Return the operation of a call, the most literal path first; None if there is none."""
    found = [template for pattern, template in routes() if pattern.fullmatch(path)]
    found.sort(key=lambda template: template.count("{"))
    for template in found:
        if method.lower() in description()["paths"][template]:
            return template, description()["paths"][template][method.lower()]
    return None


def problems(value, where):
    """Return what is wrong with a value, by the schema at a place of the description."""
    validator = Validator({"$ref": f"{ROOT}#{where}"}, registry=registry())
    return [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}"
        for one in validator.iter_errors(value)
    ]


def pointer(*parts):
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def resolved(part):
    """Return a part of the description and where it lies."""
    if "$ref" not in part:
        return part, None
    where = part["$ref"].removeprefix("#")
    found = description()
    for step in where.strip("/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found, where


def broken_in_call(call):
    """Return what a call breaks of the description."""
    found = operation(call.method, call.path)
    if found is None:
        return [f"{call.method} {call.path}: no such operation"]
    template, said = found
    method = call.method.lower()
    known = {}
    for one in said.get("parameters", []):
        parameter, _where = resolved(one)
        if parameter["in"] == "query":
            known[parameter["name"]] = parameter["schema"]
    wrong = [f"no parameter {name}" for name in call.query if name not in known]
    for name, value in call.query.items():
        allowed = known.get(name, {}).get("enum")
        if allowed and value not in allowed:
            wrong.append(f"{name}={value}")
    if call.body:
        where = pointer("paths", template, method, "requestBody", "content", "application/json",
                        "schema")  # fmt: skip
        wrong += problems(call.json(), where)
    return wrong


def broken_in_reply(call, reply):
    """Return what a reply breaks of the description."""
    template, said = operation(call.method, call.path)
    status, method = str(reply.status), call.method.lower()
    if status not in said["responses"]:
        return [f"{call.method} {template}: no answer {status}"]
    answer, where = resolved(said["responses"][status])
    if "content" not in answer:
        return [f"{status} has no body"] if reply.body else []
    base = where or pointer("paths", template, method, "responses", status)
    return problems(reply.body, base + pointer("content", "application/json", "schema"))
