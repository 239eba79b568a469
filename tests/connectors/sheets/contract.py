"""Requests and answers against Google's own description of the API, with a resolver of its own."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

SPECIFICATION = Path(__file__).resolve().parents[4] / "shared/specs/google/sheets.v4.json"
needs_specification = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="../shared/specs is not beside the repository"
)


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    return found


@cache
def methods() -> list[dict[str, Any]]:
    """Return all methods of the API, wherever they hang."""

    def walk(resource: dict[str, Any]) -> list[dict[str, Any]]:
        deeper = [one for part in resource.get("resources", {}).values() for one in walk(part)]
        return [*resource.get("methods", {}).values(), *deeper]

    return walk(description())


def method_of(verb: str, path: str) -> dict[str, Any]:
    """Return the one method that a call is."""
    found = [
        one for one in methods()
        if one["httpMethod"] == verb and re.fullmatch(_pattern(one["flatPath"]), path.lstrip("/"))
    ]  # fmt: skip
    (best,) = sorted(found, key=lambda one: one["flatPath"].count("{"))[:1]
    return best


def _pattern(flat: str) -> str:
    return re.sub(r"\{[^}]+\}", "[^/:]+", flat.replace(".", r"\."))


@cache
def schema(name: str) -> dict[str, Any]:
    """Return a schema with closed properties; `$ref` is a bare name there, and becomes a pointer."""
    return {"$ref": f"#/components/{name}", "components": _components()}


@cache
def _components() -> dict[str, Any]:
    return {name: _translated(one) for name, one in description()["schemas"].items()}


def _translated(one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in one:
        return {"$ref": f"#/components/{one['$ref']}"}
    kept = {name: one[name] for name in ("type", "enum") if name in one and one[name] != "any"}
    if "properties" in one:
        kept["properties"] = {name: _translated(part) for name, part in one["properties"].items()}
        kept["additionalProperties"] = False
    if "items" in one:
        kept["items"] = _translated(one["items"])
    return kept


def mistakes(name: str, value: Any) -> list[str]:
    """Return where a value breaks a schema."""
    validator = OAS30Validator(schema(name))
    return [
        f"{list(one.absolute_path)}: {one.message[:120]}" for one in validator.iter_errors(value)
    ]
