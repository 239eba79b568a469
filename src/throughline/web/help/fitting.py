"""Which document helps with which page: by the name of its address, the longest beginning first."""

from typing import Final

FITTING: Final = {
    "account": "how-to/let-people-in#sessions-and-tokens",
    "agreement": "how-to/record-an-agreement",
    "alert": "how-to/watch-budgets",
    "billing": "how-to/bill-the-cloud",
    "budget": "how-to/watch-budgets",
    "calendars": "how-to/renew-extend-or-end",
    "capacity": "how-to/keep-the-teams-hours",
    "communit": "how-to/keep-a-community-record",
    "contact": "how-to/keep-a-community-record",
    "deal": "reference/stages-and-gates",
    "deal-capacity": "how-to/answer-can-we-deliver-this",
    "deal-new": "tutorial/first-agreement",
    "design": "reference/design-system",
    "doctor": "reference/settings",
    "drift": "how-to/settle-drift",
    "engagement": "how-to/deliver-what-was-promised",
    "engagement-value": "how-to/verify-a-delivery",
    "exceptions": "how-to/settle-a-gate-that-was-bypassed",
    "first-values": "how-to/verify-a-delivery",
    "handoff": "how-to/hand-over-to-ps",
    "handoff-drift": "how-to/settle-drift",
    "hubspot": "how-to/connect-hubspot",
    "journal": "reference/journal-acts",
    "mail": "how-to/send-real-mail",
    "meeting": "how-to/hold-the-engagement-review",
    "message": "how-to/send-real-mail",
    "my-deliverables": "how-to/deliver-what-was-promised",
    "notes": "how-to/hand-over-to-ps",
    "offboarding": "how-to/renew-extend-or-end",
    "outbox": "how-to/send-real-mail",
    "people": "how-to/let-people-in",
    "person": "how-to/let-people-in",
    "pipeline": "reference/stages-and-gates",
    "playbook": "how-to/change-the-playbook",
    "preferences": "how-to/send-real-mail",
    "reconcile": "how-to/check-the-infrastructure-repository",
    "renewal": "how-to/renew-extend-or-end",
    "review": "how-to/ask-ps",
    "roles": "reference/permissions",
    "running": "how-to/renew-extend-or-end",
    "scope": "how-to/deliver-what-was-promised",
    "sponsor": "how-to/work-on-the-sponsor-desk",
    "start": "how-to/start-from-nothing",
    "statement": "how-to/write-a-statement-of-work",
    "today": "how-to/begin-the-day",
    "token": "how-to/use-the-api",
    "verification": "how-to/verify-a-delivery",
    "waivers": "how-to/settle-a-gate-that-was-bypassed",
    "webhook": "how-to/tell-other-programs",
    "week": "how-to/begin-the-day",
}


def fitting(name: str) -> str:
    """Return the document that helps with an address, "slug" or "slug#anchor"; "" where none does."""
    beginnings = (name[:length] for length in range(len(name), 0, -1))
    return next((FITTING[one] for one in beginnings if one in FITTING), "")
