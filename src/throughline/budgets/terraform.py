"""What Terraform is told where it makes the budgets of AWS accounts.

Source: variable "default_budget_alert" of https://github.com/2i2c-org/infrastructure
(terraform/aws/variables.tf). It knows no ceiling of an agreement: that one is watched here.
"""

import json


def variables_for(to: str) -> str:
    """Return the variables that arm an account's budget and tell an address."""
    return (
        "default_budget_alert = {\n"
        '  "enabled" : true,\n'
        f'  "subscriber_email_addresses" : [{json.dumps(to)}],\n'
        "}\n"
    )
