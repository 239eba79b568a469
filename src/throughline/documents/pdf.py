"""PDF by Typst: a template of ours, and words of others as data, which are never run as Typst."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

INPUT = "data"  # the template reads `json(bytes(sys.inputs.data))`


def make_pdf(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return the PDF that a template makes of data: the same for the same data and instant.

    The fonts are those of the Typst package; nothing of the machine is read.

    Raises:
        TypeError: Typst made something else, which cannot be.
    """
    compiler = typst.Compiler(
        template,
        root=template.parent,
        ignore_system_fonts=True,
        sys_inputs={INPUT: json.dumps(data, ensure_ascii=False, sort_keys=True)},
    )
    made = compiler.compile(format="pdf", timestamp=int(at.timestamp()))
    if not isinstance(made, bytes):
        raise TypeError("Typst made no PDF.")
    return made
