"""What must hold of the accounts that prices are booked to."""

from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source
from throughline.playbook.written import Written


def check_price_accounts(written: Written, source: Source) -> None:
    """Refuse price accounts that are none, stand twice, or are usual for a tier nobody sells.

    Raises:
        PlaybookError: the first such account.
    """
    accounts = written.billing.accounts
    if not accounts:
        source.refuse(
            ("billing", "accounts"),
            "no price has an account.",
            remedy='Write at least { code = "service", name = "Service", gl_code = "4224" }.',
        )
    tiers = {tier.code for tier in written.tiers}
    codes: set[str] = set()
    taken: dict[str, str] = {}
    for index, one in enumerate(accounts):
        at = ("billing", "accounts", index)
        if one.code in codes:
            source.refuse(
                at,
                f"{one.code!r} stands twice in 'billing.accounts'.",
                remedy="Keep one, or give this one another code.",
            )
        codes.add(one.code)
        for tier in one.usual_for:
            if tier not in tiers:
                source.refuse(
                    at,
                    f"account {one.code!r} is usual for the tier {tier!r}, which nobody knows.",
                    remedy=did_you_mean(tier, tiers),
                )
            if taken.setdefault(tier, one.code) != one.code:
                source.refuse(
                    at,
                    f"the tier {tier!r} has two accounts, {taken[tier]!r} and {one.code!r}.",
                    remedy="Name it in one of them.",
                )
    _check_charged(written, source, codes)


def _check_charged(written: Written, source: Source, codes: set[str]) -> None:
    for key in ("cloud_account", "usage_account"):
        code = getattr(written.billing, key)
        if code not in codes:
            source.refuse(
                ("billing", key),
                f"{key!r} names {code!r}, which is none of the accounts.",
                remedy=did_you_mean(code, codes),
            )
