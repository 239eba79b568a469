"""Every address of the API: how it is called, who may, and which token. The tests' own word.

An address that is not here fails `test_matrix.py`. A router's engineer adds a line to this table.
"""

from typing import NamedTuple

STAFF = frozenset({"BD", "PS", "Lead", "Admin"})
BD_LEAD_ADMIN = frozenset({"BD", "Lead", "Admin"})
BD_ADMIN = frozenset({"BD", "Admin"})
PS_ADMIN = frozenset({"PS", "Admin"})
PS_LEAD_ADMIN = frozenset({"PS", "Lead", "Admin"})
BD_PS_ADMIN = frozenset({"BD", "PS", "Admin"})
SPONSOR_ADMIN = frozenset({"Sponsor", "Admin"})
SEES_MONEY = frozenset({"BD", "Lead", "Sponsor", "Admin"})

READ = frozenset({"read"})
SALES = frozenset({"sales:write"})
DELIVERY = frozenset({"delivery:write"})
CAPACITY = frozenset({"capacity:write"})
WRITES_FACTS = SALES | CAPACITY


class Call(NamedTuple):
    """One call of an address: with what, by which roles, with which scopes (one is enough)."""

    path: str
    hats: frozenset[str] = STAFF
    scopes: frozenset[str] = READ
    body: object = None


