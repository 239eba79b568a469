"""The one way in for facts, with every form loaded."""

from throughline.sales.actions import agreement_facts, closing_facts, opening_facts
from throughline.sales.actions.facts import FACTS, describe_form, parse_value, record_fact

FORMS = (opening_facts, closing_facts, agreement_facts)  # importing them registers their facts

__all__ = ["FACTS", "FORMS", "describe_form", "parse_value", "record_fact"]
