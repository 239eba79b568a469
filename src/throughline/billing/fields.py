"""A column for amounts that keeps every digit, on every database."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    ExactDecimalField = models.DecimalField  # what is given and taken is the same
else:

    class ExactDecimalField(models.CharField):
        """A decimal number as it was written.

        SQLite would keep 15 digits of a number and PostgreSQL a fixed number of decimals; providers
        write up to ten decimals. Sums are made in Python, where they are exact.
        """

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("max_length", 60)
            super().__init__(*args, **kwargs)

        def from_db_value(self, value: str | None, *_args: Any) -> Decimal | None:
            """Return what the column holds."""
            return None if value is None else Decimal(value)

        def to_python(self, value: Any) -> Any:
            return None if value is None else Decimal(value)

        def get_prep_value(self, value: Any) -> str | None:
            return None if value is None else f"{Decimal(value):f}"

        def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
            """Return a plain column: migrations need not know about us."""
            name, _path, args, kwargs = super().deconstruct()
            return name, "django.db.models.CharField", list(args), dict(kwargs)
