"""One Terraform variables file read into a value: whether a cloud account's budget alert is armed.

Source: variable "default_budget_alert" of https://github.com/2i2c-org/infrastructure
(terraform/aws/variables.tf): an object whose `enabled` is true unless it is switched off.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from throughline.intake.plain_variables import NotPlain, plain_variables
from throughline.kernel.errors import Refused

MAX_BYTES = 1_000_000  # the largest real one has 9 kB
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class AlertFile:
    """What a tfvars file says about one cluster's budget alerts."""

    cluster: str
    armed: bool
    explicit: tuple[dict[str, Any], ...]  # `budget_alerts`; a map's keys become "name"
    file: str


def read_tfvars(raw: bytes, *, file: str) -> AlertFile:
    """Return what a Terraform variables file says about budget alerts.

    Raises:
        Refused: the file cannot be parsed, or a variable that we need has the wrong type.
    """
    values = _parse(raw)
    explicit = _explicit(values.get("budget_alerts"))
    return AlertFile(
        cluster=_cluster_name(values.get("cluster_name"), file),
        armed=_default_armed(values) or bool(explicit),
        explicit=explicit,
        file=file,
    )


def _parse(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise Refused("too large for a tfvars file.", remedy="Keep it under 1 MB.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            f"not UTF-8 (byte {error.start}).", remedy="Save it as UTF-8 and try again."
        ) from None
    try:
        return plain_variables(text)
    except (NotPlain, RecursionError):
        return parse_hcl(text)


def parse_hcl(text: str) -> dict[str, Any]:
    """Return the values of a file in Terraform's language, whatever it uses of it.

    Raises:
        Refused: it is not in that language.
    """
    import hcl2  # noqa: PLC0415 -- slow import, and rarely needed
    from hcl2.utils import SerializationOptions  # noqa: PLC0415 -- as above

    # python-hcl2 8 keeps quotes and comments unless told otherwise, so that it can write files back
    values_only = SerializationOptions(
        with_comments=False, strip_string_quotes=True, explicit_blocks=False
    )
    try:
        values: dict[str, Any] = hcl2.loads(text, serialization_options=values_only)
    except Exception as error:  # lark's errors, and whatever its callbacks raise
        line = getattr(error, "line", 0)
        where = f"line {line}: " if isinstance(line, int) and line > 0 else ""
        raise Refused(
            f"{where}not readable as Terraform variables.", remedy="Run `terraform fmt` on it."
        ) from error
    return values


def _cluster_name(value: Any, file: str) -> str:
    if value is None:
        return PurePosixPath(file).stem
    if not isinstance(value, str) or not value or "${" in value or len(value) > MAX_NAME:
        raise Refused(
            "cluster_name is not a plain name.", remedy="Write the cluster's name in quotes."
        )
    return value


def _default_armed(values: dict[str, Any]) -> bool:
    default = values.get("default_budget_alert")
    if not isinstance(default, dict | None):
        raise Refused(
            "default_budget_alert is not an object.", remedy='Write { "enabled" : false }.'
        )
    # GCP's and Azure's variables have a plain switch in the place of AWS's object
    return _is_on("default_budget_alert.enabled", _plain(default or {}).get("enabled")) and _is_on(
        "budget_alert_enabled", values.get("budget_alert_enabled")
    )


def _is_on(name: str, value: Any) -> bool:
    match value:
        case None | True | "true":  # Terraform reads the text "true" as true
            return True
        case False | "false":
            return False
        case _:
            raise Refused(f"{name} is neither true nor false.", remedy="Write true or false.")


def _explicit(value: Any) -> tuple[dict[str, Any], ...]:
    match value:
        case None:
            return ()
        case dict():
            return tuple({"name": name, **_entry(entry)} for name, entry in _plain(value).items())
        case list():
            return tuple(_entry(entry) for entry in _plain(value))
        case _:
            raise Refused(
                "budget_alerts is neither a map nor a list.", remedy="Write a map of objects."
            )


def _entry(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"value": value}


def _plain(value: Any) -> Any:
    """Return a value whose keys have lost the quotes that python-hcl2 keeps on them."""
    match value:
        case dict():
            return {str(key).strip('"'): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value