D, E = "/api/v1/deals/771", "/api/v1/engagements/771"
TABLE = {
    ("get", "deals"): Call("/api/v1/deals"),
    ("post", "deals"): Call("/api/v1/deals", BD_LEAD_ADMIN, SALES, {"name": "One"}),
    ("get", "deals/<reference>"): Call(D),
    ("get", "deals/<reference>/gate"): Call(f"{D}/gate?to=Proposal"),
    ("get", "deals/<reference>/notes"): Call(f"{D}/notes"),
    ("get", "deals/<reference>/capacity"): Call(f"{D}/capacity"),
    ("get", "deals/<reference>/agreement"): Call(
        f"{D}/agreement", SEES_MONEY, frozenset({"money"})
    ),
    ("get", "deals/<reference>/statement"): Call(f"{D}/statement"),
    ("get", "deals/<reference>/people"): Call(
        f"{D}/people", STAFF, frozenset({"contacts"})
    ),
    ("post", "deals/<reference>/advance"): Call(
        f"{D}/advance", BD_LEAD_ADMIN, SALES, {"to": "Proposal"}
    ),
    ("post", "deals/<reference>/facts/<code>"): Call(
        f"{D}/facts/deal.owner", STAFF, WRITES_FACTS, {"value": {"owner": "ada"}}
    ),
    ("post", "deals/<reference>/waivers"): Call(
        f"{D}/waivers", STAFF, WRITES_FACTS,
        {"code": "ps.reviewed", "reason": "No.", "until": "2027-01-01"},
    ),
    ("post", "deals/<reference>/order"): Call(f"{D}/order", BD_ADMIN, SALES),
    ("post", "deals/<reference>/capacity"): Call(
        f"{D}/capacity", PS_LEAD_ADMIN, CAPACITY, {"answer": "yes"}
    ),
    ("post", "deals/<reference>/explanation"): Call(
        f"{D}/explanation", BD_LEAD_ADMIN, SALES, {"reason": "So."}
    ),
    ("post", "deals/<reference>/notes"): Call(
        f"{D}/notes", STAFF, WRITES_FACTS, {"text": "We said March.", "kind": "promise"}
    ),
    ("get", "deliverables"): Call("/api/v1/deliverables"),
    ("get", "deliverables/<number>"): Call("/api/v1/deliverables/{deliverable}"),
    ("post", "deliverables/<number>/done"): Call(
        "/api/v1/deliverables/{deliverable}/done", PS_ADMIN, DELIVERY, {"evidence": "Seen."}
    ),
    ("post", "deliverables/<number>/verify"): Call(
        "/api/v1/deliverables/{deliverable}/verify", BD_ADMIN, DELIVERY, {}
    ),
    ("post", "deliverables/<number>/return"): Call(
        "/api/v1/deliverables/{deliverable}/return", BD_ADMIN, DELIVERY, {"because": "No."}
    ),
    ("get", "engagements"): Call("/api/v1/engagements"),
    ("get", "engagements/first-value"): Call("/api/v1/engagements/first-value"),
    ("get", "engagements/<reference>"): Call(E),
    ("get", "engagements/<reference>/ledger"): Call(f"{E}/ledger"),
    ("get", "engagements/<reference>/returns"): Call(f"{E}/returns"),
    ("get", "engagements/<reference>/drift"): Call(f"{E}/drift"),
    ("get", "engagements/<reference>/ready"): Call(f"{E}/ready"),
    ("get", "engagements/<reference>/promises"): Call(f"{E}/promises"),
    ("get", "engagements/<reference>/joint"): Call(f"{E}/joint"),
    ("get", "engagements/<reference>/outcomes"): Call(f"{E}/outcomes"),
    ("get", "engagements/<reference>/plans"): Call(f"{E}/plans"),
    ("post", "engagements/<reference>/accept"): Call(f"{E}/accept", PS_ADMIN, DELIVERY),
    ("post", "engagements/<reference>/health"): Call(
        f"{E}/health", PS_ADMIN, DELIVERY, {"health": "on_track"}
    ),
    ("get", "plans/<number>"): Call("/api/v1/plans/1"),
    ("post", "plans/<number>/approve"): Call("/api/v1/plans/1/approve", BD_PS_ADMIN, DELIVERY),
    ("post", "plans/<number>/reject"): Call(
        "/api/v1/plans/1/reject", BD_PS_ADMIN, DELIVERY, {"because": "No."}
    ),
    ("post", "returns/<number>/answer"): Call(
        "/api/v1/returns/1/answer", BD_LEAD_ADMIN, SALES, {"text": "So."}
    ),
    ("get", "engagements/<reference>/services"): Call(f"{E}/services"),
    ("get", "engagements/<reference>/plan"): Call(f"{E}/plan"),
    ("post", "engagements/<reference>/plans"): Call(f"{E}/plans", STAFF, DELIVERY),
    ("get", "capacity/deals/<reference>"): Call("/api/v1/capacity/deals/771"),
    ("get", "meetings"): Call("/api/v1/meetings"),
    ("get", "meetings/decisions"): Call("/api/v1/meetings/decisions"),
    ("post", "meetings"): Call("/api/v1/meetings", STAFF, SALES | DELIVERY),
    ("post", "meetings/<held_on>/decisions"): Call(
        "/api/v1/meetings/2026-03-02/decisions", STAFF, SALES | DELIVERY, {"text": "Ask again."}
    ),
    ("post", "meetings/<held_on>/close"): Call(
        "/api/v1/meetings/2026-03-02/close", STAFF, SALES | DELIVERY
    ),
    ("post", "meetings/decisions/<number>/settle"): Call(
        "/api/v1/meetings/decisions/1/settle", STAFF, SALES | DELIVERY
    ),
    ("get", "meetings/agenda"): Call("/api/v1/meetings/agenda"),
    ("get", "meetings/<held_on>"): Call("/api/v1/meetings/2026-03-02"),
    ("get", "billing/months"): Call("/api/v1/billing/months", SEES_MONEY, frozenset({"money"})),
    ("get", "billing/months/<month>"): Call(
        "/api/v1/billing/months/2026-03", SEES_MONEY, frozenset({"money"})
    ),
    ("get", "billing/unbilled"): Call(
        "/api/v1/billing/unbilled", SEES_MONEY, frozenset({"money"})
    ),
    ("get", "budgets"): Call("/api/v1/budgets"),
    ("get", "alerts"): Call("/api/v1/alerts"),
    ("get", "alerts/<number>"): Call("/api/v1/alerts/1"),
    ("post", "alerts/<number>/take"): Call("/api/v1/alerts/1/take", STAFF, SALES | DELIVERY),
    ("post", "alerts/<number>/acknowledge"): Call(
        "/api/v1/alerts/1/acknowledge", STAFF, SALES | DELIVERY
    ),
    ("post", "alerts/<number>/cause"): Call(
        "/api/v1/alerts/1/cause", STAFF, SALES | DELIVERY, {"text": "A workshop."}
    ),
    ("post", "alerts/<number>/decide"): Call(
        "/api/v1/alerts/1/decide", STAFF, SALES | DELIVERY,
        {"decision": "expected", "because": "It was planned."},
    ),
    ("get", "renewals"): Call("/api/v1/renewals"),
    ("get", "findings"): Call("/api/v1/findings"),
    ("get", "process"): Call("/api/v1/process"),
    ("get", "communities"): Call("/api/v1/communities"),
    ("get", "communities/<reference>"): Call("/api/v1/communities/Community 1"),
    ("get", "contacts"): Call("/api/v1/contacts", STAFF, frozenset({"contacts"})),
    ("get", "contacts/<reference>"): Call(
        "/api/v1/contacts/bo@example.org", STAFF, frozenset({"contacts"})
    ),
    ("get", "sponsor-work"): Call(
        "/api/v1/sponsor-work", STAFF | {"Sponsor"}, frozenset({"read", "sponsor:write"})
    ),
    ("post", "sponsor-work/<number>/take"): Call(
        "/api/v1/sponsor-work/1/take", SPONSOR_ADMIN, frozenset({"sponsor:write"})
    ),
    ("post", "sponsor-work/<number>/done"): Call(
        "/api/v1/sponsor-work/1/done", SPONSOR_ADMIN, frozenset({"sponsor:write"}),
        {"receipt": "C-1"},
    ),
    ("get", "waivers"): Call("/api/v1/waivers"),
    ("post", "waivers/<number>/renew"): Call(
        "/api/v1/waivers/1/renew", STAFF, WRITES_FACTS, {"until": "2027-01-01"}
    ),
    ("post", "waivers/<number>/withdraw"): Call(
        "/api/v1/waivers/1/withdraw", STAFF, WRITES_FACTS
    ),
    ("get", "exceptions"): Call("/api/v1/exceptions"),
    ("get", "search"): Call(
        "/api/v1/search?q=deal", STAFF | {"Sponsor"}, frozenset({"read", "sponsor:write"})
    ),
    ("get", "journal"): Call("/api/v1/journal", STAFF, frozenset({"journal"})),
}  # fmt: skip
READS = {name: call for (method, name), call in TABLE.items() if method == "get"}
