"""What an app of HubSpot's developer platform must listen to, as the file that it is made from."""

from typing import Any, Final

DEAL: Final = "deal"
EVENTS: Final = ("creation", "deletion", "restore", "merge", "associationChange")
# Those that every account has; the customer's own dates come with the next look for changes.
PROPERTIES: Final = (
    "amount", "closedate", "deal_currency_code", "dealname", "dealstage", "hubspot_owner_id",
    "pipeline",
)  # fmt: skip
AT_ONCE: Final = 10  # requests: what HubSpot does where nothing is said


def webhooks_file(base_url: str) -> dict[str, Any]:
    """Return the content of `webhooks-hsmeta.json`.

    Source: https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks
    """
    events = [
        {"subscriptionType": f"object.{event}", "objectType": DEAL, "active": True}
        for event in EVENTS
    ]
    changes = [
        {
            "subscriptionType": "object.propertyChange",
            "objectType": DEAL,
            "propertyName": name,
            "active": True,
        }
        for name in PROPERTIES
    ]
    return {
        "uid": "throughline-webhooks",
        "type": "webhooks",
        "config": {
            "settings": {
                "targetUrl": f"{base_url}/hooks/hubspot",
                "maxConcurrentRequests": AT_ONCE,
            },
            "subscriptions": {
                "crmObjects": [*events, *changes],
                "legacyCrmObjects": [],
                "hubEvents": [],
            },
        },
    }
