"""One `cluster.yaml` read into a value; every cell is checked where it is taken."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import yaml

from throughline.kernel.errors import Refused

MARKS = ("name", "provider", "hubs")  # what makes a YAML file a cluster file
MAX_BYTES = 1_000_000  # the largest real cluster file has 20 kB
MAX_DEPTH = 50  # thousands of levels make libyaml's composer overrun the stack
ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class HubFile:
    """One hub of a cluster file."""

    name: str
    display_name: str
    domain: str


@dataclass(frozen=True, slots=True)
class ClusterFile:
    """One cluster as its files describe it; None says that they do not tell."""

    name: str
    provider: str
    account: str | None  # text: AWS account numbers may start with zeros
    region: str | None
    paid_by: str  # "us", "community" or "unknown"
    deal_id: str | None
    budget_alert: bool | None  # None: no tfvars speaks of this cluster
    budget_alerts: tuple[dict[str, Any], ...]  # explicit ones, as Terraform is told
    hubs: tuple[HubFile, ...]
    sha256: str
    file: str  # relative to the folder that was named


class _Loader(yaml.CSafeLoader):
    """The safe loader, but numbers and dates stay text: an account may start with a zero."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.endswith((":null", ":bool", ":merge"))]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_cluster(raw: bytes, *, file: str, certain: bool) -> ClusterFile | None:
    """Return the cluster that a file describes; None where it is some other YAML.

    `certain` says that the file's name makes it a cluster file, whatever it holds.

    Raises:
        Refused: the file is broken, or a cell of it is missing or of the wrong type.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            f"not UTF-8 (byte {error.start}).", remedy="Save it as UTF-8 and try again."
        ) from None
    data = _load(text)
    marks = [mark for mark in MARKS if isinstance(data, dict) and mark in data]
    if len(marks) < len(MARKS) - 1 and not certain:
        return None  # one mark of three: some other YAML that lies beside the clusters
    if not isinstance(data, dict) or len(marks) < len(MARKS):
        missing = [mark for mark in MARKS if mark not in marks]
        raise Refused(
            f"line 1: {' and '.join(missing)} missing.",
            remedy="A cluster file needs name, provider and hubs.",
        )
    return _cluster(_Fields(data, text), file, hashlib.sha256(raw).hexdigest())


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}: " if mark else ""


def _load(text: str) -> Any:
    if len(text) > MAX_BYTES:
        raise Refused("too large for a cluster file.", remedy="Keep it under 1 MB.")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise Refused(
                    f"{_line(event.start_mark)}nested deeper than {MAX_DEPTH}.",
                    remedy="Write it flatter.",
                )
        return yaml.load(text, Loader=_Loader)  # noqa: S506 -- a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        problem = f"{_line(error.problem_mark)}broken YAML: {error.problem}."
    except (yaml.YAMLError, ValueError, KeyError, AttributeError):
        # PyYAML's constructors fail in their own ways on a wrong tag such as `!!int x`
        problem = "broken YAML: a character or a tag that is not allowed."
    raise Refused(problem, remedy="Correct the YAML and try again.")


class _Fields:
    """A mapping of a file, whose every cell is checked where it is taken."""

    def __init__(self, data: dict[Any, Any], source: str, path: str = "") -> None:
        self._data = data
        self._source = source
        self._path = path

    def text(self, key: str, *, longest: int) -> str:
        """Return a text cell; "" where there is none."""
        value = self._data.get(key)
        if value is None:
            return ""
        if isinstance(value, bool | list | dict):
            raise self.wrong(key, "is not text")
        cell = str(value).strip()
        if len(cell) > longest or "\0" in cell:
            raise self.wrong(key, f"is not text of at most {longest} characters")
        return cell

    def needed(self, key: str, *, longest: int) -> str:
        """Return a text cell that must be there."""
        if not (cell := self.text(key, longest=longest)):
            raise self.wrong(key, "is missing")
        return cell

    def flag(self, key: str) -> bool | None:
        """Return true or false; None where the file does not say."""
        value = self._data.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false")
        return value

    def fields(self, key: str) -> "_Fields":
        """Return a mapping within; an empty one where there is none."""
        value = {} if self._data.get(key) is None else self._data[key]
        if not isinstance(value, dict):
            raise self.wrong(key, "is not a mapping")
        return _Fields(value, self._source, f"{self._path}{key}.")

    def items(self, key: str) -> "list[_Fields]":
        """Return the mappings of a list within; none where it is empty."""
        value = [] if self._data.get(key) is None else self._data[key]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "is not a list of mappings")
        return [_Fields(item, self._source, f"{self._path}{key}.") for item in value]

    def wrong(self, key: str, what: str) -> Refused:
        """Return the refusal that names a cell, and its line where the key stands only once."""
        indent = r"[\s-]+" if self._path else ""
        stands = re.compile(rf"{indent}{re.escape(key)}\s*:")
        lines = enumerate(self._source.splitlines(), 1)
        at = [number for number, line in lines if stands.match(line)]
        where = f"line {at[0]}: " if len(at) == 1 else ""
        return Refused(f"{where}{self._path}{key} {what}.", remedy="Correct the file.")


def _cluster(data: _Fields, file: str, sha256: str) -> ClusterFile:
    provider = data.needed("provider", longest=40).lower()
    cloud = data.fields(provider)
    paid = cloud.fields("billing").flag("paid_by_us")
    deal_id = data.fields("metadata").fields("2i2c").text("hubspot_deal_id", longest=40)
    return ClusterFile(
        name=data.needed("name", longest=120),
        provider=provider,
        account=_account(provider, cloud),
        region=_region(provider, cloud),
        paid_by={True: "us", False: "community", None: "unknown"}[paid],
        deal_id=deal_id or None,
        budget_alert=None,
        budget_alerts=(),
        hubs=_hubs(data),
        sha256=sha256,
        file=file,
    )


def _account(provider: str, cloud: _Fields) -> str | None:
    match provider:
        case "aws":
            return _aws_account(cloud)
        case "gcp":
            return cloud.text("project", longest=120) or None
        case "azure":
            names = [cloud.text(key, longest=120) for key in ("resource_group", "subscription")]
            return next(filter(None, names), None)
        case _:
            return None  # a bare kubeconfig: no cloud account of which we know


def _aws_account(cloud: _Fields) -> str | None:
    account = cloud.text("account", longest=120).replace("-", "")
    if not account:
        return None
    if not (account.isascii() and account.isdigit() and len(account) <= ACCOUNT_DIGITS):
        raise cloud.wrong("account", f"is not an AWS account id of {ACCOUNT_DIGITS} digits")
    return account.zfill(ACCOUNT_DIGITS)  # a tool that took it for a number lost the zeros


def _region(provider: str, cloud: _Fields) -> str | None:
    keys = {"aws": ("region",), "gcp": ("zone", "region")}.get(provider, ())
    return next(filter(None, (cloud.text(key, longest=60) for key in keys)), None)


def _hubs(data: _Fields) -> tuple[HubFile, ...]:
    hubs = tuple(
        HubFile(
            name=hub.needed("name", longest=120),
            display_name=hub.text("display_name", longest=200),
            domain=hub.text("domain", longest=253),
        )
        for hub in data.items("hubs")
    )
    names = [hub.name for hub in hubs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"the hub {', '.join(twice)} stands twice.", remedy="Keep one.")
    return hubs
