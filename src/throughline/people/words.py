"""The roles people have here, and what each may do. This table is the only one."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a person may do or see."""

    READ = "read"
    SEE_MONEY = "see_money"
    EDIT_DEALS = "edit_deals"
    ADVANCE_DEALS = "advance_deals"
    ASK_PS = "ask_ps"
    ANSWER_PS = "answer_ps"
    SEE_CAPACITY = "see_capacity"
    KEEP_TEAM = "keep_team"
    ALLOW_EARLY_START = "allow_early_start"
    ORDER = "order"
    PLAN_HANDOFF = "plan_handoff"
    APPLY_HANDOFF = "apply_handoff"
    ACCEPT_HANDOFF = "accept_handoff"
    DELIVER = "deliver"
    VERIFY = "verify"
    SPONSOR_WORK = "sponsor_work"
    SEND_LINKS = "send_links"
    READ_JOURNAL = "read_journal"
    SEE_CONTACTS = "see_contacts"
    ADMINISTER = "administer"


class RoleName(StrEnum):
    """The hats people wear; one person may wear several."""

    BD = "BD"
    PS = "PS"
    LEAD = "Lead"
    SPONSOR = "Sponsor"
    ADMIN = "Admin"


P = Permission
_STAFF = frozenset({P.READ, P.SEND_LINKS, P.PLAN_HANDOFF, P.READ_JOURNAL, P.SEE_CONTACTS})
ROLES: dict[RoleName, frozenset[Permission]] = {
    RoleName.BD: _STAFF
    | {P.SEE_MONEY, P.EDIT_DEALS, P.ADVANCE_DEALS, P.ASK_PS, P.ORDER, P.APPLY_HANDOFF, P.VERIFY}
    | {P.SEE_CAPACITY},
    RoleName.PS: _STAFF
    | {P.ANSWER_PS, P.APPLY_HANDOFF, P.ACCEPT_HANDOFF, P.DELIVER}
    | {P.SEE_CAPACITY, P.KEEP_TEAM},
    RoleName.LEAD: _STAFF
    | {P.SEE_MONEY, P.ALLOW_EARLY_START, P.ASK_PS, P.ANSWER_PS, P.ADVANCE_DEALS, P.EDIT_DEALS}
    | {P.SEE_CAPACITY, P.KEEP_TEAM},
    RoleName.SPONSOR: frozenset({P.SPONSOR_WORK, P.SEE_MONEY}),
    RoleName.ADMIN: frozenset(Permission),
}


def hats_with(permission: Permission) -> list[str]:
    """Return the roles that have a permission, in the order of the table."""
    return [role.value for role, granted in ROLES.items() if permission in granted]


class Scope(StrEnum):
    """One thing that a token may be used for. A token never may more than its person."""

    READ = "read"
    MONEY = "money"
    CONTACTS = "contacts"
    JOURNAL = "journal"
    SALES = "sales:write"
    DELIVERY = "delivery:write"
    CAPACITY = "capacity:write"
    SPONSOR = "sponsor:write"


# What is not here nobody does with a token: handing out links, and administering.
SCOPES: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset({P.READ, P.SEE_CAPACITY}),
    Scope.MONEY: frozenset({P.SEE_MONEY}),
    Scope.CONTACTS: frozenset({P.SEE_CONTACTS}),
    Scope.JOURNAL: frozenset({P.READ_JOURNAL}),
    Scope.SALES: frozenset({P.EDIT_DEALS, P.ADVANCE_DEALS, P.ASK_PS, P.ORDER, P.ALLOW_EARLY_START}),
    Scope.DELIVERY: frozenset(
        {P.DELIVER, P.VERIFY, P.PLAN_HANDOFF, P.APPLY_HANDOFF, P.ACCEPT_HANDOFF}
    ),
    Scope.CAPACITY: frozenset({P.ANSWER_PS, P.KEEP_TEAM}),
    Scope.SPONSOR: frozenset({P.SPONSOR_WORK}),
}


def scopes_with(permission: Permission) -> list[str]:
    """Return the scopes that carry a permission, in the order of the table."""
    return [scope.value for scope, carried in SCOPES.items() if permission in carried]
