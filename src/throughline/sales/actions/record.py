"""The one way in for facts, with every form loaded."""

from throughline.sales.actions import (
    agreement_facts,
    capacity_facts,
    closing_facts,
    opening_facts,
    statement_facts,
)
from throughline.sales.actions.facts import FACTS, describe_form, parse_value, record_fact

# Importing them registers their facts.
FORMS = (opening_facts, capacity_facts, statement_facts, closing_facts, agreement_facts)

__all__ = ["FACTS", "FORMS", "describe_form", "parse_value", "record_fact"]
